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

    /// The days that an invoice of it names: all of the period, widened by visits that came late,
    /// so that the days of each line lie inside (PEPPOL-EN16931-R110, R111).
    package func days(with lines: [ClosedRange<CalendarDate>]) -> ClosedRange<CalendarDate> {
        lines.reduce(first...last) { $0.joined(with: $1) }
    }
}

extension StatementPeriod: Comparable {
    package static func < (left: StatementPeriod, right: StatementPeriod) -> Bool {
        left.first < right.first
    }
}
