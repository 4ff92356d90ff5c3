import MoneyAndTime
import Organisations
import Postgres
import StrictJSON

/// A row of `profile`.
package struct StoredProfile: Sendable {
    package let organisation: OrganisationID
    package let isPublished: Bool
    /// What it says of itself, by language: `fi`, `sv`, `en`.
    package let description: JSON
    /// As `ServiceOutline` writes them.
    package let services: JSON
    package let regions: Set<Region>
    package let email: String
    package let revision: Int64

    package init(
        organisation: OrganisationID, isPublished: Bool, description: JSON, services: JSON,
        regions: Set<Region>, email: String, revision: Int64
    ) {
        self.organisation = organisation
        self.isPublished = isPublished
        self.description = description
        self.services = services
        self.regions = regions
        self.email = email
        self.revision = revision
    }

    package init(row: Row) throws {
        organisation = try row.decode("organisation")
        isPublished = try row.decode("published")
        description = try JSON.parse(row["description", String.self])
        services = try JSON.parse(row["services", String.self])
        regions = try row.regions
        email = try row.decode("email")
        revision = try row.decode("revision")
    }

    /// The caller's own.
    package static let own: Query = """
        select organisation, published, description::text, services::text, regions, email, revision
        from profile where organisation = current_organisation()
        """

    /// No row is changed when the revision is another by now; 0 is that of no row.
    package func write(over revision: Int64) -> Query {
        """
        insert into profile as p (organisation, published, description, services, regions, email,
            revision)
        select \(organisation), \(isPublished), \(description.compactText)::jsonb,
            \(services.compactText)::jsonb, \(regions.codes), \(email), \(revision) + 1
        where \(revision) = 0 or exists (
            select from profile where organisation = \(organisation))
        on conflict (organisation) do update set published = excluded.published,
            description = excluded.description, services = excluded.services,
            regions = excluded.regions, email = excluded.email, revision = excluded.revision
            where p.revision = \(revision)
        """
    }
}

/// What is asked for among the profiles that are published; nil is anything.
package struct ProfileSearch: Sendable {
    package var organisation: OrganisationID?
    package var specialty: String?
    package var profession: String?
    package var language: String?
    package var region: Region?
    package var text: String?

    package init() {}

    package func page(after: OrganisationID?, limit: Int) -> Query {
        """
        select * from published_profiles(\(organisation)::uuid, \(specialty)::text,
            \(profession)::text, \(language)::text, \(region?.rawValue)::text, \(text)::text,
            \(after)::uuid, \(Int32(clamping: limit)))
        """
    }
}

extension Set<Region> {
    package var codes: [String] { map(\.rawValue).sorted() }
}

extension Row {
    var regions: Set<Region> {
        get throws {
            try Set(
                decode("regions", as: [String].self).map { code in
                    guard let region = Region(rawValue: code) else {
                        throw CellError.malformed("a region")
                    }
                    return region
                })
        }
    }
}
