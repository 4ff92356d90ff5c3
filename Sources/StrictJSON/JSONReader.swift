/// A value and its place in the document. Reading throws the first `JSONProblem`; a closure
/// may throw errors of its own, which pass through unchanged.
package struct JSONReader: Sendable {
    package let value: JSON
    package let pointer: JSONPointer

    package init(_ value: JSON, at pointer: JSONPointer = .root) {
        self.value = value
        self.pointer = pointer
    }

    /// Reads the members of an object. Members that the closure did not ask for are refused.
    package func object<Result>(
        _ read: (inout JSONFields) throws -> Result
    ) throws -> Result {
        guard case .object(let object) = value else { throw wrongType("an object") }
        var fields = JSONFields(object, at: pointer)
        let result = try read(&fields)
        try fields.refuseUnknown()
        return result
    }

    /// Reads every element of an array.
    package func array<Element>(
        min: Int = 0, max: Int, _ read: (JSONReader) throws -> Element
    ) throws -> [Element] {
        guard case .array(let elements) = value else { throw wrongType("an array") }
        if elements.count < min { throw problem(.tooFew, "at least \(min) are needed") }
        if elements.count > max { throw problem(.tooMany, "at most \(max) are allowed") }
        return try elements.enumerated().map { index, element in
            try read(JSONReader(element, at: pointer.appending(index)))
        }
    }

    /// A text with a length in Unicode scalars, as JSON Schema counts.
    package func string(min: Int = 0, max: Int) throws -> String {
        guard case .string(let text) = value else { throw wrongType("a string") }
        let length = text.unicodeScalars.count
        if length < min { throw problem(.tooShort, "at least \(min) characters are needed") }
        if length > max { throw problem(.tooLong, "at most \(max) characters are allowed") }
        // PostgreSQL cannot hold U+0000 in a text.
        if text.unicodeScalars.contains("\0") {
            throw problem(.pattern, "the character U+0000 is not allowed")
        }
        return text
    }

    package func integer(in range: ClosedRange<Int64>) throws -> Int64 {
        guard case .number(let number) = value else { throw wrongType("an integer") }
        guard let integer = number.int64 else {
            // A whole number beyond 64 bits is out of range; 1.5 is of another type.
            throw number.isWrittenAsInteger ? outside(range) : wrongType("an integer")
        }
        guard range.contains(integer) else { throw outside(range) }
        return integer
    }

    package func bool() throws -> Bool {
        guard case .bool(let flag) = value else { throw wrongType("true or false") }
        return flag
    }

    /// One of the raw values of an enumeration.
    package func enumeration<Choice>(
        as type: Choice.Type = Choice.self
    ) throws -> Choice
    where Choice: RawRepresentable & CaseIterable, Choice.RawValue == String {
        guard case .string(let text) = value else { throw wrongType("a string") }
        guard let choice = Choice(rawValue: text) else {
            let choices = Choice.allCases.map(\.rawValue).joined(separator: ", ")
            throw problem(.unknownValue, "must be one of \(choices)")
        }
        return choice
    }

    /// A text that another type reads, such as a date. What that type throws becomes a problem
    /// of the code `pattern`, with the error's description as the message.
    package func parsed<Value>(
        max: Int = 200, _ parse: (String) throws -> Value
    ) throws -> Value {
        let text = try string(max: max)
        do {
            return try parse(text)
        } catch let problem as JSONProblem {
            throw problem
        } catch {
            throw problem(.pattern, "\(error)")
        }
    }

    /// A problem of this value.
    package func problem(_ code: JSONProblem.Code, _ message: String) -> JSONProblem {
        JSONProblem(at: pointer, code, message)
    }

    private func wrongType(_ expected: String) -> JSONProblem {
        problem(.wrongType, "must be \(expected), not \(value.kind)")
    }

    private func outside(_ range: ClosedRange<Int64>) -> JSONProblem {
        problem(.outOfRange, "must lie between \(range.lowerBound) and \(range.upperBound)")
    }
}
