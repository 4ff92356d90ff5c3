import Marketplace
import MoneyAndTime
import StrictJSON

/// What is paid back of invoices.
enum RefundHandlers {
    static func refund(_ call: Call) async throws -> Reply {
        let (amount, paidOn) = try call.object { fields in
            try (
                fields.parsed("amount", BankEntryHandlers.above),
                fields.parsed("paid_on", CalendarDate.init(iso:))
            )
        }
        return try await .json(
            call.market.refundInvoice(
                call.request, call.id("invoice"), amount: amount, paidOn: paidOn))
    }
}
