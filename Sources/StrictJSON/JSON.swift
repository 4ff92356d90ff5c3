/// A JSON value (RFC 8259) as it was read: exact numbers, members in order, unique keys.
package enum JSON: Hashable, Sendable {
    case null
    case bool(Bool)
    case number(JSONNumber)
    case string(String)
    case array([JSON])
    case object(JSONObject)
}

extension JSON {
    /// The member of an object.
    package subscript(key: String) -> JSON? {
        if case .object(let object) = self { object[key] } else { nil }
    }

    /// The element of an array.
    package subscript(index: Int) -> JSON? {
        if case .array(let elements) = self, elements.indices.contains(index) {
            elements[index]
        } else {
            nil
        }
    }

    package var isNull: Bool { self == .null }

    /// The text of a string.
    package var text: String? { if case .string(let text) = self { text } else { nil } }

    package var flag: Bool? { if case .bool(let flag) = self { flag } else { nil } }

    /// The value of a number that is an integer of 64 bits.
    package var integer: Int64? { if case .number(let number) = self { number.int64 } else { nil } }

    package var elements: [JSON]? { if case .array(let elements) = self { elements } else { nil } }

    package var members: JSONObject? {
        if case .object(let object) = self { object } else { nil }
    }

    /// JSON's own word for what this is: `object`, `string`, …
    package var kind: String {
        switch self {
        case .null: "null"
        case .bool: "boolean"
        case .number: "number"
        case .string: "string"
        case .array: "array"
        case .object: "object"
        }
    }
}

// MARK: - Literals, for building answers

extension JSON: ExpressibleByNilLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByStringInterpolation, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    package init(nilLiteral: ()) { self = .null }
    package init(booleanLiteral value: Bool) { self = .bool(value) }
    package init(integerLiteral value: Int64) { self = .number(JSONNumber(value)) }
    package init(stringLiteral value: String) { self = .string(value) }
    package init(arrayLiteral elements: JSON...) { self = .array(elements) }

    package init(dictionaryLiteral members: (String, JSON)...) {
        self = .object(JSONObject(literal: members))
    }

    package init(_ value: Bool) { self = .bool(value) }
    package init(_ value: some FixedWidthInteger) { self = .number(JSONNumber(value)) }
    package init(_ value: String) { self = .string(value) }

    /// The text, or null.
    package init(_ value: String?) { self = value.map(JSON.string) ?? .null }
}
