import Billing
import Ledger
import Marketplace
import MoneyAndTime
import Storage
import StrictJSON

/// The months of the caller's own book: closing them, and what it says of them.
enum LedgerHandlers {
    static func getPeriods(_ call: Call) async throws -> Reply {
        try await .json(call.market.periods(call.request))
    }

    static func closePeriod(_ call: Call) async throws -> Reply {
        let month = try call.object { fields in
            try fields.parsed("month", BillingHandlers.period)
        }
        return try await .json(call.market.closePeriod(call.request, month: month))
    }

    static func getMonthBalance(_ call: Call) async throws -> Reply {
        try await .json(
            call.market.monthBalance(
                call.request, of: call.query.parsed("month", BillingHandlers.period)))
    }

    static func getAccountStatement(_ call: Call) async throws -> Reply {
        guard let account: AccountCode = try call.query.optionalEnumeration("account") else {
            throw Problem(
                .parameterMissing, "The query parameter is required.", parameter: "account")
        }
        return try await .page(
            call.market.accountStatement(
                call.request, of: account,
                with: call.query.parsed("counterparty", OrganisationID.init(typeID:)),
                in: call.query.parsed("month", BillingHandlers.period),
                page: call.page(LedgerPlace.init(_:))))
    }

    static func getAgeing(_ call: Call) async throws -> Reply {
        try await .json(
            call.market.ageing(
                call.request, on: call.query.parsed("on") { try CalendarDate(iso: $0) }))
    }

    static func getJournal(_ call: Call) async throws -> Reply {
        try await .file(
            call.market.journal(
                call.request, of: call.query.parsed("month", BillingHandlers.period)))
    }
}
