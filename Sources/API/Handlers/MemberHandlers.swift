import Marketplace
import MoneyAndTime
import Organisations
import StrictJSON

extension OrganisationHandlers {
    static func listMembers(_ call: Call) async throws -> Reply {
        try await .page(
            call.market.listMembers(call.request, page: call.page(MemberID.init(typeID:))))
    }

    static func createMember(_ call: Call) async throws -> Reply {
        let details = try call.object { try member(&$0) }
        return try await .json(
            call.market.createMember(
                call.request, name: details.name, email: details.email, roles: details.roles,
                specialist: details.specialist))
    }

    static func getMember(_ call: Call) async throws -> Reply {
        try await .json(call.market.member(call.request, call.id("member")))
    }

    static func updateMember(_ call: Call) async throws -> Reply {
        let edited = try call.object { fields in
            try (details: member(&fields), isActive: fields.bool("active"))
        }
        return try await .json(
            call.market.updateMember(
                call.request, call.id("member"), revision: call.ifMatch,
                name: edited.details.name, email: edited.details.email,
                roles: edited.details.roles, isActive: edited.isActive,
                specialist: edited.details.specialist))
    }

    static func listCredentials(_ call: Call) async throws -> Reply {
        try await .page(
            call.market.listCredentials(
                call.request, page: call.page(CredentialID.init(typeID:))))
    }

    static func issueCredential(_ call: Call) async throws -> Reply {
        let wanted = try call.object { fields in
            try (
                member: fields.optionalParsed("member") { try MemberID(typeID: $0) },
                label: fields.string("label", min: 1, max: 120),
                roles: roles(&fields),
                expiresAt: fields.optionalParsed("expires_at") { try Instant(rfc3339: $0) }
            )
        }
        return try await .json(
            call.market.issueCredential(
                call.request, to: wanted.member, label: wanted.label, roles: wanted.roles,
                expiresAt: wanted.expiresAt))
    }

    static func revokeCredential(_ call: Call) async throws -> Reply {
        try await .json(call.market.revokeCredential(call.request, call.id("credential")))
    }

    private static func member(
        _ fields: inout JSONFields
    ) throws -> (name: String, email: EmailAddress, roles: Set<Role>, specialist: SpecialistID?) {
        try (
            fields.string("name", min: 1, max: 120),
            fields.parsed("email", max: 254) { try EmailAddress($0) },
            roles(&fields),
            fields.optionalParsed("specialist") { try SpecialistID(typeID: $0) }
        )
    }

    private static func roles(_ fields: inout JSONFields) throws -> Set<Role> {
        let listed = try fields.array("roles", min: 1, max: Role.allCases.count) { reader in
            try reader.enumeration(as: Role.self)
        }
        return try unique(listed, in: "roles", fields)
    }
}

/// The members of a list in which nothing may be there twice.
func unique<Element: Hashable>(
    _ listed: [Element], in key: String, _ fields: JSONFields
) throws -> Set<Element> {
    let set = Set(listed)
    guard set.count == listed.count else {
        throw fields.problem(key, .pattern, "must not name anything twice")
    }
    return set
}
