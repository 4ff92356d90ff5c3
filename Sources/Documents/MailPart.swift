import MoneyAndTime

/// A file that goes along with a mail.
package struct MailAttachment: Hashable, Sendable {
    /// It could begin a header of its own.
    package struct Malformed: Error {}

    /// With its parameters: `text/calendar; method=REQUEST; charset=utf-8`.
    package let contentType: String
    package let name: String
    package let content: [UInt8]

    /// Throws where the type is not printable ASCII, or the name has more than letters, digits,
    /// `.`, `_` and `-`.
    package init(contentType: String, name: String, content: [UInt8]) throws(Malformed) {
        let isName = name.utf8.allSatisfy { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
            default: "._-".utf8.contains(byte)
            }
        }
        guard (1...200).contains(contentType.utf8.count), (1...100).contains(name.utf8.count),
            contentType.utf8.allSatisfy({ (0x20...0x7E).contains($0) }), isName
        else { throw Malformed() }
        self.contentType = contentType
        self.name = name
        self.content = content
    }

    /// Calendars show an invitation beside the text only where it is another form of the text
    /// (RFC 6047 §2.4).
    fileprivate var isCalendar: Bool { contentType.lowercased().hasPrefix("text/calendar") }
}

/// A part of a mail, or all of it (RFC 2045, RFC 2046): its own headers, and its lines.
struct MailPart {
    let headers: [String]
    let lines: [String]

    /// Plain text, in lines that end in a line feed.
    static func text(_ text: String) -> MailPart {
        MailPart(
            headers: [
                "Content-Type: text/plain; charset=utf-8",
                "Content-Transfer-Encoding: quoted-printable",
            ],
            lines: text.split(separator: "\n", omittingEmptySubsequences: false)
                .map { MailMessage.quotedPrintable($0) })
    }

    /// The text, calendars once more as another form of it, and all files. No line of what is
    /// encoded can be a boundary: `=_` is neither quoted-printable nor base64 (RFC 2045 §6.7).
    static func withFiles(
        _ text: MailPart, _ files: [MailAttachment], boundary: String
    ) -> MailPart {
        let forms = files.filter(\.isCalendar).map { file in
            MailPart(
                headers: [
                    "Content-Type: \(file.contentType)", "Content-Transfer-Encoding: base64",
                ], lines: folded(file.content))
        }
        let first =
            forms.isEmpty
            ? text : several("alternative", [text] + forms, boundary: "=_a_\(boundary)")
        let attached = files.map { file in
            let type = file.isCalendar ? "application/ics" : file.contentType
            return MailPart(
                headers: [
                    "Content-Type: \(type);\r\n name=\"\(file.name)\"",
                    "Content-Disposition: attachment;\r\n filename=\"\(file.name)\"",
                    "Content-Transfer-Encoding: base64",
                ], lines: folded(file.content))
        }
        return several("mixed", [first] + attached, boundary: "=_m_\(boundary)")
    }

    private static func several(
        _ kind: String, _ parts: [MailPart], boundary: String
    ) -> MailPart {
        let lines = parts.flatMap { part in
            ["--\(boundary)"] + part.headers + [""] + part.lines
        }
        return MailPart(
            headers: ["Content-Type: multipart/\(kind);\r\n boundary=\"\(boundary)\""],
            lines: lines + ["--\(boundary)--", ""])
    }

    private static func folded(_ bytes: [UInt8]) -> [String] {
        stride(from: 0, to: bytes.count, by: 57).map { start in
            base64(Array(bytes[start..<min(start + 57, bytes.count)]))
        }
    }

    static func base64(_ bytes: [UInt8]) -> String {
        let text = Base64URL.encode(bytes).replacing("-", with: "+").replacing("_", with: "/")
        return text + String(repeating: "=", count: (4 - text.utf8.count % 4) % 4)
    }
}
