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

/// A mail as a demo shows it instead of sending it.
package struct ShownMail: Sendable {
    package let organisationName: String
    package let madeAt: Instant
    package let message: MailMessage
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

    /// The newest mail of a demo; elsewhere not found.
    package func demoMail() async throws -> [ShownMail] {
        let rows = try await asRefusals { try await database.read([StoredMail.ofDemo]) }
        return try rows.map { row in
            ShownMail(
                organisationName: try row.decode("organisation_name"),
                madeAt: try row.decode("made_at"),
                message: try opened(row.decode("sealed_message"), of: row.decode("id")))
        }
    }

    private func opened(_ sealed: [UInt8], of id: MailID) throws -> MailMessage {
        try MailMessage(JSON.parse(seals.open(sealed, for: .mail, of: id)))
    }

    /// Attempts, links and mail that are over.
    package func forgetOldSignIns() async throws {
        _ = try await asRefusals { try await database.write([Login.forgetSignIns]) }
    }
}
