import MoneyAndTime

/// A billing period of a contract: a calendar month, by its key such as `2026-03`.
package struct StatementPeriod: Hashable, Sendable {
    package let first: CalendarDate
    /// The last day, which belongs to the period.
    package let last: CalendarDate

    /// The month in which a day lies.
    package init(of day: CalendarDate) {
        first = day.firstOfMonth
        last = day.lastOfMonth
    }

    package init(key: String) throws {
        guard let first = try? CalendarDate(iso: "\(key)-01") else {
            throw BillingRefusal.periodMalformed(key)
        }
        self.init(of: first)
    }

    package var key: String { String(first.iso.prefix(7)) }
}

extension StatementPeriod: Comparable {
    package static func < (left: StatementPeriod, right: StatementPeriod) -> Bool {
        left.first < right.first
    }
}
