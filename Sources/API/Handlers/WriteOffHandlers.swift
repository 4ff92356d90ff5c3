import Marketplace
import MoneyAndTime
import StrictJSON

/// What is given up of invoices, and of what the buyer is reminded.
enum WriteOffHandlers {
    static func remind(_ call: Call) async throws -> Reply {
        try await .json(call.market.remindOfInvoice(call.request, call.id("invoice")))
    }

    static func writeOff(_ call: Call) async throws -> Reply {
        let (amount, reason) = try call.object { fields in
            try (
                fields.parsed("amount", BankEntryHandlers.above),
                fields.words("reason", max: Market.longestWriteOffReason)
            )
        }
        return try await .json(
            call.market.writeOffInvoice(
                call.request, call.id("invoice"), amount: amount, reason: reason))
    }
}
