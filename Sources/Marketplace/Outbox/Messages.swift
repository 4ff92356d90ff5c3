import Documents
import Logging
import MoneyAndTime
import Organisations
import Outgoing
import Postgres
import Storage
import StrictJSON

// What goes out to people: put in line in the transaction of its cause, sent outside of any, at
// least once and always under one name.

extension Transaction {
    /// Puts a message in line; it goes out once this transaction has committed. False where the
    /// organisation has one of the same cause already.
    @discardableResult
    func queue(_ message: NewMessage) async throws -> Bool {
        try await query(message.queue).only()["queued", Bool.self]
    }
}

extension Market {
    /// Tries the next message that is due; false where there is none, or no way to send it. One
    /// that cannot be sent is tried again after longer and longer waits, and at last given up,
    /// which its organisation's administrators see.
    package func sendNextMessage() async throws -> Bool {
        guard case .sendmail(let sendmail, let sender) = surroundings.mail else { return false }
        let row = try await asRefusals {
            try await database.write([StoredMessage.take([.mail])]).atMostOne()
        }
        guard let message = try row.map(StoredMessage.init(row:)) else { return false }
        var problem: String?
        do {
            try await sendmail.send(
                Self.mail(message, from: sender).bytes(id: message.id, at: message.madeAt),
                to: message.recipient)
        } catch {
            problem = "\(error)"
        }
        try await wasTried(message, problem: problem)
        return true
    }

    func wasTried(_ message: StoredMessage, problem: String?) async throws {
        if let problem {
            logger.error(
                "a message waits",
                metadata: ["message": "\(message.id)", "problem": "\(problem)"])
        }
        _ = try await asRefusals {
            try await database.write([message.wasTried(problem: problem)])
        }
    }

    private static func mail(
        _ message: StoredMessage, from sender: EmailAddress
    ) throws -> MailMessage {
        try MailMessage(
            sender: sender, recipient: EmailAddress(message.recipient),
            subject: message.subject, text: message.text,
            attachments: message.attachments.map {
                try MailAttachment(
                    contentType: $0.contentType, name: $0.name, content: Array($0.content.utf8))
            })
    }

    /// What went out, waits or was given up, newest first: never what it says.
    package func listMessages(
        _ request: Request, state: ListedMessage.State?, page: Page<MessageID>
    ) async throws -> Answer {
        let rows = try await read(
            request, ListedMessage.page(state: state, after: page.after, limit: page.limit + 1))
        return try .page(
            rows.map(ListedMessage.init(row:)), limit: page.limit,
            cursor: { $0.id.description }, item: \.json)
    }

    /// What went out or was given up long ago.
    package func forgetOldMessages() async throws {
        _ = try await asRefusals { try await database.write([StoredMessage.forget]) }
    }
}

extension ListedMessage {
    var json: JSON {
        [
            "id": JSON(id.description),
            "channel": JSON(channel.rawValue),
            "recipient": JSON(recipient),
            "subject": JSON(subject),
            "state": JSON(state.rawValue),
            "tries": JSON(tries),
            "problem": JSON(problem),
            "made_at": JSON(madeAt.rfc3339),
            "ended_at": JSON(endedAt?.rfc3339),
        ]
    }
}
