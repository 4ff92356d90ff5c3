import MoneyAndTime
import Postgres
import SignIn
import StrictJSON

/// Where an organisation's members sign in, and how: its row of `sign_in_settings`, with its rows
/// of `email_domain`.
package struct StoredSignInSettings: Sendable {
    /// An OpenID Connect provider, and what it knows us by.
    package struct Provider: Sendable {
        package let issuer: WebAddress
        package let clientID: String
        /// Under the master key; nil for a client without one.
        package let sealedClientSecret: [UInt8]?
        /// Asked for besides `openid`, `email` and `profile`.
        package let scopes: [String]
        /// Nil where an administrator gives the roles.
        package let roles: RoleMapping?

        package init(
            issuer: WebAddress, clientID: String, sealedClientSecret: [UInt8]?,
            scopes: [String], roles: RoleMapping?
        ) {
            self.issuer = issuer
            self.clientID = clientID
            self.sealedClientSecret = sealedClientSecret
            self.scopes = scopes
            self.roles = roles
        }

        /// Nil where the row has none.
        init?(row: Row) throws {
            guard let issuer = try row["issuer", String?.self] else { return nil }
            self.issuer = try WebAddress(issuer, allowingLoopback: true)
            clientID = try row.decode("client_id")
            sealedClientSecret = try row.decode("sealed_client_secret")
            scopes = try row.decode("scopes")
            let values = try JSON.parse(row["role_values", String.self])
            roles = try row["roles_claim", String?.self].map {
                try RoleMapping(claim: $0, storedValues: values)
            }
        }
    }

    package let provider: Provider?
    package let domains: [EmailDomain]
    package let requiresSecondFactor: Bool
    /// 0 before anything was set.
    package let revision: Int64

    package init(
        provider: Provider?, domains: Set<EmailDomain>, requiresSecondFactor: Bool,
        revision: Int64
    ) {
        self.provider = provider
        self.domains = domains.sorted()
        self.requiresSecondFactor = requiresSecondFactor
        self.revision = revision
    }

    /// Of no row: nothing was set.
    package init(row: Row?) throws {
        guard let row else {
            self.init(provider: nil, domains: [], requiresSecondFactor: false, revision: 0)
            return
        }
        self.init(
            provider: try Provider(row: row), domains: try row.emailDomains,
            requiresSecondFactor: try row.decode("requires_second_factor"),
            revision: try row.decode("revision"))
    }

    /// The caller's own.
    package static let own: Query = """
        select s.issuer, s.client_id, s.sealed_client_secret, s.scopes, s.roles_claim,
            s.role_values::text as role_values, s.requires_second_factor, s.revision,
            array(select d.domain from email_domain d where d.organisation = s.organisation
                order by 1) as domains
        from sign_in_settings s where s.organisation = current_organisation()
        """

    /// `demo`: whether this is a demo's or a test's database.
    package static let isDemo: Query = "select is_demo() as demo"

    /// No row is changed when the revision is another by now.
    package func write(over revision: Int64) -> Query {
        let values = provider?.roles?.valuesJSON.compactText ?? "{}"
        return """
            insert into sign_in_settings as s (organisation, issuer, client_id,
                sealed_client_secret, scopes, roles_claim, role_values, requires_second_factor,
                revision)
            select current_organisation(), \(provider?.issuer.text), \(provider?.clientID),
                \(provider?.sealedClientSecret), \(provider?.scopes ?? []),
                \(provider?.roles?.claim), \(values)::jsonb, \(requiresSecondFactor),
                \(revision) + 1
            where \(revision) = 0 or exists (
                select from sign_in_settings where organisation = current_organisation())
            on conflict (organisation) do update set issuer = excluded.issuer,
                client_id = excluded.client_id,
                sealed_client_secret = excluded.sealed_client_secret, scopes = excluded.scopes,
                roles_claim = excluded.roles_claim, role_values = excluded.role_values,
                requires_second_factor = excluded.requires_second_factor,
                revision = excluded.revision
                where s.revision = \(revision)
            """
    }

    package var dropOtherDomains: Query {
        """
        delete from email_domain
        where organisation = current_organisation() and domain <> all (\(domains.map(\.text)))
        """
    }

    /// A unique violation where another organisation has one of them.
    package var addDomains: Query {
        """
        insert into email_domain (domain, organisation)
        select d, current_organisation() from unnest(\(domains.map(\.text))) as d
        where d not in (
            select domain from email_domain where organisation = current_organisation())
        """
    }
}

extension Row {
    fileprivate var emailDomains: Set<EmailDomain> {
        get throws { try Set(decode("domains", as: [String].self).map { try EmailDomain($0) }) }
    }
}

/// The provider of an organisation, for who is not signed in yet.
package struct FoundProvider: Sendable {
    package let organisation: OrganisationID
    package let organisationName: String
    package let settings: StoredSignInSettings.Provider
    package let domains: Set<EmailDomain>

    package init(row: Row) throws {
        organisation = try row.decode("organisation")
        organisationName = try row.decode("organisation_name")
        guard let provider = try StoredSignInSettings.Provider(row: row) else {
            throw CellError.malformed("a provider")
        }
        settings = provider
        domains = try row.emailDomains
    }

    package static func of(_ domain: EmailDomain) -> Query {
        "select * from provider_of_domain(\(domain.text))"
    }

    package static func of(_ organisation: OrganisationID) -> Query {
        "select * from provider_of(\(organisation))"
    }
}
