import MoneyAndTime
import Postgres

/// The one truth about a contract's budget in a period: what live bookings reserve, and what
/// charges use, in cents net of VAT. Locked before the booking, on every path.
package enum BudgetCounter {
    package static func lock(of booking: BookingID) -> Query {
        """
        select c.reserved, c.used from budget_counter c
        join booking b on b.contract = c.contract and b.period = c.period
        where b.id = \(booking) order by c.contract, c.period for update of c
        """
    }

    /// A booking's quote goes back, and what was charged instead is used.
    package static func settle(
        contract: ContractID, period: String, quote: Money, charged: Money
    ) -> Query {
        """
        update budget_counter set reserved = reserved - \(quote), used = used + \(charged)
        where contract = \(contract) and period = \(period)
        """
    }
}
