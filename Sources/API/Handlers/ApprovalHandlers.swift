import Marketplace
import MoneyAndTime
import Storage
import StrictJSON

/// Time that a manager approves before it is on sale.
enum ApprovalHandlers {
    static func get(_ call: Call) async throws -> Reply {
        try await .json(call.market.availabilityApproval(call.request))
    }

    static func update(_ call: Call) async throws -> Reply {
        let required = try call.object { try $0.bool("required") }
        return try await .json(
            call.market.updateAvailabilityApproval(
                call.request, revision: call.ifMatch, required: required))
    }

    static func list(_ call: Call) async throws -> Reply {
        try await .page(
            call.market.listProposedAvailability(
                call.request,
                state: call.query.optionalEnumeration("state", as: StoredApproval.State.self),
                page: call.page(AvailabilityRuleID.init(typeID:))))
    }

    static func approve(_ call: Call) async throws -> Reply {
        try await .json(call.market.approveAvailability(call.request, call.id("availability")))
    }

    static func decline(_ call: Call) async throws -> Reply {
        let reason = try call.object { try $0.words("reason", max: 500) }
        return try await .json(
            call.market.declineAvailability(
                call.request, call.id("availability"), reason: reason))
    }
}
