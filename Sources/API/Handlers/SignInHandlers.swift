import Marketplace
import Organisations
import SignIn
import StrictJSON

extension OrganisationHandlers {
    static func getSignInSettings(_ call: Call) async throws -> Reply {
        try await .json(call.market.signInSettings(call.request))
    }

    static func updateSignInSettings(_ call: Call) async throws -> Reply {
        let settings = try call.object { fields in
            let domains = try fields.array("domains", max: 50) { reader in
                try reader.parsed(max: 253) { try EmailDomain($0) }
            }
            return try NewSignInSettings(
                provider: fields.optionalNested("provider", provider),
                domains: unique(domains, in: "domains", fields),
                requiresSecondFactor: fields.bool("requires_second_factor"))
        }
        return try await .json(
            call.market.updateSignInSettings(call.request, revision: call.ifMatch, settings))
    }

    private static func provider(
        _ fields: inout JSONFields
    ) throws -> NewSignInSettings.Provider {
        let issuer = try fields.string("issuer", min: 1, max: WebAddress.longest)
        let scopes = try fields.array("scopes", max: 20) { reader in
            try reader.scope()
        }
        return try NewSignInSettings.Provider(
            issuer: issuer, clientID: fields.required("client_id").visible(max: 200),
            clientSecret: fields.optional("client_secret")?.visible(max: 1_000),
            scopes: scopes, roles: fields.optionalNested("roles", roleMapping))
    }

    private static func roleMapping(_ fields: inout JSONFields) throws -> RoleMapping {
        let claim = try fields.string("claim", min: 1, max: 100)
        let values = try fields.nested("values") { values in
            var listed: [Role: Set<String>] = [:]
            for role in Role.allCases {
                let texts = try values.optionalArray(
                    role.rawValue, max: RoleMapping.mostValues
                ) { try $0.plainLine(max: 200) }
                listed[role] = Set(texts ?? [])
            }
            return listed
        }
        do {
            return try RoleMapping(claim: claim, values: values)
        } catch {
            throw fields.problem(error == .claim ? "claim" : "values", .pattern, "\(error)")
        }
    }
}

extension JSONReader {
    /// Visible ASCII and blanks: so RFC 6749, appendix A, has what a client is known by.
    fileprivate func visible(max: Int) throws -> String {
        let text = try string(min: 1, max: max)
        guard text.utf8.allSatisfy({ (0x20...0x7E).contains($0) }) else {
            throw problem(.pattern, "must be visible ASCII characters")
        }
        return text
    }

    /// One line, without control characters.
    fileprivate func plainLine(max: Int) throws -> String {
        let text = try string(min: 1, max: max)
        let isPlain = text.unicodeScalars.allSatisfy { scalar in
            !(0...0x1F).contains(scalar.value) && !(0x7F...0x9F).contains(scalar.value)
        }
        guard isPlain else { throw problem(.pattern, "must be one line of plain text") }
        return text
    }

    /// RFC 6749 §3.3.
    fileprivate func scope() throws -> String {
        let text = try string(min: 1, max: 100)
        guard text.utf8.allSatisfy({ (0x21...0x7E).contains($0) && !"\"\\".utf8.contains($0) })
        else { throw problem(.pattern, "must be one scope, without blanks") }
        return text
    }
}
