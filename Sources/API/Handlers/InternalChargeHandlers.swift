import Marketplace
import MoneyAndTime
import StrictJSON

/// What units of one legal person settle without an invoice.
enum InternalChargeHandlers {
    static func settle(_ call: Call) async throws -> Reply {
        let total = try call.object { fields in
            try fields.parsed("total", BankEntryHandlers.above)
        }
        return try await .json(
            call.market.settleInternally(call.request, call.id("statement"), total: total))
    }

    static func get(_ call: Call) async throws -> Reply {
        try await .json(call.market.internalCharge(call.request, call.id("internal_charge")))
    }

    static func table(_ call: Call) async throws -> Reply {
        try await .file(call.market.internalChargeTable(call.request, call.id("internal_charge")))
    }
}
