import MoneyAndTime
import Organisations
import Postgres
import Storage
import StrictJSON

// The people who act for an organisation, and their roles.

extension Market {
    package func listMembers(_ request: Request, page: Page<MemberID>) async throws -> Answer {
        let rows = try await read(
            request, StoredMember.page(after: page.after, limit: page.limit + 1))
        return try .page(
            rows.map(StoredMember.init(row:)), limit: page.limit,
            cursor: { $0.member.id.description }, item: \.json)
    }

    package func member(_ request: Request, _ id: MemberID) async throws -> Answer {
        guard let row = try await read(request, StoredMember.find(id)).atMostOne() else {
            throw Refusal(.notFound)
        }
        return try StoredMember(row: row).answer
    }

    package func createMember(
        _ request: Request, name: String, email: EmailAddress, roles: Set<Role>,
        specialist: SpecialistID? = nil
    ) async throws -> Answer {
        try await change(request) { transaction, caller in
            try await requireOwn(specialist, in: transaction)
            let member = try asInput {
                try Member(
                    id: newID(), organisation: caller.organisation, name: name, email: email,
                    roles: roles, specialist: specialist)
            }
            let stored = StoredMember(member: member)
            try await transaction.query(
                stored.insert(), refusing: .uniqueViolation, as: .nameTaken)
            try await transaction.record(stored.happening("member.created"), by: caller)
            return stored.answer
        }
    }

    /// A role that is taken away, and a member who is no longer active, are so from the next
    /// request on: the database looks at both each time (invariant 33).
    package func updateMember(
        _ request: Request, _ id: MemberID, revision: Int64, name: String, email: EmailAddress,
        roles: Set<Role>, isActive: Bool, specialist: SpecialistID? = nil
    ) async throws -> Answer {
        try await change(request) { transaction, caller in
            try await transaction.query(
                StoredCredential.lockAdministrators(of: caller.organisation))
            guard try await transaction.query(StoredMember.find(id)).atMostOne() != nil else {
                throw Refusal(.notFound)
            }
            try await requireOwn(specialist, in: transaction)
            let member = try asInput {
                try Member(
                    id: id, organisation: caller.organisation, name: name, email: email,
                    roles: roles, specialist: specialist)
            }
            let edited = StoredMember(member: member, isActive: isActive, revision: revision)
            let rows = try await transaction.query(
                edited.update(), refusing: .uniqueViolation, as: .nameTaken)
            guard let row = try rows.atMostOne() else { throw Refusal(.revisionDiffers) }
            let stored = try StoredMember(row: row)
            try await requireAdministrator(of: caller.organisation, in: transaction)
            try await transaction.record(stored.happening("member.updated"), by: caller)
            return stored.answer
        }
    }

    /// A specialist of another organisation is not there. None is ever deleted.
    private func requireOwn(_ specialist: SpecialistID?, in transaction: Transaction) async throws {
        guard let specialist else { return }
        guard try await !transaction.query(StoredSpecialist.find(specialist)).isEmpty else {
            throw Refusal(.notFound)
        }
    }
}

extension StoredMember {
    var json: JSON {
        [
            "id": JSON(member.id.description),
            "name": JSON(member.name),
            "email": JSON(member.email.text),
            "roles": member.roles.json,
            "active": JSON(isActive),
            "specialist": JSON(member.specialist?.description),
            "revision": JSON(revision),
        ]
    }

    var answer: Answer {
        Answer(json, revision: revision, location: "/v1/members/\(member.id)")
    }

    /// Roles are told, because who may do what is what an auditor asks, and which specialist the
    /// member is; names are not.
    func happening(_ kind: String) -> Happening {
        Happening(
            .member, member.id, kind, revision: revision,
            facts: [
                "roles": member.roles.json, "active": JSON(isActive),
                "specialist": JSON(member.specialist?.description),
            ])
    }
}

extension Set<Role> {
    var json: JSON { .array(storedNames.map { JSON($0) }) }
}
