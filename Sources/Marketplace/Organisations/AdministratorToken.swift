import MoneyAndTime
import Organisations
import Postgres
import Storage

/// A token made for an administrator from the command line; it is nowhere else.
package struct AdministratorToken: Sendable {
    package let admin: MemberID
    package let email: EmailAddress
    package let credential: CredentialID
    package let token: CredentialToken
}

/// Why none was made.
package enum NoAdministratorToken: Error, Hashable, CustomStringConvertible {
    case organisationUnknown(OrganisationID)
    case noAdministrator(OrganisationID)

    package var description: String {
        switch self {
        case .organisationUnknown(let id): "there is no organisation \(id)"
        case .noAdministrator(let id):
            "\(id) has no active administrator; --admin-email names one"
        }
    }
}

extension Market {
    /// Lets an organisation in again whose administrators have no token left: a new one for the
    /// first of them, or for the member with `email`, who is made one. Like `addOrganisation` for
    /// the command line alone. Throws `NoAdministratorToken` and `InvalidInput`.
    package static func issueAdministratorToken(
        of organisation: OrganisationID, email: EmailAddress?, name: String, owner: Database
    ) async throws -> AdministratorToken {
        try await owner.transaction { transaction in
            try await transaction.query(
                "select set_config('app.operation', 'issueAdministratorToken', true)")
            let lock = StoredCredential.lockAdministrators(of: organisation)
            guard try await !transaction.query(lock).isEmpty else {
                throw NoAdministratorToken.organisationUnknown(organisation)
            }
            let admin = try await administrator(
                of: organisation, email: email, name: name, in: transaction)
            let now = try await transaction.query(StoredCredential.now).only()["now", Instant.self]
            let stored = StoredCredential(
                credential: try Credential.issue(
                    newID(), to: admin, label: "From the command line", roles: [.admin],
                    expiresAt: now.adding(seconds: Credential.longestLifeDays * 86_400),
                    now: now),
                createdAt: now)
            let token = try newToken()
            try await transaction.query(stored.insert(CredentialDigest(of: token)))
            try await transaction.record(
                stored.happening("credential.issued"), for: organisation)
            return AdministratorToken(
                admin: admin.id, email: admin.email, credential: stored.credential.id,
                token: token)
        }
    }

    private static func administrator(
        of organisation: OrganisationID, email: EmailAddress?, name: String,
        in transaction: Transaction
    ) async throws -> Member {
        guard let email else {
            let row = try await transaction.query(
                StoredMember.firstAdministrator(of: organisation)
            ).atMostOne()
            guard let row else { throw NoAdministratorToken.noAdministrator(organisation) }
            return try StoredMember(row: row).member
        }
        let row = try await transaction.query(
            StoredMember.find(email: email, of: organisation)
        ).atMostOne()
        guard let found = try row.map(StoredMember.init(row:)) else {
            let member = try asInput {
                try Member(
                    id: newID(), organisation: organisation, name: name, email: email,
                    roles: [.admin])
            }
            let stored = StoredMember(member: member)
            try await transaction.query(stored.insert())
            try await transaction.record(stored.happening("member.created"), for: organisation)
            return member
        }
        if found.isActive, found.member.roles.contains(.admin) { return found.member }
        let member = try asInput {
            try Member(
                id: found.member.id, organisation: organisation, name: found.member.name,
                email: email, roles: found.member.roles.union([.admin]))
        }
        let edited = StoredMember(member: member, isActive: true, revision: found.revision)
        let stored = try StoredMember(row: await transaction.query(edited.update()).only())
        try await transaction.record(stored.happening("member.updated"), for: organisation)
        return stored.member
    }

    private static func newID<Tag: IDTag>(_: Tag.Type = Tag.self) -> ID<Tag> {
        var random = SystemRandomNumberGenerator()
        return ID(at: realTime(), using: &random)
    }
}
