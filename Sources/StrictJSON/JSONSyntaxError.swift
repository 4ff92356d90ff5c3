/// How large a document may be.
package struct JSONLimits: Hashable, Sendable {
    /// Of the whole text.
    package var maxBytes: Int
    /// Of objects and arrays inside each other: `[[]]` has the depth 2.
    package var maxDepth: Int
    /// Members and elements of the whole document, together.
    package var maxMembers: Int

    package init(maxBytes: Int = 1_048_576, maxDepth: Int = 32, maxMembers: Int = 10_000) {
        self.maxBytes = maxBytes
        self.maxDepth = maxDepth
        self.maxMembers = maxMembers
    }

    package static let standard = JSONLimits()
}

/// Where and why a text is no acceptable JSON document.
package struct JSONSyntaxError: Error, Hashable {
    package enum Reason: String, Hashable, Sendable, CaseIterable {
        case unexpectedEnd = "the text ends too early"
        case unexpectedByte = "unexpected character"
        case trailingBytes = "more text after the value"
        case byteOrderMark = "a byte order mark"
        case invalidUTF8 = "invalid UTF-8"
        case controlCharacter = "a control character in a string"
        case invalidEscape = "an invalid escape"
        case loneSurrogate = "half of a surrogate pair"
        case invalidNumber = "an invalid number"
        case duplicateKey = "a key that is there twice"
        case tooLarge = "too many bytes"
        case tooDeep = "nested too deeply"
        case tooManyMembers = "too many members and elements"
    }

    /// The byte, counted from zero.
    package let offset: Int
    /// RFC 6901: the value being read, or the duplicate member.
    package let pointer: String
    package let reason: Reason

    package init(offset: Int, pointer: String, reason: Reason) {
        self.offset = offset
        self.pointer = pointer
        self.reason = reason
    }
}

extension JSONSyntaxError: CustomStringConvertible {
    package var description: String {
        "\(reason.rawValue) at byte \(offset)" + (pointer.isEmpty ? "" : ", in \(pointer)")
    }
}
