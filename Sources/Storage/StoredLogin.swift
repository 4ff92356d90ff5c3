import MoneyAndTime
import Organisations
import Postgres

/// Who is signed in on the pages, and what a page needs to know to greet them.
package struct Login: Sendable {
    /// How long a login lives when it is not used, in seconds: half an hour.
    package static let idleSeconds: Int32 = 1_800
    /// How long it lives at most, in seconds: a working day.
    package static let lifeSeconds: Int32 = 36_000

    package let organisation: OrganisationID
    package let organisationName: String
    package let member: MemberID
    package let memberName: String
    package let roles: Set<Role>
    /// The clock on the wall of the organisation's first unit.
    package let zone: WallClock
    /// Whether the database is one of a demo or a test.
    package let isDemo: Bool
    /// Whether the organisation wants a second factor of the member, who has none yet.
    package let lacksSecondFactor: Bool
    /// Which of the organisation's specialists the member is; nil for all others.
    package let specialist: SpecialistID?
    /// How many alerts the member has not read; 100 where there are more.
    package let unreadAlerts: Int64
    /// What the market's clock shows.
    package let now: Instant

    init(row: Row) throws {
        organisation = try row.decode("organisation")
        organisationName = try row.decode("organisation_name")
        member = try row.decode("member")
        memberName = try row.decode("member_name")
        roles = try Set(storedNames: row.decode("roles"))
        zone = try WallClock(zone: row.decode("time_zone"))
        isDemo = try row.decode("demo")
        lacksSecondFactor = try row.decode("lacks_factor")
        specialist = try row.decode("specialist")
        unreadAlerts = Int64(try row["unread", Int32.self])
        now = try row.decode("now")
    }

    /// Nil where nothing, or nothing that still lives, is behind the digest. What a page asks by
    /// itself is no use: it does not keep the login alive.
    package static func find(
        _ digest: CredentialDigest, isUse: Bool, in database: Database
    ) async throws -> Login? {
        try await database.write([
            "select * from use_login(\(digest.bytes), \(isUse ? idleSeconds : 0))"
        ]).atMostOne().map(Login.init(row:))
    }

    package static func end(_ digest: CredentialDigest) -> Query {
        "select end_login(\(digest.bytes))"
    }

    /// Refused (`AK404`) outside of a demo, and for who is no member of an example organisation.
    package static func beginInDemo(
        as member: MemberID, _ credential: CredentialID, _ digest: CredentialDigest
    ) -> Query {
        """
        select begin_demo_login(\(member), \(credential), \(digest.bytes), \(idleSeconds),
            \(lifeSeconds))
        """
    }
}

/// One whom a visitor of a demo may be.
package struct DemoPerson: Sendable {
    package let organisationName: String
    package let member: MemberID
    package let name: String
    package let roles: Set<Role>

    package init(row: Row) throws {
        organisationName = try row.decode("organisation_name")
        member = try row.decode("member")
        name = try row.decode("name")
        roles = try Set(storedNames: row.decode("roles"))
    }

    /// Refused (`AK404`) outside of a demo.
    package static let all: Query = "select * from demo_people()"
}
