import MoneyAndTime
import Organisations
import Postgres
import SignIn

/// A row of `sign_in_attempt`, taken when the browser came back.
package struct TakenAttempt: Sendable {
    /// How long somebody may stay at the provider, in seconds.
    package static let lifeSeconds: Int32 = 600

    package let organisation: OrganisationID
    package let browserDigest: [UInt8]
    /// Where the browser goes once it is signed in.
    package let next: String
    /// The database's clock: real time, whatever a demo's clock shows.
    package let now: Instant

    package init(row: Row) throws {
        organisation = try row.decode("organisation")
        browserDigest = try row.decode("browser_digest")
        next = try row.decode("next")
        now = try row.decode("now")
    }

    package static func begin(
        _ state: OneTimeSecret, at organisation: OrganisationID, by browser: OneTimeSecret,
        next: String
    ) -> Query {
        """
        select begin_attempt(\(state.digest), \(organisation), \(browser.digest), \(next),
            \(lifeSeconds))
        """
    }

    /// It is gone with this.
    package static func take(_ state: OneTimeSecret) -> Query {
        "select * from take_attempt(\(state.digest))"
    }
}

/// Who was proven by a provider, as the database lets them in.
package struct ProvenMember: Sendable {
    package let organisation: OrganisationID
    package let email: EmailAddress
    /// For one who is made a member now.
    package let name: String
    /// Nil where an administrator gives the roles.
    package let roles: Set<Role>?

    package init(
        organisation: OrganisationID, email: EmailAddress, name: String, roles: Set<Role>?
    ) {
        self.organisation = organisation
        self.email = email
        self.name = name
        self.roles = roles
    }

    /// Refused (`AK404`) where there is no active member.
    package func signIn(
        orAs newMember: MemberID, _ credential: CredentialID, _ digest: CredentialDigest
    ) -> Query {
        """
        select sign_in_at_provider(\(organisation), \(email.text), \(name),
            \(roles?.storedNames), \(newMember), \(credential), \(digest.bytes),
            \(Login.idleSeconds), \(Login.lifeSeconds))
        """
    }
}

extension Login {
    /// What is over goes.
    package static let forgetSignIns: Query = "select forget_sign_ins()"
}
