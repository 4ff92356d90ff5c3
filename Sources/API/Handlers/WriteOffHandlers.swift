import Marketplace
import MoneyAndTime
import StrictJSON

/// What is given up of invoices.
enum WriteOffHandlers {
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
