/// Why a text cannot be written as XML 1.0.
package enum XMLWritingFailure: Error, Hashable, Sendable {
    /// A character that XML 1.0 §2.2 has no way to write: most control characters, U+FFFE, U+FFFF.
    case forbiddenCharacter(UInt32, element: String)
    /// A name that is not of the letters, digits and `:_-.` that our documents use.
    case forbiddenName(String)
}

/// A small writer of XML in the order in which it is called. Text and attributes are escaped; a
/// control character is refused, not dropped, because a changed name on an invoice is a wrong
/// name. Amounts reach it as text (a library that writes numbers prints 458.10 as 458.1).
package struct XMLWriter {
    private var bytes: [UInt8]
    private var depth = 0

    package init() {
        bytes = Array(#"<?xml version="1.0" encoding="UTF-8"?>"#.utf8)
    }

    /// An element that holds text alone.
    package mutating func element(
        _ name: String, _ text: String, attributes: KeyValuePairs<String, String> = [:]
    ) throws(XMLWritingFailure) {
        try open(name, attributes)
        bytes.append(UInt8(ascii: ">"))
        try write(text, in: name, quoted: false)
        close(name)
    }

    /// An element that holds the elements which `content` writes.
    package mutating func element(
        _ name: String, attributes: KeyValuePairs<String, String> = [:],
        content: (inout XMLWriter) throws -> Void
    ) throws {
        try open(name, attributes)
        bytes.append(UInt8(ascii: ">"))
        depth += 1
        try content(&self)
        depth -= 1
        startLine()
        close(name)
    }

    /// The document in UTF-8, with a line's end at its end.
    package func finish() -> [UInt8] { bytes + [UInt8(ascii: "\n")] }

    private mutating func open(
        _ name: String, _ attributes: KeyValuePairs<String, String>
    ) throws(XMLWritingFailure) {
        startLine()
        bytes.append(UInt8(ascii: "<"))
        try write(name: name)
        for (key, value) in attributes {
            bytes.append(UInt8(ascii: " "))
            try write(name: key)
            bytes += Array(#"=""#.utf8)
            try write(value, in: name, quoted: true)
            bytes.append(UInt8(ascii: "\""))
        }
    }

    private mutating func close(_ name: String) {
        bytes += Array("</\(name)>".utf8)
    }

    private mutating func startLine() {
        bytes.append(UInt8(ascii: "\n"))
        bytes += repeatElement(UInt8(ascii: " "), count: depth * 2)
    }

    private mutating func write(name: String) throws(XMLWritingFailure) {
        let allowed = name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"),
                UInt8(ascii: ":"), UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "."):
                true
            default: false
            }
        }
        guard allowed, let first = name.unicodeScalars.first, first.properties.isAlphabetic else {
            throw .forbiddenName(name)
        }
        bytes += Array(name.utf8)
    }

    private mutating func write(
        _ text: String, in element: String, quoted: Bool
    ) throws(XMLWritingFailure) {
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": bytes += Array("&amp;".utf8)
            case "<": bytes += Array("&lt;".utf8)
            // `]]>` may not stand in text (XML 1.0 §2.4).
            case ">": bytes += Array("&gt;".utf8)
            case "\"" where quoted: bytes += Array("&quot;".utf8)
            // A reader turns a bare return into a new line, and in attributes all three to spaces.
            case "\r": bytes += Array("&#13;".utf8)
            case "\n" where quoted: bytes += Array("&#10;".utf8)
            case "\t" where quoted: bytes += Array("&#9;".utf8)
            case "\n", "\t": bytes.append(UInt8(scalar.value))
            case "\u{0}"..."\u{1F}", "\u{7F}"..."\u{9F}", "\u{FFFE}", "\u{FFFF}":
                throw .forbiddenCharacter(scalar.value, element: element)
            default: bytes += Array(String(scalar).utf8)
            }
        }
    }
}
