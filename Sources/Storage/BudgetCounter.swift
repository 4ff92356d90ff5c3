import MoneyAndTime
import Postgres

/// The one truth about a contract's budget and quota in a period: what live bookings reserve and
/// what charges use, in cents net of VAT, and how many visits and planned minutes are taken. The
/// database keeps it with them; it is locked before the booking, on every path.
package enum BudgetCounter {
    package static func lock(of booking: BookingID) -> Query {
        "select lock_budget(\(booking))"
    }

    /// The same, and that of the period of another start, in the one order of all locks.
    package static func lock(of booking: BookingID, andAt start: Instant) -> Query {
        "select lock_budget(\(booking), \(start))"
    }
}
