import Logging
import MoneyAndTime
import Organisations
import Outgoing
import Postgres
import SignIn
import Storage
import StrictJSON

// Texts to patients: put in line when their time comes, and sent through the gateway of whoever
// booked. They say when, and who asks; never what for.

extension Market {
    /// Puts the reminder of a visit's patient in line, where its buyer wants one now.
    func remindPatient(
        _ kind: Deadline.Kind, of booking: EventID, in transaction: Transaction
    ) async throws {
        let rows = try await transaction.query(PatientReminder.due(kind, booking))
        guard let reminder = try rows.atMostOne().map(PatientReminder.init(row:)) else { return }
        try await transaction.queue(
            NewMessage(
                of: reminder.buyer, by: .sms, to: reminder.contact.number.text, subject: "",
                text: try reminder.text, cause: reminder.cause, expiresAt: reminder.expiresAt))
    }

    /// Tries the next text that is due; false where there is none.
    package func sendNextText() async throws -> Bool {
        let row = try await asRefusals {
            try await database.write([StoredMessage.take([.sms])]).atMostOne()
        }
        guard let message = try row.map(StoredMessage.init(row:)) else { return false }
        try await wasTried(message, problem: try await send(message))
        return true
    }

    /// What was wrong, without anything of the message or the secret; nil when it has gone.
    private func send(_ message: StoredMessage) async throws -> String? {
        let row = try await asRefusals {
            try await database.read([StoredTextGateway.of(message.organisation)]).atMostOne()
        }
        guard let gateway = try row.map(StoredTextGateway.init(row:)),
            let address = gateway.address
        else { return "there is no gateway" }
        var header: (name: String, value: String)?
        if let secret = gateway.secret {
            guard
                let opened = try? seals.open(
                    secret.sealed, for: .textGateway, of: message.organisation)
            else { return "the secret is sealed under another master key" }
            header = (secret.header, String(decoding: opened, as: UTF8.self))
        }
        do {
            try await surroundings.http.deliver(
                address, method: gateway.method.rawValue,
                contentType: gateway.contentType.header,
                body: gateway.body(to: message.recipient, message.text),
                named: message.id.description, header: header)
            return nil
        } catch {
            return switch error {
            case .unreachable: "the gateway does not answer"
            case .status(let status): "the gateway answers \(status)"
            case .tooLarge: "the gateway answers too much"
            case .inside: "the gateway is within this server's own network"
            }
        }
    }
}

extension PatientReminder {
    /// In the patient's language, as the buyer wrote it.
    var text: String {
        get throws {
            let wrote = texts[contact.language] ?? Self.usual[contact.language] ?? "{when}"
            return
                wrote
                .replacing("{when}", with: moment)
                .replacing("{organisation}", with: buyerName)
        }
    }

    /// Where the buyer wrote none.
    static let usual = [
        "fi": "Muistutus: vastaanottoaikasi on {when}. {organisation}",
        "sv": "Påminnelse: din mottagningstid är {when}. {organisation}",
        "en": "Reminder: your appointment is on {when}. {organisation}",
    ]

    /// `8.3.2027 klo 10.00`: no weekday, and no characters that make a text longer than it is.
    private var moment: String {
        let day = zone.date(of: starts)
        let time = zone.timeOfDay(of: starts).minuteOfDay
        let (hour, minute) = (time / 60, time % 60 < 10 ? "0\(time % 60)" : "\(time % 60)")
        let date = "\(day.day).\(day.month).\(day.year)"
        return switch contact.language {
        case "fi": "\(date) klo \(hour).\(minute)"
        case "sv": "\(date) kl. \(hour).\(minute)"
        default: "\(date) at \(hour):\(minute)"
        }
    }
}

extension StoredTextGateway.ContentType {
    fileprivate var header: String {
        switch self {
        case .json, .form: rawValue
        case .plain: "\(rawValue); charset=utf-8"
        }
    }

    /// A value as it stands in a body of this kind, so that nothing of it ends its place there.
    fileprivate func escaped(_ value: String) -> String {
        switch self {
        case .json: String(JSON(value).compactText.dropFirst().dropLast())
        case .form:
            value.utf8.map { byte in
                switch byte {
                case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: String(Unicode.Scalar(byte))
                default: "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
                }
            }.joined()
        case .plain: value
        }
    }
}

extension StoredTextGateway {
    /// The template with its two places filled, each once: what a value holds is no place.
    package func body(to number: String, _ text: String) -> String {
        let values = ["{to}": number, "{text}": text]
        var (filled, rest) = ("", body[...])
        while let place = rest.firstMatch(of: /\{to\}|\{text\}/) {
            filled += rest[..<place.range.lowerBound]
            filled += contentType.escaped(values[String(place.0)] ?? "")
            rest = rest[place.range.upperBound...]
        }
        return filled + rest
    }
}
