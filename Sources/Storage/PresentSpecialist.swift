import MoneyAndTime
import Postgres

/// A row of `present_specialist` of the caller's: who is at hand, and until when.
package struct PresentSpecialist: Sendable {
    package let specialist: SpecialistID
    package let label: String
    /// Nil is absent.
    package let until: Instant?

    package init(row: Row) throws {
        specialist = try row.decode("specialist")
        label = try row.decode("label")
        until = try row.decode("until")
    }

    private static let columns: Query = """
        select s.id as specialist, s.label, p.until
        from specialist s
        left join present_specialist p on p.specialist = s.id and p.until > market_now()
        """

    package static func find(_ id: SpecialistID) -> Query { "\(columns) where s.id = \(id)" }

    package static func page(after: SpecialistID?, limit: Int) -> Query {
        """
        \(columns) where p.until is not null
            and (\(after)::uuid is null or s.id > \(after)::uuid)
        order by s.id limit \(limit)
        """
    }

    package static func come(
        _ id: SpecialistID, of organisation: OrganisationID, until: Instant
    ) -> Query {
        """
        insert into present_specialist (specialist, organisation, until)
        values (\(id), \(organisation), \(until))
        on conflict (specialist) do update set since = market_now(), until = excluded.until
        """
    }

    package static func go(_ id: SpecialistID) -> Query {
        "delete from present_specialist where specialist = \(id)"
    }
}
