import MoneyAndTime
import Organisations
import Postgres
import SignIn

/// A member who signs in by a link by mail.
package struct MailedMember: Sendable {
    package let organisation: OrganisationID
    package let organisationName: String
    package let member: MemberID
    package let email: EmailAddress

    package init(row: Row) throws {
        organisation = try row.decode("organisation")
        organisationName = try row.decode("organisation_name")
        member = try row.decode("member")
        email = try EmailAddress(row.decode("email"))
    }

    package static func all(of email: EmailAddress) -> Query {
        "select * from members_by_mail(\(email.text))"
    }
}

/// What a link opens, while it does; the link itself is kept as its digest.
package struct StoredMailLink: Sendable {
    /// How long a link is good, in seconds.
    package static let lifeSeconds: Int32 = 900
    /// How many a member may ask for within an hour.
    package static let mostInAnHour: Int32 = 5

    package let organisation: OrganisationID
    package let organisationName: String
    package let memberName: String
    package let browserDigest: [UInt8]
    /// Nil where no code is asked for.
    package let factor: StoredSecondFactor?
    package let member: MemberID
    package let now: Instant

    package init(row: Row) throws {
        organisation = try row.decode("organisation")
        organisationName = try row.decode("organisation_name")
        member = try row.decode("member")
        memberName = try row.decode("member_name")
        browserDigest = try row.decode("browser_digest")
        factor = try StoredSecondFactor(row: row)
        now = try row.decode("now")
    }

    /// `sent` is false where the member has asked for enough of them.
    package static func send(
        _ link: OneTimeSecret, to member: MemberID, askedBy browser: OneTimeSecret,
        _ mail: MailID, sealed: [UInt8]
    ) -> Query {
        """
        select send_link(\(member), \(link.digest), \(browser.digest), \(lifeSeconds),
            \(mostInAnHour), \(mail), \(sealed)) as sent
        """
    }

    package static func find(_ link: OneTimeSecret) -> Query {
        "select * from open_link(\(link.digest))"
    }

    /// Nobody else opens it until the transaction ends.
    package static func hold(_ link: OneTimeSecret) -> Query {
        "select * from hold_link(\(link.digest))"
    }

    package static func use(
        _ link: OneTimeSecret, _ credential: CredentialID, _ digest: CredentialDigest
    ) -> Query {
        """
        select use_link(\(link.digest), \(credential), \(digest.bytes), \(Login.idleSeconds),
            \(Login.lifeSeconds))
        """
    }
}

/// A row of `outgoing_mail` on its way.
package struct StoredMail: Sendable {
    package let id: MailID
    /// The message, under the master key.
    package let sealed: [UInt8]

    package init(row: Row) throws {
        id = try row.decode("id")
        sealed = try row.decode("sealed_message")
    }

    /// The next one that is due; in a demo none ever is.
    package static let take: Query = "select * from take_mail()"

    /// What became of it; nil for `problem` when it has gone.
    package func wasSent(problem: String?) -> Query {
        "select mail_was_sent(\(id), \(problem)::text)"
    }

    /// The newest, in a demo; refused (`AK404`) elsewhere.
    package static let ofDemo: Query = "select * from demo_mail()"
}
