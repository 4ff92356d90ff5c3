import Billing
import MoneyAndTime
import Postgres

/// A row of `rating_again`: charges of a month that were replaced by what a later version makes of
/// them.
package struct StoredRatingAgain: Sendable {
    package let id: RatingAgainID
    package let before: Money
    package let after: Money
    /// How many charges it replaced.
    package let charges: Int64
    package let ratedAt: Instant

    package init(row: Row) throws {
        id = try row.decode("id")
        before = try row.decode("net_before")
        after = try row.decode("net_after")
        charges = try row.decode("charges")
        ratedAt = try row.decode("rated_at")
    }

    package static func all(of contract: ContractID, period: String) -> Query {
        """
        select id, net_before, net_after, rated_at,
            (select count(*) from rating_again_line l where l.rating = r.id) as charges
        from rating_again r where contract = \(contract) and period = \(period) order by id
        """
    }

    /// Statements that may hold charges of the period wait: nobody disputes, accepts or invoices
    /// them meanwhile.
    package static func lockStatements(of contract: ContractID, period: String) -> Query {
        """
        select id from statement where contract = \(contract) and period >= \(period)
        order by id for update
        """
    }

    /// The rating, whose charges come next: each in the place of the one beside it.
    package static func insert(
        _ id: RatingAgainID, of contract: ContractID, period: String, seller: OrganisationID,
        buyer: OrganisationID, before: Money, after: Money,
        replacing pairs: [(replaced: ChargeID, charge: ChargeID)]
    ) -> [Query] {
        [
            """
            insert into rating_again (id, contract, period, seller, buyer, net_before, net_after)
            values (\(id), \(contract), \(period), \(seller), \(buyer), \(before), \(after))
            """,
            """
            insert into rating_again_line (rating, replaced, charge, seller, buyer)
            select \(id), l.replaced, l.charge, \(seller), \(buyer)
            from unnest(\(pairs.map { $0.replaced }), \(pairs.map { $0.charge }))
                as l (replaced, charge)
            """,
        ]
    }
}

/// What there is to know of a charge that stands, before it is rated again.
package struct StoredRatable: Sendable {
    package let charge: ChargeID
    package let starts: Instant
    package let plannedMinutes: Int64
    /// The version that rules its day now, where both signed it after the visit began.
    package let version: Int?
    package let invoice: InvoiceID?
    /// Without VAT: what its lines come to on its invoice, and what credit notes have left of that
    /// invoice; zero where it is on none.
    package let invoiced: Money
    package let remaining: Money
    package let isDisputed: Bool
    /// Its figure is what a dispute came to.
    package let isAgreed: Bool
    package let isCredited: Bool
    /// On an invoice that the seller's own system wrote.
    package let isRecorded: Bool
    /// Whether credit notes have taken all of it off its invoice, and without VAT, how much.
    package let isTakenBack: Bool
    package let credited: Money
    package let isSettledInternally: Bool
    /// Of a place in a block or a group session.
    package let isShared: Bool

    package init(row: Row) throws {
        charge = try row.decode("id")
        starts = try row.decode("starts")
        plannedMinutes = try row.decode("planned_minutes")
        version = try row.decode("version")
        invoice = try row.decode("invoice")
        invoiced = try row.decode("invoiced")
        remaining = try row.decode("remaining")
        isDisputed = try row.decode("disputed")
        isAgreed = try row.decode("agreed")
        credited = try row.decode("credited")
        isCredited = try row.decode("is_credited")
        isRecorded = try row.decode("recorded")
        isTakenBack = try row.decode("taken_back")
        isSettledInternally = try row.decode("settled_internally")
        isShared = try row.decode("shared")
    }

    /// Those of a period, in the order in which what they are for was first charged.
    package static func all(of contract: ContractID, period: String) -> Query {
        """
        select c.id, lower(x.during) as starts, v.number as version,
            (extract(epoch from upper(x.during) - lower(x.during)) / 60)::bigint
                as planned_minutes,
            i.invoice, coalesce(i.net, 0) as invoiced, coalesce(
                (select n.net from invoice n where n.id = i.invoice) - (
                    select coalesce(sum(n.net), 0) from credit_note n where n.invoice = i.invoice),
                0)::bigint as remaining,
            exists (select from dispute d where d.charge = c.id and d.state <> 'settled')
                as disputed,
            exists (select from dispute d where d.correction = c.id) as agreed,
            coalesce(i.is_credited, false) as is_credited,
            coalesce(i.credited, 0)::bigint as credited,
            coalesce(i.taken_back, false) as taken_back,
            exists (select from invoice n where n.id = i.invoice and n.document is null)
                as recorded,
            exists (select from internal_charge_line l where l.charge = c.id)
                as settled_internally,
            coalesce(b.block, b.group_session) is not null as shared
        from charge c left join booking b on b.id = c.booking left join block k on k.id = c.block
            cross join lateral (select coalesce(b.planned, k.during) as during) x
            left join lateral (select l.invoice, sum(l.net)::bigint as net,
                    sum(t.net) as credited, bool_or(t.net is not null) as is_credited,
                    bool_and(coalesce(t.net, 0) = l.net) as taken_back
                from invoice_line l cross join lateral (select sum(n.net) as net
                    from credit_note_line n
                    where (n.invoice, n.invoice_line) = (l.invoice, l.number)) t
                where l.charge = c.id group by 1) i on true
            left join contract_version v on v.contract = c.contract and v.number <> c.version
                and v.signed_at > lower(x.during) and v.effective @> lower(x.during)
        where c.contract = \(contract) and c.period = \(period)
            -- what is missing of a commitment stays, and is given back where more is billed
            and x.during is not null
            and not exists (select from charge r where r.replaces = c.id)
        order by coalesce((select min(f.recorded_at) from charge f where f.booking = c.booking),
            c.recorded_at), c.id
        """
    }
}
