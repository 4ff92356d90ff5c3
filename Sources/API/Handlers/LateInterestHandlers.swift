import Billing
import Marketplace
import MoneyAndTime
import Storage
import StrictJSON

/// Interest on invoices that are paid late.
enum LateInterestHandlers {
    static func get(_ call: Call) async throws -> Reply {
        try await .json(
            call.market.lateInterest(
                call.request, on: call.id("invoice"),
                through: call.query.parsed("through") { try CalendarDate(iso: $0) }))
    }

    static func charge(_ call: Call) async throws -> Reply {
        let (day, amount) = try call.object { fields in
            try (
                fields.parsed("through") { try CalendarDate(iso: $0) },
                fields.parsed("amount") { try Money(decimal: $0) }
            )
        }
        return try await .json(
            call.market.chargeLateInterest(
                call.request, on: call.id("invoice"), through: day, amount: amount))
    }
}
