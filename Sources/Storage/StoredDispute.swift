import Billing
import MoneyAndTime
import Postgres

/// A row of `dispute` with the line that it is about.
package struct StoredDispute: Sendable {
    package let id: DisputeID
    package let statement: StatementID
    package let period: String
    package let charge: ChargeID
    package let contract: ContractID
    package let seller: OrganisationID
    package let buyer: OrganisationID
    package let service: String
    package let cause: Charge.Cause
    package let servedOn: CalendarDate
    package let billableSeconds: Int64
    package let dispute: Dispute
    /// The charge in the place of the disputed one.
    package let correction: ChargeID?
    package let openedAt: Instant
    package let answerBy: Instant
    package let escalatedAt: Instant?
    package let settledAt: Instant?
    package let revision: Int64

    package init(row: Row) throws {
        guard let cause = Charge.Cause(rawValue: try row.decode("cause")),
            let reason = Dispute.Reason(rawValue: try row.decode("reason")),
            let state = Dispute.State(rawValue: try row.decode("state"))
        else { throw CellError.malformed("a dispute") }
        let outcome: String? = try row.decode("outcome")
        id = try row.decode("id")
        statement = try row.decode("statement")
        period = try row.decode("period")
        charge = try row.decode("charge")
        contract = try row.decode("contract")
        seller = try row.decode("seller")
        buyer = try row.decode("buyer")
        service = try row.decode("service")
        self.cause = cause
        servedOn = try row.decode("served_on")
        billableSeconds = try row.decode("billable_seconds")
        escalatedAt = try row.decode("escalated_at")
        let proposed: Money? = try row.decode("proposed")
        let agreed: Money? = try row.decode("agreed")
        let minutes: Int64? = try row.decode("proposed_minutes")
        dispute = try Dispute(
            reason: reason, charged: row.decode("charged"),
            claimed: .init(
                net: row.decode("claimed"), minutes: row.decode("claimed_minutes")),
            proposed: proposed.map { .init(net: $0, minutes: minutes) }, state: state,
            isEscalated: escalatedAt != nil, outcome: outcome.flatMap(Dispute.Outcome.init),
            agreed: agreed.map { .init(net: $0) })
        correction = try row.decode("correction")
        openedAt = try row.decode("opened_at")
        answerBy = try row.decode("answer_by")
        settledAt = try row.decode("settled_at")
        revision = try row.decode("revision")
    }

    private static let columns: Query = """
        select d.id, d.statement, s.period, d.charge, d.contract, d.seller, d.buyer, c.service,
            c.cause, c.served_on, c.billable_seconds, d.reason, d.charged, d.claimed,
            d.claimed_minutes::bigint as claimed_minutes, d.proposed,
            d.proposed_minutes::bigint as proposed_minutes, d.state, d.outcome, d.agreed,
            d.correction, d.opened_at, d.answer_by, d.escalated_at, d.settled_at, d.revision
        from dispute d join statement s on s.id = d.statement join charge c on c.id = d.charge
        """

    package static func find(_ id: DisputeID) -> Query {
        "\(columns) where d.id = \(id)"
    }

    /// Its statement first, as whoever accepts or invoices it does.
    package static func lock(_ id: DisputeID) -> [Query] {
        [
            """
            select from statement
            where id = (select statement from dispute where id = \(id)) for update
            """,
            "\(columns) where d.id = \(id) for update of d",
        ]
    }

    package static func page(
        contract: ContractID?, statement: StatementID?, state: Dispute.State?, after: DisputeID?,
        limit: Int
    ) -> Query {
        """
        \(columns) where (\(contract)::uuid is null or d.contract = \(contract)::uuid)
            and (\(statement)::uuid is null or d.statement = \(statement)::uuid)
            and (\(state?.rawValue)::text is null or d.state = \(state?.rawValue)::text)
            and (\(after)::uuid is null or d.id > \(after)::uuid)
        order by d.id limit \(limit)
        """
    }

    package static func open(
        _ id: DisputeID, of charge: ChargeID, on statement: StoredStatement, _ dispute: Dispute,
        answerBy: Instant
    ) -> Query {
        """
        insert into dispute (id, statement, charge, contract, seller, buyer, reason, charged,
            claimed, claimed_minutes, answer_by)
        values (\(id), \(statement.id), \(charge), \(statement.contract), \(statement.seller),
            \(statement.buyer), \(dispute.reason.rawValue), \(dispute.charged),
            \(dispute.claimed.net), \(dispute.claimed.minutes), \(answerBy))
        """
    }

    /// What an answer made of it; `correction` is the charge that the same transaction seals.
    package func move(
        to next: Dispute, correction: ChargeID?, at now: Instant, answerBy: Instant
    ) -> Query {
        """
        update dispute set state = \(next.state.rawValue), proposed = \(next.proposed?.net),
            proposed_minutes = \(next.proposed?.minutes),
            outcome = \(next.outcome?.rawValue), agreed = \(next.agreed?.net),
            correction = \(correction), answer_by = \(answerBy),
            settled_at = \(next.state == .settled ? now : nil), revision = revision + 1
        where id = \(id)
        """
    }

    package func escalate(at now: Instant) -> Query {
        """
        update dispute set escalated_at = \(now), revision = revision + 1 where id = \(id)
        """
    }
}

/// A row of `dispute_word`: what a side said, and what shows it.
package struct StoredDisputeWord: Sendable {
    package let number: Int64
    package let side: String
    package let act: String
    package let words: String?
    package let evidence: [String]
    package let net: Money?
    package let minutes: Int64?
    package let saidAt: Instant

    package static func all(of id: DisputeID) -> Query {
        """
        select number, side, act, words, evidence, net, minutes::bigint as minutes, said_at
        from dispute_word where dispute = \(id) order by number
        """
    }

    package static func insert(
        of dispute: DisputeID, seller: OrganisationID, buyer: OrganisationID, side: Dispute.Side,
        act: String, words: String?, evidence: [String], figure: Dispute.Figure?
    ) -> Query {
        """
        insert into dispute_word (dispute, number, seller, buyer, side, act, words, evidence, net,
            minutes, member)
        select \(dispute)::uuid, 1 + count(*), \(seller)::uuid, \(buyer)::uuid,
            \(side.rawValue)::text, \(act)::text, \(words)::text, \(evidence)::text[],
            \(figure?.net)::bigint, \(figure?.minutes)::int, current_member()
        from dispute_word where dispute = \(dispute)::uuid
        """
    }

    package init(row: Row) throws {
        number = try row.decode("number")
        side = try row.decode("side")
        act = try row.decode("act")
        words = try row.decode("words")
        evidence = try row.decode("evidence")
        net = try row.decode("net")
        minutes = try row.decode("minutes")
        saidAt = try row.decode("said_at")
    }
}
