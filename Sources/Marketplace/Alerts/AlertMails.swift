import MoneyAndTime
import Organisations
import Postgres
import Storage

// Alerts that go out by mail.

extension Market {
    /// Puts the mail of the next member who is to be told by mail in line; false where there is
    /// none, or no way to send it. One mail for all that waits for that member; where nothing of it
    /// is urgent, no more often than they chose.
    package func mailNextAlerts(
        words: @Sendable (AlertMail) -> MailWords
    ) async throws -> Bool {
        guard surroundings.mail.sender != nil else { return false }
        return try await asRefusals {
            try await database.transaction { transaction in
                let rows = try await transaction.query(AlertMail.take)
                guard let mail = try AlertMail(rows: rows) else { return false }
                let words = words(mail)
                let cause = mail.lines[0].alert
                try await transaction.queue(
                    NewMessage(
                        of: mail.organisation, by: .mail, to: mail.email.text,
                        subject: words.subject, text: words.text, cause: "alerts \(cause)",
                        expiresAt: Self.realTime().adding(seconds: 86_400)))
                return true
            }
        }
    }
}

extension AlertMail.Line {
    /// As everyone writes it.
    package var subjectID: String {
        SubjectKind.identifier(of: subject.bits, kind: subjectKind)
    }
}
