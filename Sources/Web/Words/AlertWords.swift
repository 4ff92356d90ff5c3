import Marketplace
import MoneyAndTime
import Organisations
import Storage

/// What an alert says, in every language, and where it leads: on the page and in a mail.
package struct AlertWords: Sendable {
    private let texts: Texts

    package init() throws { texts = try Texts() }

    init(_ texts: Texts) { self.texts = texts }

    /// One sentence; `about` is the time of the visit, block or end that it is about.
    func sentence(
        _ kind: AlertKind, counterparty: String?, about: Instant?, in language: Language,
        zone: WallClock
    ) -> String {
        let text = texts[language]["alert_\(kind.rawValue)"] ?? kind.rawValue
        return
            text
            .replacing("{0}", with: counterparty ?? "–")
            .replacing("{1}", with: about.map { language.moment($0, in: zone) } ?? "–")
    }

    /// The page of what it is about; nil where none of ours is.
    static func address(_ subjectKind: String, _ subject: String) -> String? {
        switch subjectKind {
        case "booking": "/bookings/\(subject)"
        case "visit": "/visits/\(subject)"
        case "waiting_entry": "/waiting"
        case "demand": "/now"
        case "block": "/blocks/\(subject)"
        case "statement": "/statements/\(subject)"
        case "dispute": "/disputes/\(subject)"
        case "invoice": "/invoices/\(subject)"
        case "credit_note": "/credit-notes/\(subject)"
        case "rating_again": "/statements"
        case "netting_round": "/netting/\(subject)"
        case "contract": "/contracts/\(subject)"
        case "message": "/settings/messages"
        case "payment_limit": "/payments"
        case "invoice_reception": "/settings/invoices"
        default: nil
        }
    }

    /// A mail in its member's language; with links where browsers find the pages at
    /// `publicAddress`.
    package func mail(_ mail: AlertMail, at publicAddress: String?) -> MailWords {
        let language = Language(rawValue: mail.language) ?? .finnish
        func say(_ key: String, _ value: String = "") -> String {
            (texts[language][key] ?? key).replacing("{0}", with: value)
        }
        func sentence(_ line: AlertMail.Line) -> String {
            self.sentence(
                line.kind, counterparty: line.counterpartyName, about: line.about, in: language,
                zone: mail.zone
            ).replacing(noBreakSpace, with: " ")
        }
        let only = mail.lines.count == 1 ? mail.lines[0] : nil
        var text = ""
        for line in mail.lines {
            text += sentence(line) + "\n"
            if let publicAddress, let path = Self.address(line.subjectKind, line.subjectID) {
                text += publicAddress + path + "\n"
            }
            text += "\n"
        }
        text += say("alert_mail_why", mail.organisationName) + "\n"
        if let publicAddress { text += publicAddress + "/alerts/settings\n" }
        return MailWords(
            subject: only.map { "Aikatori: " + say("alert_name_\($0.kind.rawValue)") }
                ?? say("alert_mail_subject", "\(mail.lines.count)"),
            text: text)
    }
}
