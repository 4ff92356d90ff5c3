import Billing
import Marketplace
import MoneyAndTime
import Storage
import StrictJSON

/// Runs in which all contracts of a seller go as far as they can.
enum BillingRunHandlers {
    static func list(_ call: Call) async throws -> Reply {
        try await .page(
            call.market.listBillingRuns(
                call.request, page: call.page(BillingRunID.init(typeID:))))
    }

    static func start(_ call: Call) async throws -> Reply {
        let period = try call.object { fields in
            try fields.parsed("period", BillingHandlers.period)
        }
        return try await .json(call.market.startBillingRun(call.request, through: period))
    }

    static func get(_ call: Call) async throws -> Reply {
        try await .json(call.market.billingRun(call.request, call.id("billing_run")))
    }
}
