import Marketplace
import MoneyAndTime
import StrictJSON

/// Time from a roster, as a table.
enum RosterHandlers {
    static func preview(_ call: Call) async throws -> Reply {
        let roster = try call.object(Market.Roster.init(fields:))
        return try await .json(call.market.previewRoster(call.request, roster))
    }

    static func importFile(_ call: Call) async throws -> Reply {
        let (digest, roster) = try call.object { fields in
            try (fields.digest("digest"), Market.Roster(fields: &fields))
        }
        return try await .json(
            call.market.importRoster(call.request, roster, digest: digest))
    }
}

extension Market.Roster {
    fileprivate init(fields: inout JSONFields) throws {
        let first = try fields.parsed("first_day", CalendarDate.init(iso:))
        let last = try fields.parsed("last_day", CalendarDate.init(iso:))
        guard first <= last, last.days(since: first) < Self.mostDays else {
            throw fields.problem(
                "last_day", .outOfRange,
                "must not be before first_day, and at most \(Self.mostDays) days in all")
        }
        self = try Market.Roster(
            bytes: Array(fields.string("file", min: 1, max: 500_000).utf8), days: first...last)
    }
}
