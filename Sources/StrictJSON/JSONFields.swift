/// The members of one object, each read by its key. Null counts as a value of the wrong type
/// where a member is required, and as absent where it is optional.
package struct JSONFields {
    private let object: JSONObject
    package let pointer: JSONPointer
    private var known: Set<String> = []

    init(_ object: JSONObject, at pointer: JSONPointer) {
        self.object = object
        self.pointer = pointer
    }

    /// The member, which must be there.
    package mutating func required(_ key: String) throws -> JSONReader {
        known.insert(key)
        guard let value = object[key] else {
            throw JSONProblem(at: pointer.appending(key), .missing, "is required")
        }
        return JSONReader(value, at: pointer.appending(key))
    }

    /// The member, or nil when it is absent or null.
    package mutating func optional(_ key: String) -> JSONReader? {
        known.insert(key)
        guard let value = object[key], value != .null else { return nil }
        return JSONReader(value, at: pointer.appending(key))
    }

    /// A problem of a member, or of the object when no key is given.
    package func problem(
        _ key: String? = nil, _ code: JSONProblem.Code, _ message: String
    ) -> JSONProblem {
        JSONProblem(at: key.map(pointer.appending) ?? pointer, code, message)
    }

    /// The first member that was not asked for is a problem.
    func refuseUnknown() throws {
        guard let key = object.keys.first(where: { !known.contains($0) }) else { return }
        throw JSONProblem(at: pointer.appending(key), .unknownField, "is not a known field")
    }
}

// MARK: - Required members

extension JSONFields {
    package mutating func string(_ key: String, min: Int = 0, max: Int) throws -> String {
        try required(key).string(min: min, max: max)
    }

    package mutating func integer(
        _ key: String, in range: ClosedRange<Int64> = .min ... .max
    ) throws -> Int64 {
        try required(key).integer(in: range)
    }

    package mutating func bool(_ key: String) throws -> Bool { try required(key).bool() }

    package mutating func enumeration<Choice>(
        _ key: String, as type: Choice.Type = Choice.self
    ) throws -> Choice
    where Choice: RawRepresentable & CaseIterable, Choice.RawValue == String {
        try required(key).enumeration(as: type)
    }

    package mutating func parsed<Value>(
        _ key: String, max: Int = 200, _ parse: (String) throws -> Value
    ) throws -> Value {
        try required(key).parsed(max: max, parse)
    }

    package mutating func nested<Result>(
        _ key: String, _ read: (inout JSONFields) throws -> Result
    ) throws -> Result {
        try required(key).object(read)
    }

    package mutating func array<Element>(
        _ key: String, min: Int = 0, max: Int, _ read: (JSONReader) throws -> Element
    ) throws -> [Element] {
        try required(key).array(min: min, max: max, read)
    }
}

// MARK: - Optional members

extension JSONFields {
    package mutating func optionalString(
        _ key: String, min: Int = 0, max: Int
    ) throws -> String? {
        try optional(key)?.string(min: min, max: max)
    }

    package mutating func optionalInteger(
        _ key: String, in range: ClosedRange<Int64> = .min ... .max
    ) throws -> Int64? {
        try optional(key)?.integer(in: range)
    }

    package mutating func optionalBool(_ key: String) throws -> Bool? {
        try optional(key)?.bool()
    }

    package mutating func optionalEnumeration<Choice>(
        _ key: String, as type: Choice.Type = Choice.self
    ) throws -> Choice?
    where Choice: RawRepresentable & CaseIterable, Choice.RawValue == String {
        try optional(key)?.enumeration(as: type)
    }

    package mutating func optionalParsed<Value>(
        _ key: String, max: Int = 200, _ parse: (String) throws -> Value
    ) throws -> Value? {
        try optional(key)?.parsed(max: max, parse)
    }

    package mutating func optionalNested<Result>(
        _ key: String, _ read: (inout JSONFields) throws -> Result
    ) throws -> Result? {
        try optional(key)?.object(read)
    }

    package mutating func optionalArray<Element>(
        _ key: String, min: Int = 0, max: Int, _ read: (JSONReader) throws -> Element
    ) throws -> [Element]? {
        try optional(key)?.array(min: min, max: max, read)
    }
}
