import Documents
import Marketplace
import MoneyAndTime
import Storage
import Visits

/// The words of a mail with a calendar message, in the language of its mailbox.
package struct CalendarMailWords: Sendable {
    private let texts: Texts

    package init() throws { texts = try Texts() }

    package func mail(_ mail: CalendarMail) -> MailWords {
        let language = Language(rawValue: mail.language) ?? .finnish
        let message = mail.message
        func say(_ key: String, _ value: String = "") -> String {
            (texts[language][key] ?? key).replacing("{0}", with: value)
        }
        let (start, end) = (message.slot.start, message.slot.end)
        let moment = language.moment(start, in: mail.zone).replacing(noBreakSpace, with: " ")
        let span = language.span(start, end, in: mail.zone).replacing(noBreakSpace, with: " ")
        let subject = say("calendar_mail_\(Self.kind(message))", moment)
        var lines = [subject, "", mail.visit.summary, span]
        if let location = mail.visit.location { lines.append(location) }
        lines += ["", say("calendar_mail_how")]
        if let page = mail.visit.page { lines.append(page) }
        lines += ["", say("calendar_mail_why")]
        return MailWords(
            subject: "\(subject): \(mail.visit.summary)",
            text: lines.joined(separator: "\n") + "\n")
    }

    static func kind(_ message: Invitation.Message) -> String {
        switch message.method {
        case .request: message.status == .confirmed ? "agreed" : "proposed"
        case .reply: "accepted"
        case .counter: "counter"
        case .declineCounter: "counter_off"
        case .cancel: "cancelled"
        }
    }
}
