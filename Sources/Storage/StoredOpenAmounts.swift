import Billing
import MoneyAndTime
import Postgres

/// Charges of one contract and period that no invoice has yet, and what they wait for.
package struct StoredUnbilled: Sendable {
    package enum Wait: String, Hashable, Sendable, CaseIterable {
        case statement, acceptance, dispute, invoice
        /// What comes to nothing or less is set against the contract's next statement.
        case nextStatement = "next_statement"
    }

    package let contract: ContractID
    package let seller: OrganisationID
    package let buyer: OrganisationID
    package let period: String
    package let wait: Wait
    package let charges: Int64
    package let amount: Money

    /// Charges of nothing are posted nowhere and wait for nothing.
    package static var all: Query {
        """
        select c.contract, c.seller, c.buyer, c.period,
            case when s.id is null then 'statement'
                when d.state <> 'settled' then 'dispute'
                when s.state = 'open' then 'acceptance'
                when u.together <= 0 then 'next_statement' else 'invoice' end as wait,
            count(*) as charges, sum(c.net)::bigint as amount
        from charge c
            left join stated_charge l on l.charge = c.id
            left join dispute d on d.charge = c.id
            left join statement s on s.id = l.statement
            left join uninvoiced_charge u on u.charge = c.id
        where c.net <> 0 and not exists (select from charge r where r.replaces = c.id)
            and not exists (select from billed_charge b where b.charge = c.id)
        group by 1, 2, 3, 4, 5 order by 4, 1, 5
        """
    }

    package init(row: Row) throws {
        guard let wait = Wait(rawValue: try row.decode("wait")) else {
            throw CellError.malformed("what a charge waits for")
        }
        contract = try row.decode("contract")
        seller = try row.decode("seller")
        buyer = try row.decode("buyer")
        period = try row.decode("period")
        self.wait = wait
        charges = try row.decode("charges")
        amount = try row.decode("amount")
    }
}

/// An invoice of which something is open or owed back, on the day that it is by its contract's
/// clock.
package struct StoredOpenInvoice: Sendable {
    package let id: InvoiceID
    package let number: String
    package let seller: OrganisationID
    package let buyer: OrganisationID
    package let settlement: Settlement
    package let dueOn: CalendarDate
    package let today: CalendarDate

    package static var all: Query {
        """
        select i.id, i.number, i.seller, i.buyer, i.total, b.settled, b.credited, b.written_off,
            b.refunded, i.due_on,
            (market_now() at time zone v.time_zone)::date as today
        from invoice i join invoice_balance b on b.invoice = i.id
            join contract_version v on v.contract = i.contract and v.number = i.version
        where b.open > 0 or b.owed_back > 0 order by i.due_on, i.id
        """
    }

    package init(row: Row) throws {
        id = try row.decode("id")
        number = try row.decode("number")
        seller = try row.decode("seller")
        buyer = try row.decode("buyer")
        settlement = try Settlement(row: row)
        dueOn = try row.decode("due_on")
        today = try row.decode("today")
    }
}
