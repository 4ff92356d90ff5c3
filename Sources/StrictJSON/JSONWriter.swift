/// A value that has no canonical form.
package struct JSONNotCanonical: Error, Hashable, CustomStringConvertible {
    /// RFC 6901.
    package let pointer: String

    package init(pointer: String) { self.pointer = pointer }

    package var description: String {
        "the number at \(pointer) is not an integer between -(2^53-1) and 2^53-1"
    }
}

extension JSON {
    /// Compact, members in their order, numbers as they were written.
    package func write() -> [UInt8] {
        var writer = JSONWriter()
        writer.write(self)
        return writer.bytes
    }

    /// What `write` writes, as text.
    package var compactText: String { String(decoding: write(), as: UTF8.self) }

    /// The JSON Canonicalization Scheme (RFC 8785): members sorted by the UTF-16 code units of
    /// their keys (§3.2.3). Numbers must be integers within ±(2^53 − 1), for which
    /// the scheme's floating point (§3.2.2.3) and exact arithmetic write the same.
    package func canonical() throws(JSONNotCanonical) -> [UInt8] {
        var writer = JSONWriter()
        try writer.writeCanonical(self, at: .root)
        return writer.bytes
    }
}

private struct JSONWriter {
    var bytes: [UInt8] = []

    mutating func write(_ value: JSON) {
        switch value {
        case .null: append("null")
        case .bool(let flag): append(flag ? "true" : "false")
        case .number(let number): append(number.text)
        case .string(let text): write(text)
        case .array(let elements):
            append(ascii: "[")
            var isFirst = true
            for element in elements {
                if !isFirst { append(ascii: ",") }
                isFirst = false
                write(element)
            }
            append(ascii: "]")
        case .object(let object):
            append(ascii: "{")
            var isFirst = true
            object.forEachMember { key, value in
                if !isFirst { append(ascii: ",") }
                isFirst = false
                write(key)
                append(ascii: ":")
                write(value)
            }
            append(ascii: "}")
        }
    }

    mutating func writeCanonical(_ value: JSON, at pointer: JSONPointer) throws(JSONNotCanonical) {
        switch value {
        case .null, .bool, .string: write(value)
        case .number(let number):
            let largest: Int64 = 1 << 53 - 1
            guard let integer = number.int64, integer.magnitude <= largest.magnitude else {
                throw JSONNotCanonical(pointer: pointer.text)
            }
            append(String(integer))
        case .array(let elements):
            append("[")
            for (index, element) in elements.enumerated() {
                if index > 0 { append(",") }
                try writeCanonical(element, at: pointer.appending(index))
            }
            append("]")
        case .object(let object):
            append("{")
            let sorted = object.sorted { $0.key.utf16.lexicographicallyPrecedes($1.key.utf16) }
            for (index, member) in sorted.enumerated() {
                if index > 0 { append(",") }
                write(member.key)
                append(":")
                try writeCanonical(member.value, at: pointer.appending(member.key))
            }
            append("}")
        }
    }

    /// With the escapes of RFC 8785 §3.2.2.2, which are the fewest that RFC 8259 allows.
    private mutating func write(_ text: String) {
        var text = text
        append(ascii: "\"")
        text.withUTF8 { utf8 in
            var plain = 0
            for place in utf8.indices where Self.isEscaped(utf8[place]) {
                bytes.append(contentsOf: UnsafeBufferPointer(rebasing: utf8[plain..<place]))
                appendEscaped(utf8[place])
                plain = place + 1
            }
            bytes.append(contentsOf: UnsafeBufferPointer(rebasing: utf8[plain...]))
        }
        append(ascii: "\"")
    }

    private mutating func appendEscaped(_ byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""): append("\\\"")
        case UInt8(ascii: "\\"): append("\\\\")
        case 0x08: append("\\b")
        case 0x09: append("\\t")
        case 0x0A: append("\\n")
        case 0x0C: append("\\f")
        case 0x0D: append("\\r")
        default:
            append("\\u00")
            append(byte < 0x10 ? "0" : "")
            append(String(byte, radix: 16))
        }
    }

    private static func isEscaped(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
    }

    private mutating func append(ascii character: Unicode.Scalar) {
        bytes.append(UInt8(ascii: character))
    }

    private mutating func append(_ text: String) { bytes.append(contentsOf: text.utf8) }
}
