import MoneyAndTime
import Postgres

/// A row of `unit`.
package struct StoredUnit: Sendable {
    package let id: UnitID
    package let name: String
    package let timeZone: String
    /// Whom a guest of a visit calls when the video does not work.
    package let telephone: String?
    package let revision: Int64

    package init(
        id: UnitID, name: String, timeZone: String, telephone: String? = nil, revision: Int64 = 1
    ) {
        self.id = id
        self.name = name
        self.timeZone = timeZone
        self.telephone = telephone
        self.revision = revision
    }

    package init(row: Row) throws {
        id = try row.decode("id")
        name = try row.decode("name")
        timeZone = try row.decode("time_zone")
        telephone = try row.decode("telephone")
        revision = try row.decode("revision")
    }

    private static let columns: Query = """
        select id, name, time_zone, telephone, revision from unit
        """

    package static func find(_ id: UnitID) -> Query {
        "\(columns) where id = \(id)"
    }

    package static func page(after: UnitID?, limit: Int) -> Query {
        """
        \(columns) where (\(after)::uuid is null or id > \(after)::uuid)
        order by id limit \(limit)
        """
    }

    package func insert(for organisation: OrganisationID) -> Query {
        """
        insert into unit (id, organisation, name, time_zone, telephone)
        values (\(id), \(organisation), \(name), \(timeZone), \(telephone))
        """
    }

    /// Nothing is returned when the revision is another by now.
    package func update() -> Query {
        """
        update unit set name = \(name), time_zone = \(timeZone), telephone = \(telephone),
            revision = revision + 1
        where id = \(id) and revision = \(revision) returning revision
        """
    }
}
