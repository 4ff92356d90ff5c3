import MoneyAndTime
import Postgres

/// A row of `present_specialist` of the caller's: who is at hand, and until when.
package struct PresentSpecialist: Sendable {
    package let specialist: SpecialistID
    package let label: String
    /// Nil is absent.
    package let until: Instant?
    /// For which services; nil is all that the own field gives.
    package let services: [String]?

    package init(row: Row) throws {
        specialist = try row.decode("specialist")
        label = try row.decode("label")
        until = try row.decode("until")
        services = try row.decode("services")
    }

    private static let columns: Query = """
        select s.id as specialist, s.label, p.until, p.services
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
        _ id: SpecialistID, of organisation: OrganisationID, until: Instant, services: [String]?
    ) -> Query {
        """
        insert into present_specialist (specialist, organisation, until, services)
        values (\(id), \(organisation), \(until), \(services)::text[])
        on conflict (specialist) do update set since = market_now(), until = excluded.until,
            services = excluded.services
        """
    }

    /// Those of the services that no contract sells of the specialist's field.
    package static func notSold(_ id: SpecialistID, _ services: [String]) -> Query {
        "select unnest(services_not_sold(\(id), \(services)::text[])) as service"
    }

    package static func go(_ id: SpecialistID) -> Query {
        "delete from present_specialist where specialist = \(id)"
    }
}
