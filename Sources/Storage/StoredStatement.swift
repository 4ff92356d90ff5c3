import Billing
import Contracts
import MoneyAndTime
import Postgres

/// A row of `statement`.
package struct StoredStatement: Sendable {
    package let id: StatementID
    package let contract: ContractID
    package let period: String
    /// The how manieth statement of its contract and period it is, from one.
    package let run: Int64
    package let seller: OrganisationID
    package let buyer: OrganisationID
    package let state: StatementState
    package let total: Money
    /// What the buyer accepts: what stands of the lines that nobody disputes.
    package let undisputed: Money
    package let isInvoiced: Bool
    /// What the next run would put on invoices, once it is accepted.
    package let toInvoice: Money
    /// What is to be made of that, by the versions that priced it.
    package let documents: [BillingTerms.Document]
    /// What comes to nothing or less, and is set against later statements; zero until it is
    /// accepted.
    package let toCarry: Money
    package let createdAt: Instant
    package let acceptedAt: Instant?
    package let revision: Int64

    package init(row: Row) throws {
        guard let state = StatementState(rawValue: try row.decode("state")) else {
            throw CellError.malformed("a statement's state")
        }
        id = try row.decode("id")
        contract = try row.decode("contract")
        period = try row.decode("period")
        run = try row.decode("run")
        seller = try row.decode("seller")
        buyer = try row.decode("buyer")
        self.state = state
        total = try row.decode("total")
        undisputed = try row.decode("undisputed")
        isInvoiced = try row.decode("invoiced")
        toInvoice = try row.decode("to_invoice")
        documents = try row["documents", [String].self].map { text in
            guard let document = BillingTerms.Document(rawValue: text) else {
                throw CellError.malformed("what is made of a statement")
            }
            return document
        }
        toCarry = try row.decode("to_carry")
        createdAt = try row.decode("created_at")
        acceptedAt = try row.decode("accepted_at")
        revision = try row.decode("revision")
    }

    /// Of a `statement` of this name.
    private static let selected: Query = """
        id, contract, period, run, seller, buyer, state, total, created_at, accepted_at,
            revision, exists (select from invoice i where i.statement = statement.id) as invoiced,
            (select coalesce(sum(c.net), 0)::bigint from charge c where c.id in (
                select b.charge from billable_charge b where b.statement = statement.id
                union all
                select l.charge from statement_line l where l.carried_from = statement.id))
                as undisputed,
            (select coalesce(sum(u.net), 0)::bigint from uninvoiced_charge u
                where u.statement = statement.id and u.together > 0) as to_invoice,
            documents_to_make(statement.id) as documents,
            (select coalesce(sum(u.net), 0)::bigint from uninvoiced_charge u
                where u.statement = statement.id and u.together <= 0
                and statement.state = 'accepted') as to_carry
        """

    private static let columns: Query = "select \(selected) from statement"

    package static func find(_ id: StatementID) -> Query {
        "\(columns) where id = \(id)"
    }

    package static func lock(_ id: StatementID) -> Query {
        "\(columns) where id = \(id) for update"
    }

    package static func page(
        contract: ContractID?, state: StatementState?, after: StatementID?, limit: Int
    ) -> Query {
        """
        \(columns) where (\(contract)::uuid is null or contract = \(contract)::uuid)
            and (\(state?.rawValue)::text is null or state = \(state?.rawValue)::text)
            and (\(after)::uuid is null or id > \(after)::uuid)
        order by id limit \(limit)
        """
    }

    /// What the contract's next statement carries of those up to a period, each charge with the
    /// statement that it is on.
    package static func toCarry(of contract: ContractID, through period: String) -> Query {
        """
        select u.charge, u.statement
        from statement s join uninvoiced_charge u on u.statement = s.id
        where s.contract = \(contract) and s.state = 'accepted' and s.period <= \(period)
            and u.together <= 0 and u.net <> 0
        """
    }

    /// Nothing of a contract's accepted statements is invoiced meanwhile.
    package static func lockAccepted(_ contract: ContractID) -> Query {
        """
        select id from statement where contract = \(contract) and state = 'accepted'
        order by id for update
        """
    }

    /// Statements of one contract are made one after the other.
    package static func claim(_ contract: ContractID) -> Query {
        """
        select pg_advisory_xact_lock(
            hashtextextended('aikatori.statement ' || \(contract)::uuid, 0))
        """
    }

    /// The statement, whose lines come next.
    package static func insert(_ statement: Statement) -> Query {
        """
        insert into statement (id, contract, period, run, seller, buyer, total)
        select \(statement.id), \(statement.contract), \(statement.period.key)::text,
            1 + coalesce(max(s.run), 0), \(statement.seller), \(statement.buyer),
            \(statement.total)
        from statement s
        where s.contract = \(statement.contract) and s.period = \(statement.period.key)::text
        """
    }

    /// In the transaction that made the statement.
    package static func insertLines(_ statement: Statement) -> Query {
        let own = statement.lines.filter { $0.carriedFrom == nil }.map(\.charge)
        let carried = statement.lines.filter { $0.carriedFrom != nil }
        return """
            insert into statement_line (statement, charge, seller, buyer, carried_from)
            select \(statement.id), l.charge, \(statement.seller), \(statement.buyer),
                l.carried_from
            from (select charge, null::uuid as carried_from from unnest(\(own)) as charge
                union all
                select * from unnest(\(carried.map(\.charge)),
                    \(carried.compactMap(\.carriedFrom)))) l (charge, carried_from)
            """
    }

    package static func accept(_ id: StatementID) -> Query {
        """
        update statement set state = 'accepted', accepted_at = market_now(),
            revision = revision + 1
        where id = \(id) returning \(selected)
        """
    }

    /// When the contract takes the buyer's silence for consent; `at` is the first instant after
    /// its days.
    package static func silence(of statement: Statement, at: Instant) -> Query {
        """
        insert into deadline (due_at, kind, subject, organisation, counterparty)
        values (\(at), \(Deadline.Kind.statementSilence.rawValue), \(statement.id),
            \(statement.buyer), \(statement.seller))
        """
    }
}

/// A line of a statement with what its reader needs of the charge.
package struct StoredStatementLine: Sendable {
    package let line: Statement.Line
    /// The session with others in which the visit had its place.
    package let groupSession: GroupSessionID?
    /// The charge's own period; an earlier one than the statement's if it came late.
    package let period: String
    /// What both sides attested; none of a cancellation.
    package let billableSeconds: Int64
    package let dispute: DisputeID?
    package let disputeState: Dispute.State?
    /// Where it was carried to, after it came to nothing or less here.
    package let carriedTo: StatementID?

    /// Whether it waits for the end of its dispute.
    package var isDisputed: Bool { disputeState.map { $0 != .settled } ?? false }

    package static func all(of id: StatementID) -> Query {
        """
        select c.id, c.booking, c.block, b.group_session, c.service, c.cause, c.served_on, c.net,
            c.period, c.billable_seconds, l.carried_from,
            l.carried_from is null and c.period < s.period as late, d.id as dispute,
            d.state as dispute_state, (select n.statement from statement_line n
                where (n.charge, n.carried_from) = (coalesce(d.correction, c.id), s.id))
                as carried_to, case when exists (select from charge r
                where r.replaces = coalesce(d.correction, c.id)) then 0
                else coalesce(d.agreed, c.net) end as standing
        from statement s join statement_line l on l.statement = s.id
            join charge c on c.id = l.charge left join booking b on b.id = c.booking
            left join block k on k.id = c.block left join dispute d on d.charge = c.id
        where s.id = \(id)
        order by c.served_on, coalesce(lower(b.planned), lower(k.during)), c.id
        """
    }

    package init(row: Row) throws {
        guard let cause = Charge.Cause(rawValue: try row.decode("cause")) else {
            throw CellError.malformed("a charge's cause")
        }
        line = Statement.Line(
            charge: try row.decode("id"), of: try Charge.Subject(row: row),
            service: try row.decode("service"), cause: cause,
            servedOn: try row.decode("served_on"), net: try row.decode("net"),
            isLate: try row.decode("late"), standing: try row.decode("standing"),
            carriedFrom: try row.decode("carried_from"))
        groupSession = try row.decode("group_session")
        period = try row.decode("period")
        billableSeconds = try row.decode("billable_seconds")
        dispute = try row.decode("dispute")
        let state: String? = try row.decode("dispute_state")
        disputeState = state.flatMap(Dispute.State.init)
        carriedTo = try row.decode("carried_to")
    }
}
