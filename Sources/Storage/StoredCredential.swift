import Crypto
import MoneyAndTime
import Organisations
import Postgres

/// A row of `credential`, without the digest.
package struct StoredCredential: Sendable {
    package let credential: Credential
    package let createdAt: Instant
    /// The member who did; nil where none did, or none is known. What is stored is the database's
    /// word for who acts.
    package let issuedBy: MemberID?
    package let revision: Int64

    package init(
        credential: Credential, createdAt: Instant, issuedBy: MemberID? = nil,
        revision: Int64 = 1
    ) {
        self.credential = credential
        self.createdAt = createdAt
        self.issuedBy = issuedBy
        self.revision = revision
    }

    package init(row: Row) throws {
        let member = try row["member", MemberID?.self]
        credential = Credential(
            stored: try row.decode("id"), organisation: try row.decode("organisation"),
            holder: member.map { .member($0) } ?? .machine, label: try row.decode("label"),
            roles: try Set(storedNames: row.decode("roles")),
            expiresAt: try row.decode("expires_at"), revokedAt: try row.decode("revoked_at"))
        createdAt = try row.decode("created_at")
        issuedBy = try row.decode("issued_by")
        revision = try row.decode("revision")
    }

    private static let columns: Query = """
        id, organisation, member, label, roles, created_at, issued_by, expires_at, revoked_at,
        revision
        """

    /// The instant that counts for credentials: they live in real time, whatever a demo's clock
    /// shows.
    package static let now: Query = "select clock_timestamp() as now"

    package static func find(_ id: CredentialID) -> Query {
        "select \(columns) from credential where id = \(id)"
    }

    package static func page(after: CredentialID?, limit: Int) -> Query {
        """
        select \(columns) from credential where (\(after)::uuid is null or id > \(after)::uuid)
        order by id limit \(limit)
        """
    }

    package func insert(_ digest: CredentialDigest) -> Query {
        let member: MemberID? =
            if case .member(let id) = credential.holder { id } else { nil }
        return """
            insert into credential (id, organisation, member, label, digest, roles, created_at,
                expires_at)
            values (\(credential.id), \(credential.organisation), \(member), \(credential.label),
                \(digest.bytes), \(credential.roles.storedNames), \(createdAt),
                \(credential.expiresAt))
            """
    }

    /// Who takes administrators away waits for whoever else does.
    package static func lockAdministrators(of organisation: OrganisationID) -> Query {
        "select from organisation where id = \(organisation) for no key update"
    }

    /// `found`: whether a live token is left with which someone may administer.
    package static func hasAdministrator(_ organisation: OrganisationID) -> Query {
        """
        select exists (
            select from credential c left join member m on m.id = c.member
            where c.organisation = \(organisation) and 'admin' = any (c.roles)
              and c.revoked_at is null and c.expires_at > clock_timestamp()
              and (c.member is null or m.active and 'admin' = any (m.roles))) as found
        """
    }

    /// `own`: whether who acts signed in, or came with a token that it issued itself after it had.
    package static let isOwn: Query = "select is_own_credential() as own"

    /// What members of examples hold counts as issued by themselves. For the owner alone.
    package static func becomeOwn(of example: OrganisationID) -> Query {
        """
        update credential c set self_issued = c.member is not null
        from organisation o
        where c.organisation = \(example) and o.id = c.organisation and o.is_example
        """
    }

    /// Nothing is returned when it is revoked already.
    package static func revoke(_ id: CredentialID) -> Query {
        """
        update credential set revoked_at = clock_timestamp(), revision = revision + 1
        where id = \(id) and revoked_at is null returning \(columns)
        """
    }
}

extension CredentialDigest {
    /// SHA-256: a token holds 256 random bits, so nothing slower is needed.
    package init(of token: CredentialToken) {
        self.init(bytes: Array(SHA256.hash(data: Array(token.text.utf8))))
    }
}
