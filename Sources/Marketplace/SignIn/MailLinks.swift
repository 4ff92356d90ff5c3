import Documents
import MoneyAndTime
import Organisations
import Postgres
import SignIn
import Storage
import StrictJSON

// Signing in by a link that comes by mail.

/// What a link's page says.
package struct LinkSheet: Sendable {
    package let organisationName: String
    package let memberName: String
    package let wantsCode: Bool
    /// Whether this browser asked for the link.
    package let isThisBrowser: Bool
}

/// The words of a mail.
package struct MailWords: Sendable {
    package let subject: String
    package let text: String

    package init(subject: String, text: String) {
        self.subject = subject
        self.text = text
    }
}

extension Market {
    /// How long the answer to an address takes, whether it is a member's or not.
    static let sameTime: Duration = .milliseconds(400)

    /// Sends a link to every membership behind an address whose organisation has no provider, as
    /// long as not too many were asked for. Nobody learns from the answer, nor from how long it
    /// takes, whether there is one. Throws `SignInRefusal` where no mail can go out.
    package func askForLink(
        to email: EmailAddress, browser: OneTimeSecret,
        words: @Sendable (_ organisationName: String, _ link: OneTimeSecret) -> MailWords
    ) async throws {
        guard let sender = surroundings.mail.sender else { throw SignInRefusal.notSetUp }
        let answered = ContinuousClock.now + Self.sameTime
        let members = try await asRefusals {
            try await database.read([MailedMember.all(of: email)]).map(MailedMember.init(row:))
        }
        for member in members {
            var random = SystemRandomNumberGenerator()
            let link = OneTimeSecret(using: &random)
            let words = words(member.organisationName, link)
            let mail: MailID = newID()
            let message = MailMessage(
                sender: sender, recipient: member.email, subject: words.subject, text: words.text)
            let sealed = try seals.seal(
                message.json.write(), for: .mail, of: mail, using: &random)
            _ = try await asRefusals {
                try await database.write([
                    StoredMailLink.send(
                        link, to: member.member, askedBy: browser, mail, sealed: sealed)
                ])
            }
        }
        try await Task.sleep(until: answered, clock: .continuous)
    }

    /// What a link opens; it is not used by this. Throws `SignInRefusal`.
    package func link(
        _ link: OneTimeSecret, browser: OneTimeSecret?
    ) async throws -> LinkSheet {
        let row = try await asRefusals {
            try await database.read([StoredMailLink.find(link)]).atMostOne()
        }
        guard let stored = try row.map(StoredMailLink.init(row:)) else {
            throw SignInRefusal.linkUnknown
        }
        return LinkSheet(
            organisationName: stored.organisationName, memberName: stored.memberName,
            wantsCode: stored.factor != nil,
            isThisBrowser: browser?.digest == stored.browserDigest)
    }

    /// Lets in who has the link, and the code where the member has a second factor. A wrong code
    /// does not use the link up. Throws `SignInRefusal`.
    package func useLink(_ link: OneTimeSecret, code: String?) async throws -> CredentialToken {
        let token = try Self.newToken()
        let refusal: SignInRefusal? = try await asRefusals {
            try await database.transaction { transaction in
                let row = try await transaction.query(StoredMailLink.hold(link)).atMostOne()
                guard let stored = try row.map(StoredMailLink.init(row:)) else {
                    return .linkUnknown
                }
                if let factor = stored.factor,
                    let refusal = try await check(
                        code ?? "", factor, of: stored.member, now: stored.now, in: transaction)
                {
                    return refusal
                }
                try await transaction.query(
                    StoredMailLink.use(link, newID(), CredentialDigest(of: token)))
                return nil
            }
        }
        if let refusal { throw refusal }
        return token
    }
}
