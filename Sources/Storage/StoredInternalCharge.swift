import Billing
import MoneyAndTime
import Postgres

/// A row of `internal_charge`: what units of one legal person settled of a statement.
package struct StoredInternalCharge: Sendable {
    package let id: InternalChargeID
    package let statement: StatementID
    /// The how manieth settlement of its statement it is, from one.
    package let run: Int64
    package let period: String
    package let seller: OrganisationID
    package let buyer: OrganisationID
    package let contract: ContractID
    package let version: Int64
    package let settledOn: CalendarDate
    package let total: Money
    package let recordedAt: Instant

    private static let columns: Query = """
        select i.id, i.statement, i.run::bigint as run, s.period, i.seller, i.buyer, i.contract,
            i.version::bigint as version, i.settled_on, i.total, i.recorded_at
        from internal_charge i join statement s on s.id = i.statement
        """

    package init(row: Row) throws {
        id = try row.decode("id")
        statement = try row.decode("statement")
        run = try row.decode("run")
        period = try row.decode("period")
        seller = try row.decode("seller")
        buyer = try row.decode("buyer")
        contract = try row.decode("contract")
        version = try row.decode("version")
        settledOn = try row.decode("settled_on")
        total = try row.decode("total")
        recordedAt = try row.decode("recorded_at")
    }

    package static func find(_ id: InternalChargeID) -> Query { "\(columns) where i.id = \(id)" }

    package static func ids(of statement: StatementID) -> Query {
        "select id from internal_charge where statement = \(statement) order by run"
    }

    /// The run that comes next, from one.
    package static func nextRun(of statement: StatementID) -> Query {
        """
        select 1 + coalesce(max(run), 0)::bigint as run from internal_charge
        where statement = \(statement)
        """
    }

    /// Its head and its lines, to be run one after the other. `subject` is that of its entry.
    package static func insert(
        _ id: InternalChargeID, of statement: StoredStatement, run: Int64, version: Int,
        on day: CalendarDate, total: Money, charges: [ChargeID], subject: String
    ) -> [Query] {
        [
            """
            insert into internal_charge (id, statement, run, seller, buyer, contract, version,
                settled_on, total, subject)
            values (\(id), \(statement.id), \(run), \(statement.seller), \(statement.buyer),
                \(statement.contract), \(version), \(day), \(total), \(subject))
            """,
            """
            insert into internal_charge_line (charge, internal_charge, seller, buyer)
            select charge, \(id), \(statement.seller), \(statement.buyer)
            from unnest(\(charges)) as charge
            """,
        ]
    }
}

/// What was settled of one charge.
package struct StoredInternalChargeLine: Sendable {
    package let charge: ChargeID
    package let service: String
    package let cause: String
    package let servedOn: CalendarDate
    package let billableSeconds: Int64
    package let net: Money

    package static func all(of id: InternalChargeID) -> Query {
        """
        select c.id, c.service, c.cause, c.served_on, c.billable_seconds, c.net
        from internal_charge_line l join charge c on c.id = l.charge
        where l.internal_charge = \(id) order by c.served_on, c.id
        """
    }

    package init(row: Row) throws {
        charge = try row.decode("id")
        service = try row.decode("service")
        cause = try row.decode("cause")
        servedOn = try row.decode("served_on")
        billableSeconds = try row.decode("billable_seconds")
        net = try row.decode("net")
    }
}
