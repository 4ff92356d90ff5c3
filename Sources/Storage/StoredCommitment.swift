import Billing
import MoneyAndTime
import Postgres

/// A period of a contract whose commitment is to be settled: what was taken of it, and what of it
/// is charged already.
package struct StoredCommitment: Sendable {
    package let period: StatementPeriod
    /// The version that rules the first day on which the contract does.
    package let version: Int64
    package let ruledDays: Int64
    package let daysOfPeriod: Int64
    package let billedSeconds: Int64
    /// The planned time of visits that the seller cancelled or did not come to.
    package let sellerSeconds: Int64

    package init(row: Row) throws {
        period = try StatementPeriod(key: row.decode("period"))
        version = try row.decode("version")
        ruledDays = try row.decode("days")
        daysOfPeriod = try row.decode("days_of_period")
        billedSeconds = try row.decode("billed")
        sellerSeconds = try row.decode("of_seller")
    }

    private static let columns: Query = """
        period, version::bigint as version, days::bigint as days,
            days_of_period::bigint as days_of_period, billed, of_seller
        """

    /// Those that are over, through one, for the seller, in their order, each with its `buyer` and
    /// with what of it is `charged`. Until the transaction ends no visit of them is charged.
    package static func due(_ contract: ContractID, through period: String) -> Query {
        """
        select \(columns), buyer, charged from commitments_due(\(contract), \(period))
        order by period
        """
    }

    /// Contracts of the caller, as the seller, with the periods of them that are to be settled.
    package static let unsettled: Query = """
        select v.contract, d.period
        from (select distinct contract from contract_version
            where seller = current_organisation() and signed_at is not null
              and convert_from(document, 'UTF8')::jsonb ? 'commitment') v
            cross join lateral commitment_to_settle(
                v.contract, to_char(market_now(), 'YYYY-MM')) d
        where d.charged is null order by d.period, v.contract
        """

    /// How the period that runs now stands; none where the contract has no commitment in it.
    package static func now(_ contract: ContractID) -> Query {
        """
        select \(columns), committed
        from (select p.period, c.version, c.days, c.days_of_period, t.billed, t.of_seller,
                div(c.minutes::numeric * c.days, c.days_of_period)::bigint as committed
            from contract_version v
                cross join lateral (
                    select billing_period(market_now(), v.time_zone) as period) p
                cross join lateral commitment_of(v.contract, p.period, market_now()) c
                cross join lateral taken_seconds(v.contract, p.period, market_now()) t
            where v.contract = \(contract) and v.signed_at is not null
              and v.effective @> market_now()) x
        """
    }

    /// Charges that are not what was missing of their commitment when they were sealed, for
    /// `verify`. What a dispute came to is agreed, and not computed.
    package static let wrong: Query = """
        select x.id
        from charge x
            left join charge f on f.contract = x.contract and f.period = x.period
                and f.cause = 'shortfall' and f.replaces is null
            left join lateral commitment_of(f.contract, f.period, f.recorded_at) c on true
            cross join lateral taken_seconds(x.contract, x.period, x.recorded_at) t
        where x.cause in ('shortfall', 'shortfall_returned') and x.replaces is null
          and not exists (select from charge r where r.contract = x.contract
              and r.period = x.period and r.replaces is not null
              and r.cause in ('shortfall', 'shortfall_returned'))
          and ((x.version, x.seconds_before) is distinct from (c.version, t.billed + t.of_seller)
            or (select sum(e.net) from charge e where e.contract = x.contract
                and e.period = x.period and e.cause in ('shortfall', 'shortfall_returned')
                and e.recorded_at <= x.recorded_at) is distinct from shortfall_cents(c.minutes,
                    c.price, c.rounding, c.days, c.days_of_period, x.seconds_before))
        order by x.id
        """
}
