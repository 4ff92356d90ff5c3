import Organisations
import StrictJSON

/// What a provider says of a person, in an identity token or as user info.
package struct Claims: Sendable {
    /// Who it is to the provider; never changed or given to another (OpenID Connect Core 1.0 §2).
    package let subject: String
    private let json: JSON

    init(subject: String, json: JSON) {
        self.subject = subject
        self.json = json
    }

    /// Whether user info has to be asked for: a provider may leave there what a scope asks for
    /// (OpenID Connect Core 1.0 §5.4).
    package func lacks(rolesClaim: String?) -> Bool {
        json["email"] == nil || json["email_verified"] == nil
            || rolesClaim.map { value(at: $0) == nil } ?? false
    }

    /// With what user info adds. It must be the same person's (OpenID Connect Core 1.0 §5.3.2);
    /// the token's own claims win.
    package func adding(userInfo bytes: [UInt8]) throws(SignInRefusal) -> Claims {
        guard let added = (try? JSON.parse(bytes))?.members, added["sub"]?.text == subject else {
            throw .providerMisconfigured
        }
        var members = added
        for (name, value) in json.members ?? [:] { members[name] = value }
        return Claims(subject: subject, json: .object(members))
    }

    /// The address that the provider vouches for, in one of the organisation's own domains.
    package func email(in domains: Set<EmailDomain>) throws(SignInRefusal) -> EmailAddress {
        guard let text = json["email"]?.text, let email = try? EmailAddress(text),
            json["email_verified"]?.flag == true || json["email_verified"]?.text == "true"
        else { throw .emailNotVerified }
        guard domains.contains(EmailDomain(of: email)) else { throw .emailElsewhere }
        return email
    }

    /// What colleagues are to see of the person; nil where the provider says nothing fit.
    package var name: String? {
        let text = json["name"]?.text ?? ""
        return text.isEmpty ? nil : text
    }

    /// The roles that the values of a claim stand for; values that mean nothing to us are left.
    package func roles(_ mapping: RoleMapping) throws(SignInRefusal) -> Set<Role> {
        let value = value(at: mapping.claim)
        let values = value?.text.map { [$0] } ?? value?.elements?.compactMap(\.text) ?? []
        let roles = Set(values.prefix(1_000).flatMap { mapping.roles(of: $0) })
        guard !roles.isEmpty else { throw .rolesUnknown }
        return roles
    }

    /// A claim by its name, or inside another by names with dots between: `realm_access.roles`.
    private func value(at path: String) -> JSON? {
        if let plain = json[path] { return plain }
        var value: JSON? = json
        for name in path.split(separator: ".") { value = value?[String(name)] }
        return value
    }
}
