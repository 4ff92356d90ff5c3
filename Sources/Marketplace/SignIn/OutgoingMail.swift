import Documents
import Logging
import MoneyAndTime
import Organisations
import Outgoing
import Postgres
import SignIn
import Storage
import StrictJSON

// Mail that waits to go out.

/// A mail or a text as a demo shows it instead of sending it.
package struct ShownMail: Sendable {
    package let organisationName: String
    package let madeAt: Instant
    package let recipient: String
    /// Empty for a text.
    package let subject: String
    package let text: String
}

extension Market {
    /// Sends the next mail that is due; false where there is none, or no way to send it. One that
    /// cannot be sent is tried again later, as long as it says anything.
    package func sendNextMail() async throws -> Bool {
        guard case .sendmail(let sendmail, _) = surroundings.mail else { return false }
        let row = try await asRefusals { try await database.write([StoredMail.take]).atMostOne() }
        guard let mail = try row.map(StoredMail.init(row:)) else { return false }
        var problem: String?
        do {
            let message = try opened(mail.sealed, of: mail.id)
            try await sendmail.send(
                message.bytes(id: mail.id, at: Self.realTime()), to: message.recipient.text)
        } catch is SecretSeal.Broken {
            problem = "is sealed under another master key"
        } catch {
            problem = "\(error)"
        }
        if let problem {
            logger.error(
                "a mail waits", metadata: ["mail": "\(mail.id)", "problem": "\(problem)"])
        }
        _ = try await asRefusals {
            try await database.write([mail.wasSent(problem: problem)])
        }
        return true
    }

    /// The newest mail and texts of a demo, newest first; elsewhere not found.
    package func demoMail() async throws -> [ShownMail] {
        let (rows, messages) = try await asRefusals {
            (
                try await database.read([StoredMail.ofDemo]),
                try await database.read([StoredMessage.ofDemo])
            )
        }
        let mail = try rows.map { row in
            let message = try opened(row.decode("sealed_message"), of: row.decode("id"))
            return ShownMail(
                organisationName: try row.decode("organisation_name"),
                madeAt: try row.decode("made_at"), recipient: message.recipient.text,
                subject: message.subject, text: message.text)
        }
        let others = try messages.map { row in
            ShownMail(
                organisationName: try row.decode("organisation_name"),
                madeAt: try row.decode("made_at"), recipient: try row.decode("recipient"),
                subject: try row.decode("subject"), text: try row.decode("body"))
        }
        return (mail + others).sorted { $0.madeAt > $1.madeAt }
    }

    private func opened(_ sealed: [UInt8], of id: MailID) throws -> MailMessage {
        try MailMessage(JSON.parse(seals.open(sealed, for: .mail, of: id)))
    }

    /// Attempts, links and mail that are over.
    package func forgetOldSignIns() async throws {
        _ = try await asRefusals { try await database.write([Login.forgetSignIns]) }
    }
}
