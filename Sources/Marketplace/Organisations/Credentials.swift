import MoneyAndTime
import Organisations
import Postgres
import Storage
import StrictJSON

// The tokens by which members' programs and machines are let in.

extension Market {
    package func listCredentials(
        _ request: Request, page: Page<CredentialID>
    ) async throws -> Answer {
        let rows = try await read(
            request, StoredCredential.page(after: page.after, limit: page.limit + 1))
        return try .page(
            rows.map(StoredCredential.init(row:)), limit: page.limit,
            cursor: { $0.credential.id.description }, item: { .object($0.members) })
    }

    /// Makes a token for a member, or for a machine where there is none, and shows it once: the
    /// stored answer to a repeated request says that it was shown. Without an end it lives as long
    /// as any may.
    package func issueCredential(
        _ request: Request, to member: MemberID?, label: String, roles: Set<Role>,
        expiresAt: Instant?
    ) async throws -> Answer {
        try await change(request, redacted: \.withoutToken) { transaction, caller in
            let now = try await transaction.query(StoredCredential.now).only()["now", Instant.self]
            let limit = try now.adding(seconds: Credential.longestLifeDays * 86_400)
            let end = expiresAt ?? limit
            let holder = try await holder(member, in: transaction)
            let id: CredentialID = newID()
            let credential = try asInput {
                if let holder {
                    return try Credential.issue(
                        id, to: holder, label: label, roles: roles, expiresAt: end, now: now)
                }
                return try Credential.issue(
                    id, toMachineOf: caller.organisation,
                    makerRoles: Set(storedNames: caller.roles), label: label, roles: roles,
                    expiresAt: end, now: now)
            }
            let token = try Self.newToken()
            let stored = StoredCredential(
                credential: credential, createdAt: now, issuedBy: caller.member)
            try await transaction.query(stored.insert(CredentialDigest(of: token)))
            try await transaction.record(stored.happening("credential.issued"), by: caller)
            return stored.answer(showing: token)
        }
    }

    /// Stops the next request that comes with it (invariant 33).
    package func revokeCredential(_ request: Request, _ id: CredentialID) async throws -> Answer {
        try await change(request) { transaction, caller in
            try await transaction.query(
                StoredCredential.lockAdministrators(of: caller.organisation))
            guard let row = try await transaction.query(StoredCredential.revoke(id)).atMostOne()
            else {
                let isThere = try await !transaction.query(StoredCredential.find(id)).isEmpty
                throw Refusal(isThere ? .alreadyRevoked : .notFound)
            }
            try await requireAdministrator(of: caller.organisation, in: transaction)
            let revoked = try StoredCredential(row: row)
            try await transaction.record(revoked.happening("credential.revoked"), by: caller)
            return Answer(.object(revoked.members), revision: revoked.revision)
        }
    }

    /// An organisation that could not administer itself any more could not undo that either.
    func requireAdministrator(
        of organisation: OrganisationID, in transaction: Transaction
    ) async throws {
        let row = try await transaction.query(StoredCredential.hasAdministrator(organisation))
            .only()
        guard try row["found", Bool.self] else { throw Refusal(.lastAdministrator) }
    }

    /// The member as it stays until the credential is there, so that a role taken away meanwhile
    /// is not given.
    private func holder(_ id: MemberID?, in transaction: Transaction) async throws -> Member? {
        guard let id else { return nil }
        let row = try await transaction.query(StoredMember.hold(id)).atMostOne()
        guard let stored = try row.map(StoredMember.init(row:)), stored.isActive else {
            throw Refusal(.notFound)
        }
        return stored.member
    }

    static func newToken() throws -> CredentialToken {
        var random = SystemRandomNumberGenerator()
        return try CredentialToken(
            secret: (0..<CredentialToken.secretBytes).map { _ in
                UInt8.random(in: .min ... .max, using: &random)
            })
    }
}

extension StoredCredential {
    private var member: MemberID? {
        if case .member(let id) = credential.holder { id } else { nil }
    }

    var members: JSONObject {
        [
            "id": JSON(credential.id.description),
            "member": JSON(member?.description),
            "issued_by": JSON(issuedBy?.description),
            "label": JSON(credential.label),
            "roles": credential.roles.json,
            "created_at": JSON(createdAt.rfc3339),
            "expires_at": JSON(credential.expiresAt.rfc3339),
            "revoked_at": JSON(credential.revokedAt?.rfc3339),
            "revision": JSON(revision),
        ]
    }

    func answer(showing token: CredentialToken) -> Answer {
        var members = members
        members["token"] = JSON(token.text)
        members["token_shown"] = false
        return Answer(.object(members), revision: revision)
    }

    func happening(_ kind: String) -> Happening {
        Happening(
            .credential, credential.id, kind, revision: revision,
            facts: ["roles": credential.roles.json, "member": JSON(member?.description)])
    }
}

extension Answer {
    /// What is kept of an answer that showed a token.
    var withoutToken: Answer {
        var kept = self
        var members = body.members ?? [:]
        members["token"] = JSON.null
        members["token_shown"] = true
        kept.body = .object(members)
        return kept
    }
}
