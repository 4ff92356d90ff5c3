import MoneyAndTime
import Organisations
import StrictJSON

/// A letter as it goes out: RFC 5322, in plain text and UTF-8 (RFC 2045, RFC 2047). Nothing that
/// is put in can begin a header of its own: addresses are what `EmailAddress` lets be, and the
/// subject is encoded wherever it is not plain.
package struct MailMessage: Sendable {
    package let sender: EmailAddress
    package let recipient: EmailAddress
    package let subject: String
    /// Lines that end in a line feed.
    package let text: String
    package let attachments: [MailAttachment]

    package init(
        sender: EmailAddress, recipient: EmailAddress, subject: String, text: String,
        attachments: [MailAttachment] = []
    ) {
        self.sender = sender
        self.recipient = recipient
        self.subject = subject
        self.text = text
        self.attachments = attachments
    }

    /// As it waits to go out; without files, which a link has none of.
    package var json: JSON {
        [
            "sender": JSON(sender.text), "recipient": JSON(recipient.text),
            "subject": JSON(subject), "text": JSON(text),
        ]
    }

    package init(_ json: JSON) throws {
        self = try JSONReader(json).object { fields in
            try MailMessage(
                sender: fields.parsed("sender", max: 254) { try EmailAddress($0) },
                recipient: fields.parsed("recipient", max: 254) { try EmailAddress($0) },
                subject: fields.string("subject", max: 1_000),
                text: fields.string("text", max: 100_000))
        }
    }

    /// Lines end in CR LF (RFC 5322 §2.1) and are at most 76 characters long.
    /// `id` stays the same however often it is sent, so that a repetition can be told.
    package func bytes<Tag: IDTag>(id: ID<Tag>, at instant: Instant) throws -> [UInt8] {
        let domain = sender.text.drop { $0 != "@" }
        let headers = [
            "From: <\(sender)>", "To: <\(recipient)>", "Subject: \(Self.encoded(subject))",
            "Date: \(try Self.date(instant))", "Message-ID: <\(id)\(domain)>",
            "MIME-Version: 1.0",
        ]
        // so that nobody's absence answers it (RFC 3834 §5)
        let automatic = ["Auto-Submitted: auto-generated"]
        let plain = MailPart.text(text)
        let whole =
            attachments.isEmpty
            ? plain : MailPart.withFiles(plain, attachments, boundary: "\(id)")
        let lines = headers + whole.headers + automatic + [""] + whole.lines
        return Array(lines.joined(separator: "\r\n").utf8)
    }

    // MARK: Headers

    /// As it is where it is short, printable ASCII; else as encoded words of at most 75 characters
    /// (RFC 2047 §2), none of which cuts a character in two.
    static func encoded(_ subject: String) -> String {
        let isPlain = subject.utf8.allSatisfy { (0x20...0x7E).contains($0) }
        if isPlain, subject.utf8.count <= 60, !subject.contains("=?") { return subject }
        var words: [[UInt8]] = [[]]
        for scalar in subject.unicodeScalars {
            let bytes = Array(String(scalar).utf8)
            if words[words.count - 1].count + bytes.count > 39 { words.append([]) }
            words[words.count - 1] += bytes
        }
        return words.map { "=?utf-8?B?\(MailPart.base64($0))?=" }.joined(separator: "\r\n ")
    }

    /// RFC 5322 §3.3, in UTC: `Wed, 25 Nov 2026 21:30:00 +0000`.
    static func date(_ instant: Instant) throws -> String {
        let utc = try WallClock(zone: "UTC")
        let date = utc.date(of: instant)
        let days = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
        let months = [
            "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
        ]
        let second = instant.secondsSince1970 % 86_400
        let time = [second / 3_600, second / 60 % 60, second % 60]
            .map { $0 < 10 ? "0\($0)" : "\($0)" }.joined(separator: ":")
        return "\(days[date.weekday.rawValue - 1]), \(date.day) \(months[date.month - 1]) "
            + "\(date.year) \(time) +0000"
    }

    // MARK: The text

    /// One line of RFC 2045 §6.7, folded by soft breaks.
    static func quotedPrintable(_ line: Substring) -> String {
        let bytes = Array(line.utf8)
        var lines: [String] = []
        var current = ""
        for (index, byte) in bytes.enumerated() {
            let isLast = index == bytes.count - 1
            let isBlank = byte == 0x20 || byte == 0x09
            let isPlain = (0x21...0x7E).contains(byte) && byte != UInt8(ascii: "=")
            var piece =
                isPlain || isBlank && !isLast
                ? String(Unicode.Scalar(byte)) : "=" + hexadecimal(byte)
            if current.utf8.count + piece.utf8.count > 75 {
                lines.append(current + "=")
                current = ""
            }
            // A dot alone on a line would end the message for some programs.
            if current.isEmpty, byte == UInt8(ascii: ".") { piece = "=2E" }
            current += piece
        }
        return (lines + [current]).joined(separator: "\r\n")
    }

    private static func hexadecimal(_ byte: UInt8) -> String {
        (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
    }
}
