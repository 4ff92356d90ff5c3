import Billing
import Marketplace
import MoneyAndTime
import Storage
import StrictJSON

/// Months that are priced again.
enum RatingAgainHandlers {
    static func get(_ call: Call) async throws -> Reply {
        try await .json(
            call.market.ratingAgain(
                call.request, of: call.id("contract"),
                period: call.query.parsed("period", BillingHandlers.period)))
    }

    static func rate(_ call: Call) async throws -> Reply {
        let (period, difference) = try call.object { fields in
            try (
                fields.parsed("period", BillingHandlers.period),
                fields.parsed("difference") { try Money(decimal: $0) }
            )
        }
        return try await .json(
            call.market.rateAgain(
                call.request, call.id("contract"), period: period, difference: difference))
    }
}
