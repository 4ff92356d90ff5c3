import Marketplace
import MoneyAndTime
import StrictJSON

/// Offering, withdrawing and declining a version, comparing two; suspending and ending a contract.
enum ContractLifeHandlers {
    static func offer(_ call: Call) async throws -> Reply {
        try await .json(
            call.market.offerContractVersion(
                call.request, call.id("contract"), number: call.number("number")))
    }

    static func withdraw(_ call: Call) async throws -> Reply {
        try await .json(
            call.market.withdrawContractVersion(
                call.request, call.id("contract"), number: call.number("number")))
    }

    static func decline(_ call: Call) async throws -> Reply {
        let reason = try call.object { try $0.words("reason", max: 500) }
        return try await .json(
            call.market.declineContractVersion(
                call.request, call.id("contract"), number: call.number("number"),
                reason: reason))
    }

    static func compare(_ call: Call) async throws -> Reply {
        try await .json(
            call.market.compareContractVersions(
                call.request, call.id("contract"), number: call.number("number"),
                from: call.query.optionalInteger("from", in: 1...Int64(Int32.max))))
    }

    static func suspend(_ call: Call) async throws -> Reply {
        let reason = try call.object { try $0.words("reason", max: 500) }
        return try await .json(
            call.market.suspendContract(call.request, call.id("contract"), reason: reason))
    }

    static func resume(_ call: Call) async throws -> Reply {
        try await .json(call.market.resumeContract(call.request, call.id("contract")))
    }

    static func noticeEffect(_ call: Call) async throws -> Reply {
        try await .json(call.market.noticeEffect(call.request, call.id("contract")))
    }

    static func commitment(_ call: Call) async throws -> Reply {
        try await .json(call.market.commitment(call.request, of: call.id("contract")))
    }

    static func giveNotice(_ call: Call) async throws -> Reply {
        let (endsAt, reason) = try call.object { fields in
            (
                try fields.parsed("ends_at", Instant.init(rfc3339:)),
                try fields.words("reason", max: 500)
            )
        }
        return try await .json(
            call.market.giveNotice(
                call.request, call.id("contract"), endsAt: endsAt, reason: reason))
    }
}
