import Contracts
import Documents
import Logging
import MoneyAndTime
import Organisations
import Postgres
import Storage
import StrictJSON
import Visits

// The handshake's calendar messages by mail, to the units and organisations that want them.

/// What the words of such a mail are made of.
package struct CalendarMail: Sendable {
    package let message: Invitation.Message
    package let side: Visits.Side
    package let visit: CalendarVisit
    /// `fi`, `sv` or `en`.
    package let language: String
    package let zone: WallClock
}

extension Market {
    package func listCalendarMailboxes(
        _ request: Request, page: Page<CalendarMailboxID>
    ) async throws -> Answer {
        let rows = try await read(
            request, StoredCalendarMailbox.page(after: page.after, limit: page.limit + 1))
        return try .page(
            rows.map(StoredCalendarMailbox.init(row:)), limit: page.limit,
            cursor: { $0.id.description }, item: \.json)
    }

    /// For one unit, or for all that have none of their own; in the place of the one before.
    package func setCalendarMailbox(
        _ request: Request, of unit: UnitID?, _ address: EmailAddress,
        in language: TemplateLanguage
    ) async throws -> Answer {
        try await change(request) { transaction, caller in
            if let unit, try await transaction.query(StoredUnit.find(unit)).isEmpty {
                throw Refusal(.notFound)
            }
            let mailbox = try await StoredCalendarMailbox(
                row: transaction.query(
                    StoredCalendarMailbox.set(
                        newID(), unit: unit, address: address.text, language: language.rawValue,
                        for: caller.organisation)
                ).only())
            try await transaction.note(
                .init(
                    .calendarMailbox, mailbox.id, "calendar_mailbox.set",
                    revision: mailbox.revision),
                by: caller)
            return Answer(mailbox.json, revision: mailbox.revision)
        }
    }

    /// No calendar messages are mailed there any more; those in line are not made.
    package func removeCalendarMailbox(
        _ request: Request, _ id: CalendarMailboxID
    ) async throws -> Answer {
        try await change(request) { transaction, caller in
            guard
                let row = try await transaction.query(StoredCalendarMailbox.remove(id)).atMostOne()
            else { throw Refusal(.notFound) }
            let mailbox = try StoredCalendarMailbox(row: row)
            try await transaction.note(
                .init(
                    .calendarMailbox, id, "calendar_mailbox.removed", revision: mailbox.revision),
                by: caller)
            return Answer(mailbox.json, revision: mailbox.revision)
        }
    }

    /// Puts the next calendar message that is to be mailed in line; false where there is none. It
    /// is told as it was when its cause happened, also when more has happened since; and once,
    /// however often it is tried.
    package func mailNextCalendarMessage(
        words: @Sendable (CalendarMail) -> MailWords
    ) async throws -> Bool {
        var taken: Int64?
        do {
            return try await asRefusals {
                try await database.transaction { transaction in
                    guard
                        let row = try await transaction.query(DueCalendarMail.take).atMostOne()
                    else { return false }
                    taken = try row.decode("id")
                    let due = try DueCalendarMail(row: row)
                    if let message = try await message(of: due, words: words, in: transaction) {
                        try await transaction.queue(message)
                    }
                    try await transaction.query(due.drop)
                    return true
                }
            }
        } catch  where !(error is Unavailable || error is CancellationError) {
            guard let taken else { throw error }
            logger.error(
                "a calendar message could not be made, and waits",
                metadata: ["message": "\(taken)", "error": "\(error)"])
            _ = try await asRefusals {
                try await database.write([DueCalendarMail.postpone(taken)])
            }
            return true
        }
    }

    /// Nil where there is nothing new for this side, or it wants no mail any more.
    private func message(
        of due: DueCalendarMail, words: (CalendarMail) -> MailWords, in transaction: Transaction
    ) async throws -> NewMessage? {
        guard let mailbox = due.mailbox else { return nil }
        guard surroundings.mail.sender != nil else {
            logger.warning("calendar messages are to be mailed, and no mail can be sent")
            return nil
        }
        let booking = try await StoredBooking(
            row: transaction.query(StoredBooking.find(due.booking)).only())
        let told = try await calendars(
            of: [booking], in: TemplateLanguage(rawValue: mailbox.language) ?? .finnish,
            for: due.organisation, at: .then(due.at, sequence: due.sequence), in: transaction)
        guard let visit = told.first, let document = visit.message,
            let message = visit.invitation.message(for: visit.side),
            message.isNews(to: visit.side)
        else { return nil }
        let written = words(
            CalendarMail(
                message: message, side: visit.side, visit: visit.visit,
                language: mailbox.language, zone: due.zone))
        return NewMessage(
            of: due.organisation, by: .mail, to: mailbox.address, subject: written.subject,
            text: written.text,
            attachments: [
                MessageAttachment(
                    contentType: document.mediaType, name: document.fileName,
                    content: String(decoding: document.bytes, as: UTF8.self))
            ],
            cause: "calendar \(due.booking) \(message.method.rawValue) \(message.sequence) "
                + message.at.rfc3339,
            expiresAt: try Self.realTime().adding(seconds: 7 * 86_400))
    }
}

extension StoredCalendarMailbox {
    fileprivate var json: JSON {
        [
            "id": JSON(id.description),
            "unit": JSON(unit?.description),
            "address": JSON(address),
            "language": JSON(language),
            "revision": JSON(revision),
        ]
    }
}
