import MoneyAndTime
import Organisations
import Postgres
import SignIn
import Storage
import StrictJSON

/// What an administrator says of how members sign in.
package struct NewSignInSettings: Sendable {
    package struct Provider: Sendable {
        package let issuer: String
        package let clientID: String
        /// Nil keeps the one that is stored for the same issuer and client.
        package let clientSecret: String?
        package let scopes: [String]
        package let roles: RoleMapping?

        package init(
            issuer: String, clientID: String, clientSecret: String?, scopes: [String],
            roles: RoleMapping?
        ) {
            self.issuer = issuer
            self.clientID = clientID
            self.clientSecret = clientSecret
            self.scopes = scopes
            self.roles = roles
        }
    }

    package let provider: Provider?
    package let domains: Set<EmailDomain>
    package let requiresSecondFactor: Bool

    package init(provider: Provider?, domains: Set<EmailDomain>, requiresSecondFactor: Bool) {
        self.provider = provider
        self.domains = domains
        self.requiresSecondFactor = requiresSecondFactor
    }
}

extension Market {
    package func signInSettings(_ request: Request) async throws -> Answer {
        try await StoredSignInSettings(
            row: read(request, StoredSignInSettings.own).atMostOne()
        ).answer
    }

    /// Replaces all of it. A provider must be reached over TLS; in a demo's or a test's database
    /// one on this machine need not.
    package func updateSignInSettings(
        _ request: Request, revision: Int64, _ new: NewSignInSettings
    ) async throws -> Answer {
        try await change(request) { transaction, caller in
            let stored = try await StoredSignInSettings(
                row: transaction.query(StoredSignInSettings.own).atMostOne())
            let isDemo = try await transaction.query(StoredSignInSettings.isDemo)
                .only()["demo", Bool.self]
            guard new.provider != nil || new.domains.isEmpty else {
                throw InvalidInput(
                    pointer: "/domains", code: "too_many",
                    message: "must be empty without a provider")
            }
            let written = StoredSignInSettings(
                provider: try new.provider.map {
                    try sealed($0, keeping: stored.provider, of: caller.organisation, isDemo)
                },
                domains: new.domains, requiresSecondFactor: new.requiresSecondFactor,
                revision: revision + 1)
            guard try await transaction.execute(written.write(over: revision)) == 1 else {
                throw Refusal(.revisionDiffers)
            }
            try await transaction.query(written.dropOtherDomains)
            try await transaction.query(
                written.addDomains, refusing: .uniqueViolation, as: .domainTaken)
            try await transaction.record(
                .init(
                    .signInSettings, caller.organisation, "sign_in_settings.updated",
                    revision: written.revision,
                    facts: [
                        "issuer": JSON(written.provider?.issuer.text),
                        "domains": .array(written.domains.map { JSON($0.text) }),
                    ]),
                by: caller)
            return written.answer
        }
    }

    private func sealed(
        _ new: NewSignInSettings.Provider, keeping old: StoredSignInSettings.Provider?,
        of organisation: OrganisationID, _ isDemo: Bool
    ) throws -> StoredSignInSettings.Provider {
        let issuer: WebAddress
        do {
            issuer = try WebAddress(new.issuer, allowingLoopback: isDemo)
        } catch {
            throw InvalidInput(
                pointer: "/provider/issuer", code: "pattern", message: "\(error)")
        }
        var secret: [UInt8]?
        if let given = new.clientSecret {
            var random = SystemRandomNumberGenerator()
            secret = try seals.seal(
                Array(given.utf8), for: .clientSecret, of: organisation, using: &random)
        } else if let old, old.issuer == issuer, old.clientID == new.clientID {
            // Another provider never gets to see it.
            secret = old.sealedClientSecret
        }
        return StoredSignInSettings.Provider(
            issuer: issuer, clientID: new.clientID, sealedClientSecret: secret,
            scopes: new.scopes, roles: new.roles)
    }
}

extension StoredSignInSettings {
    /// The secret stays: only whether there is one is told.
    var answer: Answer {
        Answer(
            [
                "provider": provider?.json ?? .null,
                "domains": .array(domains.map { JSON($0.text) }),
                "requires_second_factor": JSON(requiresSecondFactor),
                "revision": JSON(revision),
            ], revision: revision)
    }
}

extension StoredSignInSettings.Provider {
    fileprivate var json: JSON {
        [
            "issuer": JSON(issuer.text),
            "client_id": JSON(clientID),
            "has_client_secret": JSON(sealedClientSecret != nil),
            "scopes": .array(scopes.map { JSON($0) }),
            "roles": roles.map { ["claim": JSON($0.claim), "values": $0.valuesJSON] } ?? .null,
        ]
    }
}
