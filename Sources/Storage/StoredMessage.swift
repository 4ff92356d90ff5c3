import MoneyAndTime
import Postgres
import StrictJSON

/// By what a message goes out.
package enum MessageChannel: String, Sendable, CaseIterable {
    case mail, sms
}

/// A file that goes along with a mail.
package struct MessageAttachment: Hashable, Sendable {
    /// With its parameters: `text/calendar; method=REQUEST; charset=utf-8`.
    package let contentType: String
    /// Of the file: letters, digits, `.`, `_` and `-`.
    package let name: String
    package let content: String

    package init(contentType: String, name: String, content: String) {
        self.contentType = contentType
        self.name = name
        self.content = content
    }

    init(_ json: JSON) throws {
        self = try JSONReader(json).object { fields in
            try MessageAttachment(
                contentType: fields.string("content_type", max: 200),
                name: fields.string("name", max: 100),
                content: fields.string("content", max: 16_000_000))
        }
    }

    var json: JSON {
        ["content_type": JSON(contentType), "name": JSON(name), "content": JSON(content)]
    }
}

/// A message that is to go out, put in line in the transaction of its cause.
package struct NewMessage: Sendable {
    /// Whose message it is: its administrators see what could not be sent.
    package let organisation: OrganisationID
    package let channel: MessageChannel
    package let recipient: String
    /// Empty for a text.
    package let subject: String
    /// Lines that end in a line feed.
    package let text: String
    package let attachments: [MessageAttachment]
    /// What it is sent for: an organisation's second message of one cause is not made.
    package let cause: String
    /// Later it says nothing any more; real time, whatever a demo's clock says.
    package let expiresAt: Instant?

    package init(
        of organisation: OrganisationID, by channel: MessageChannel, to recipient: String,
        subject: String, text: String, attachments: [MessageAttachment] = [], cause: String,
        expiresAt: Instant? = nil
    ) {
        self.organisation = organisation
        self.channel = channel
        self.recipient = recipient
        self.subject = subject
        self.text = text
        self.attachments = attachments
        self.cause = cause
        self.expiresAt = expiresAt
    }

    /// `queued` is false where one of its cause is there.
    package var queue: Query {
        """
        select queue_message(\(organisation), \(channel.rawValue), \(recipient), \(subject),
            \(text), \(JSON.array(attachments.map(\.json)).compactText)::jsonb, \(cause),
            \(expiresAt)) as queued
        """
    }
}

/// A row of `outgoing_message` on its way.
package struct StoredMessage: Sendable {
    package let id: MessageID
    package let organisation: OrganisationID
    package let channel: MessageChannel
    package let recipient: String
    package let subject: String
    package let text: String
    package let attachments: [MessageAttachment]
    package let madeAt: Instant

    package init(row: Row) throws {
        guard let channel = MessageChannel(rawValue: try row.decode("channel")) else {
            throw CellError.malformed("a message's channel")
        }
        id = try row.decode("id")
        organisation = try row.decode("organisation")
        self.channel = channel
        recipient = try row.decode("recipient")
        subject = try row.decode("subject")
        text = try row.decode("body")
        attachments = try (JSON.parse(row["attachments", String.self]).elements ?? [])
            .map { try MessageAttachment($0) }
        madeAt = try row.decode("made_at")
    }

    /// The next one that is due in these channels; in a demo none ever is.
    package static func take(_ channels: [MessageChannel]) -> Query {
        "select * from take_message(\(channels.map(\.rawValue)))"
    }

    /// What became of it; nil for `problem` when it has gone. Nothing secret in it.
    package func wasTried(problem: String?) -> Query {
        "select message_was_tried(\(id), \(problem)::text)"
    }

    package static let forget: Query = "select forget_messages()"

    /// The newest, in a demo; refused (`AK404`) elsewhere.
    package static let ofDemo: Query = "select * from demo_messages()"
}

/// A message as the administrators of its organisation see it.
package struct ListedMessage: Sendable {
    package enum State: String, Sendable, CaseIterable {
        case waiting, sent
        case givenUp = "given_up"
    }

    package let id: MessageID
    package let channel: MessageChannel
    /// Nil for a telephone's number, which is told to nobody.
    package let recipient: String?
    package let subject: String
    package let state: State
    package let tries: Int64
    package let problem: String?
    package let madeAt: Instant
    package let endedAt: Instant?

    package init(row: Row) throws {
        guard let channel = MessageChannel(rawValue: try row.decode("channel")),
            let state = State(rawValue: try row.decode("state"))
        else { throw CellError.malformed("a message") }
        id = try row.decode("id")
        self.channel = channel
        recipient = channel == .mail ? try row.decode("recipient") : nil
        subject = try row.decode("subject")
        self.state = state
        tries = Int64(try row["tries", Int32.self])
        problem = try row.decode("last_error")
        madeAt = try row.decode("made_at")
        endedAt = try row.decode("ended_at")
    }

    /// The caller's, newest first.
    package static func page(state: State?, after: MessageID?, limit: Int) -> Query {
        """
        select id, channel, recipient, subject, state, tries, last_error, made_at, ended_at
        from outgoing_message
        where (\(state?.rawValue)::text is null or state = \(state?.rawValue)::text)
            and (\(after)::uuid is null or id < \(after)::uuid)
        order by id desc limit \(limit)
        """
    }
}
