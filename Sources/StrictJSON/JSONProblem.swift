/// What is wrong with a value of a well-formed document, and where.
package struct JSONProblem: Error, Hashable {
    /// The stable codes of this room. Rooms with rules of their own may add others.
    package enum Code: String, Hashable, Sendable, CaseIterable {
        case missing
        case unknownField = "unknown_field"
        case wrongType = "wrong_type"
        case outOfRange = "out_of_range"
        case pattern
        case unknownValue = "unknown_value"
        case tooShort = "too_short"
        case tooLong = "too_long"
        case tooFew = "too_few"
        case tooMany = "too_many"
    }

    /// RFC 6901.
    package let pointer: String
    package let code: String
    /// A sentence for people, which never repeats the value.
    package let message: String

    package init(pointer: String, code: String, message: String) {
        self.pointer = pointer
        self.code = code
        self.message = message
    }

    package init(at pointer: JSONPointer, _ code: Code, _ message: String) {
        self.init(pointer: pointer.text, code: code.rawValue, message: message)
    }
}

extension JSONProblem: CustomStringConvertible {
    package var description: String {
        "\(pointer.isEmpty ? "the document" : pointer): \(message) (\(code))"
    }
}
