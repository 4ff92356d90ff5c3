import MoneyAndTime
import Organisations
import StrictJSON
import Testing

@testable import Documents

@Suite("Mail")
struct MailMessageTests {
    private static func written(_ subject: String, _ text: String) throws -> [String] {
        let message = MailMessage(
            sender: try EmailAddress("aikatori@hospital.example"),
            recipient: try EmailAddress("nurse@clinic.example"), subject: subject, text: text)
        let bytes = try message.bytes(
            id: MailID(bits: 1), at: Instant(rfc3339: "2026-11-05T07:08:09.5Z"))
        #expect(bytes.allSatisfy { $0 < 0x80 }, "7 bits")
        let lines = String(decoding: bytes, as: UTF8.self).split(
            separator: "\r\n", omittingEmptySubsequences: false
        ).map(String.init)
        for line in lines { #expect(line.utf8.count <= 76 && !line.utf8.contains(10), "\(line)") }
        return lines
    }

    @Test("headers, an empty line, the text")
    func plain() throws {
        let lines = try Self.written("Sign in", "Hello.\n\nGoodbye.\n")
        #expect(
            lines == [
                "From: <aikatori@hospital.example>", "To: <nurse@clinic.example>",
                "Subject: Sign in", "Date: Thu, 5 Nov 2026 07:08:09 +0000",
                "Message-ID: <mail_00000000000000000000000001@hospital.example>",
                "MIME-Version: 1.0", "Content-Type: text/plain; charset=utf-8",
                "Content-Transfer-Encoding: quoted-printable", "Auto-Submitted: auto-generated",
                "", "Hello.", "", "Goodbye.", "",
            ])
    }

    @Test(
        "nothing in a subject begins a header",
        arguments: [
            "a\r\nBcc: b@example.org", "a\nBcc: b@example.org", "a\rb", "=?utf-8?Q?a=0AB?=",
            "\u{0}", "Sisäänkirjautuminen", String(repeating: "a", count: 200), "\u{2028}x",
        ])
    func subjects(subject: String) throws {
        let lines = try Self.written(subject, "")
        let start = try #require(lines.firstIndex { $0.hasPrefix("Subject: ") })
        let end = try #require(lines.firstIndex { $0.hasPrefix("Date: ") })
        let encoded = lines[start..<end]
        #expect(encoded.allSatisfy { $0.contains("=?utf-8?B?") && $0.hasSuffix("?=") })
        #expect(encoded.dropFirst().allSatisfy { $0.hasPrefix(" ") })
        #expect(lines.filter { $0.hasPrefix("Bcc") }.isEmpty)
    }

    @Test(arguments: [
        ("a=b", "a=3Db"), ("ä", "=C3=A4"), (" a ", " a=20"), (".", "=2E"), ("a.b", "a.b"),
        ("\r", "=0D"), ("\t", "=09"), ("", ""),
        (
            String(repeating: "a", count: 75) + ".",
            String(repeating: "a", count: 75) + "=\r\n=2E"
        ),
        (
            String(repeating: "ä", count: 13),
            String(repeating: "=C3=A4", count: 12) + "=C3=\r\n=A4"
        ),
    ])
    func quotedPrintable(line: String, expected: String) {
        #expect(MailMessage.quotedPrintable(line[...]) == expected)
    }

    @Test("a calendar goes along as another form of the text, and as a file")
    func calendar() throws {
        let calendar = "BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nEND:VCALENDAR\r\n"
        let message = MailMessage(
            sender: try EmailAddress("a@hospital.example"),
            recipient: try EmailAddress("b@clinic.example"), subject: "A", text: "Hello.\n",
            attachments: [
                try MailAttachment(
                    contentType: "text/calendar; method=REQUEST; charset=utf-8",
                    name: "visit.ics", content: Array(calendar.utf8))
            ])
        let bytes = try message.bytes(
            id: MessageID(bits: 1), at: Instant(rfc3339: "2026-11-05T07:08:09Z"))
        let lines = String(decoding: bytes, as: UTF8.self).split(
            separator: "\r\n", omittingEmptySubsequences: false
        ).map(String.init)
        let id = "message_00000000000000000000000001"
        let encoded = "QkVHSU46VkNBTEVOREFSDQpNRVRIT0Q6UkVRVUVTVA0KRU5EOlZDQUxFTkRBUg0K"
        #expect(
            lines == [
                "From: <a@hospital.example>", "To: <b@clinic.example>", "Subject: A",
                "Date: Thu, 5 Nov 2026 07:08:09 +0000", "Message-ID: <\(id)@hospital.example>",
                "MIME-Version: 1.0", "Content-Type: multipart/mixed;",
                " boundary=\"=_m_\(id)\"", "Auto-Submitted: auto-generated", "",
                "--=_m_\(id)", "Content-Type: multipart/alternative;",
                " boundary=\"=_a_\(id)\"", "", "--=_a_\(id)",
                "Content-Type: text/plain; charset=utf-8",
                "Content-Transfer-Encoding: quoted-printable", "", "Hello.", "",
                "--=_a_\(id)", "Content-Type: text/calendar; method=REQUEST; charset=utf-8",
                "Content-Transfer-Encoding: base64", "", encoded, "--=_a_\(id)--", "",
                "--=_m_\(id)", "Content-Type: application/ics;", " name=\"visit.ics\"",
                "Content-Disposition: attachment;", " filename=\"visit.ics\"",
                "Content-Transfer-Encoding: base64", "", encoded, "--=_m_\(id)--", "",
            ])
    }

    @Test(
        "nothing of a file begins a header",
        arguments: [
            ("text/plain\r\nBcc: b@example.org", "a"), ("text/plain", "a\"\r\nX: b"), ("", "a"),
            ("text/plain", ""), ("text/plain", "ä.ics"), ("text/plain; x=\u{0}", "a"),
        ])
    func files(contentType: String, name: String) {
        #expect(throws: MailAttachment.Malformed.self) {
            try MailAttachment(contentType: contentType, name: name, content: [])
        }
    }

    @Test("what waits is read back as it was")
    func json() throws {
        let message = MailMessage(
            sender: try EmailAddress("a@hospital.example"),
            recipient: try EmailAddress("b@clinic.example"), subject: "Ä", text: "ö\n")
        let read = try MailMessage(message.json)
        #expect((read.subject, read.text) == ("Ä", "ö\n"))
        #expect(read.recipient == message.recipient && read.sender == message.sender)
    }
}
