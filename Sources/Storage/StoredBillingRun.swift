import Billing
import MoneyAndTime
import Postgres

/// A row of `billing_run`, with how far its steps are.
package struct StoredBillingRun: Sendable {
    package let id: BillingRunID
    package let period: StatementPeriod
    package let begunBy: MemberID?
    package let begunAt: Instant
    package let steps: Int64
    package let waiting: Int64
    package let refused: Int64
    /// How many were made, and what they come to without VAT.
    package let statements: Int64
    package let stated: Money
    package let invoices: Int64
    package let invoiced: Money

    private static let columns: Query = """
        select r.id, r.period, r.begun_by, r.begun_at, s.*
        from billing_run r cross join lateral (
            select count(*) as steps,
                count(*) filter (where state = 'waiting') as waiting,
                count(*) filter (where state = 'refused') as refused,
                coalesce(sum(made) filter (where kind = 'statement'), 0) as statements,
                coalesce(sum(net) filter (where kind = 'statement'), 0)::bigint as stated,
                coalesce(sum(made) filter (where kind = 'invoice'), 0) as invoices,
                coalesce(sum(net) filter (where kind = 'invoice'), 0)::bigint as invoiced
            from billing_step where run = r.id) s
        """

    package static func find(_ id: BillingRunID) -> Query { "\(columns) where r.id = \(id)" }

    /// The newest first.
    package static func page(after: BillingRunID?, limit: Int) -> Query {
        """
        \(columns) where r.organisation = current_organisation()
            and (\(after)::uuid is null or r.id < \(after)::uuid)
        order by r.id desc limit \(limit)
        """
    }

    /// The run, then its steps and their deadlines; to be run one after the other.
    package static func begin(
        _ id: BillingRunID, through period: StatementPeriod, by caller: Caller
    ) -> [Query] {
        [
            """
            insert into billing_run (id, organisation, period, begun_by)
            values (\(id), \(caller.organisation), \(period.key), \(caller.member))
            """,
            "select plan_billing_run(\(id))",
        ]
    }

    /// The steps of a run end one after the other, so that one of them is the last.
    package static func claimEnd(of id: BillingRunID) -> Query {
        """
        select pg_advisory_xact_lock(
            hashtextextended('aikatori.billing_step ' || \(id)::uuid, 0))
        """
    }

    package init(row: Row) throws {
        id = try row.decode("id")
        period = try StatementPeriod(key: row.decode("period"))
        begunBy = try row.decode("begun_by")
        begunAt = try row.decode("begun_at")
        steps = try row.decode("steps")
        waiting = try row.decode("waiting")
        refused = try row.decode("refused")
        statements = try row.decode("statements")
        stated = try row.decode("stated")
        invoices = try row.decode("invoices")
        invoiced = try row.decode("invoiced")
    }
}

/// A row of `billing_step`: a contract that is to be stated, or a statement to be invoiced.
package struct StoredBillingStep: Sendable {
    package enum Kind: String, Sendable { case statement, invoice }
    package enum State: String, Sendable { case waiting, done, refused }

    package let id: BillingStepID
    package let run: BillingRunID
    package let period: StatementPeriod
    package let contract: ContractID
    package let kind: Kind
    package let statement: StatementID?
    package let state: State
    package let made: Int64
    package let net: Money
    package let refusal: String?

    private static let columns: Query = """
        select s.id, s.run, r.period, s.contract, s.kind, s.statement, s.state, s.made, s.net,
            s.refusal
        from billing_step s join billing_run r on r.id = s.run
        """

    package static func find(_ id: BillingStepID) -> Query { "\(columns) where s.id = \(id)" }

    package static func all(of run: BillingRunID) -> Query {
        "\(columns) where s.run = \(run) order by s.kind desc, s.contract, s.id"
    }

    package static func done(
        _ id: BillingStepID, statement: StatementID, made: Int, net: Money
    ) -> Query {
        """
        update billing_step set state = 'done', statement = \(statement), made = \(made),
            net = \(net)
        where id = \(id)
        """
    }

    /// Why nothing was made, by the code of the refusal.
    package static func refuse(_ id: BillingStepID, _ code: String) -> Query {
        "update billing_step set state = 'refused', refusal = \(code)::text where id = \(id)"
    }

    package init(row: Row) throws {
        guard let kind = Kind(rawValue: try row.decode("kind")),
            let state = State(rawValue: try row.decode("state"))
        else { throw CellError.malformed("a step of a billing run") }
        id = try row.decode("id")
        run = try row.decode("run")
        period = try StatementPeriod(key: row.decode("period"))
        contract = try row.decode("contract")
        self.kind = kind
        statement = try row.decode("statement")
        self.state = state
        made = try row.decode("made")
        net = try row.decode("net")
        refusal = try row.decode("refusal")
    }
}
