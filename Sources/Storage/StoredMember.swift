import MoneyAndTime
import Organisations
import Postgres

/// A row of `member`.
package struct StoredMember: Sendable {
    package let member: Member
    /// One who is not can do nothing, and neither can the credentials.
    package let isActive: Bool
    package let revision: Int64

    package init(member: Member, isActive: Bool = true, revision: Int64 = 1) {
        self.member = member
        self.isActive = isActive
        self.revision = revision
    }

    package init(row: Row) throws {
        member = try Member(
            id: row.decode("id"), organisation: row.decode("organisation"),
            name: row.decode("name"), email: EmailAddress(row.decode("email")),
            roles: Set(storedNames: row.decode("roles")), specialist: row.decode("specialist"))
        isActive = try row.decode("active")
        revision = try row.decode("revision")
    }

    private static let columns: Query =
        "id, organisation, name, email, roles, active, specialist, revision"

    package static func find(_ id: MemberID) -> Query {
        "select \(columns) from member where id = \(id)"
    }

    /// The row, which stays as it is until the transaction ends.
    package static func hold(_ id: MemberID) -> Query {
        "\(find(id)) for no key update"
    }

    /// The active administrator who is there longest.
    package static func firstAdministrator(of organisation: OrganisationID) -> Query {
        """
        select \(columns) from member
        where organisation = \(organisation) and active and 'admin' = any (roles)
        order by created_at, id limit 1
        """
    }

    package static func find(email: EmailAddress, of organisation: OrganisationID) -> Query {
        """
        select \(columns) from member
        where organisation = \(organisation) and email = \(email.text)
        """
    }

    package static func page(after: MemberID?, limit: Int) -> Query {
        """
        select \(columns) from member where (\(after)::uuid is null or id > \(after)::uuid)
        order by id limit \(limit)
        """
    }

    package func insert() -> Query {
        """
        insert into member (id, organisation, name, email, roles, active, specialist)
        values (\(member.id), \(member.organisation), \(member.name), \(member.email.text),
            \(member.roles.storedNames), \(isActive), \(member.specialist))
        """
    }

    /// Nothing is returned when the revision is another by now.
    package func update() -> Query {
        """
        update member set name = \(member.name), email = \(member.email.text),
            roles = \(member.roles.storedNames), active = \(isActive),
            specialist = \(member.specialist), revision = revision + 1
        where id = \(member.id) and revision = \(revision) returning \(Self.columns)
        """
    }
}

extension Set<Role> {
    /// As the database and the API write them, in one order.
    package var storedNames: [String] { map(\.rawValue).sorted() }

    package init(storedNames: [String]) throws {
        self = try Set(
            storedNames.map { name in
                guard let role = Role(rawValue: name) else { throw CellError.malformed("a role") }
                return role
            })
    }
}
