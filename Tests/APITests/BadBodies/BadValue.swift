import StrictJSON
import Testing

/// A body with one mistake, made from a good one by its schema.
struct BadValue: Sendable {
    let what: String
    let value: JSON
    /// Where the mistake is.
    let pointer: JSONPointer

    static func all(from good: JSON, by schema: Schema) -> [BadValue] {
        bad(good, schema.chosen(for: good), at: .root)
    }

    private static func bad(_ good: JSON, _ schema: Schema, at place: JSONPointer) -> [BadValue] {
        func wrong(_ what: String, _ value: JSON) -> BadValue {
            BadValue(what: what, value: value, pointer: place)
        }
        switch good {
        case .object(let members):
            return [wrong("an array", [])] + inObject(members, schema, at: place)
        case .array(let elements):
            return [wrong("an object", [:])] + inArray(elements, schema, at: place)
        case .string:
            var values = [wrong("a number", 1)]
            if let most = schema["maxLength"]?.integer {
                values.append(
                    wrong("too long", JSON(String(repeating: "a", count: Int(most) + 1))))
            }
            let isForm = ["pattern", "enum", "const"].contains { schema[$0] != nil }
            if isForm { values.append(wrong("a control character", "\u{1}")) }
            if isForm || schema["minLength"] != nil { values.append(wrong("empty", "")) }
            return values + [wrong("U+0000", "a\u{0}")]
        case .number:
            var values = [wrong("a text", "1"), wrong("a fraction", .number(fraction))]
            values.append(wrong("beyond 64 bits", .number(huge)))
            if let least = schema["minimum"]?.integer {
                values.append(wrong("too small", JSON(least - 1)))
            }
            if let most = schema["maximum"]?.integer {
                values.append(wrong("too large", JSON(most + 1)))
            }
            return values
        case .bool:
            return [wrong("a text", "true"), wrong("a number", 1)]
        case .null:
            return []
        }
    }

    private static let fraction = JSON.number(of: "1.5")
    private static let huge = JSON.number(of: "99999999999999999999")

    private static func inObject(
        _ members: JSONObject, _ schema: Schema, at place: JSONPointer
    ) -> [BadValue] {
        func changed(_ key: String, _ value: JSON?) -> JSON {
            var changed = members
            changed[key] = value
            return .object(changed)
        }
        var values: [BadValue] = []
        if schema["additionalProperties"] == false {
            values.append(
                BadValue(
                    what: "unknown", value: changed("nonsense", 1),
                    pointer: place.appending("nonsense")))
        }
        for key in (schema["required"]?.elements ?? []).compactMap(\.text) {
            let pointer = place.appending(key)
            values.append(BadValue(what: "missing", value: changed(key, nil), pointer: pointer))
            values.append(BadValue(what: "null", value: changed(key, .null), pointer: pointer))
        }
        for (key, member) in members {
            guard let property = schema["properties"]?[key] else { continue }
            let inner = schema.inner(property).chosen(for: member)
            for bad in bad(member, inner, at: place.appending(key)) {
                values.append(
                    BadValue(what: bad.what, value: changed(key, bad.value), pointer: bad.pointer))
            }
        }
        return values
    }

    private static func inArray(
        _ elements: [JSON], _ schema: Schema, at place: JSONPointer
    ) -> [BadValue] {
        var values: [BadValue] = []
        if (schema["minItems"]?.integer ?? 0) > 0 {
            values.append(BadValue(what: "too few", value: [], pointer: place))
        }
        guard let first = elements.first, let items = schema["items"] else { return values }
        if let most = schema["maxItems"]?.integer {
            let many = [JSON](repeating: first, count: Int(most) + 1)
            values.append(BadValue(what: "too many", value: .array(many), pointer: place))
        }
        if schema["uniqueItems"] == true {
            values.append(BadValue(what: "twice", value: [first, first], pointer: place))
        }
        let inner = schema.inner(items).chosen(for: first)
        for bad in bad(first, inner, at: place.appending(0)) {
            let others = elements.dropFirst()
            values.append(
                BadValue(
                    what: bad.what, value: .array([bad.value] + others), pointer: bad.pointer))
        }
        return values
    }
}

extension BadValue: CustomTestStringConvertible {
    var testDescription: String { "\(what) at \(pointer.text)" }
}

extension JSON {
    fileprivate static func number(of text: String) -> JSONNumber {
        guard case .number(let number)? = try? JSON.parse(Array(text.utf8)) else {
            return JSONNumber(0)
        }
        return number
    }
}
