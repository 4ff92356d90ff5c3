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

    /// The same, and that of the period of another start, in the one order of all locks.
    package static func lock(of booking: BookingID, andAt start: Instant) -> [Query] {
        let periods: Query = """
            select b.contract, b.seller, b.buyer, periods.period
            from booking b
            join contract_version v on v.contract = b.contract and v.number = b.version
            cross join lateral (
                values (b.period), (billing_period(\(start), v.time_zone))) as periods (period)
            where b.id = \(booking)
            """
        return [
            """
            insert into budget_counter (contract, seller, buyer, period)
            select distinct contract, seller, buyer, period from (\(periods)) wanted
            order by contract, period on conflict do nothing
            """,
            """
            select c.reserved, c.used from budget_counter c
            where (c.contract, c.period) in (select contract, period from (\(periods)) wanted)
            order by c.contract, c.period for update of c
            """,
        ]
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
