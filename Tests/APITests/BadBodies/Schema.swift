import StrictJSON

/// A JSON Schema inside the document that its references are of.
struct Schema: Sendable {
    let value: JSON
    let document: JSON

    /// With a reference followed: what stands beside it goes first.
    init(_ value: JSON, in document: JSON) {
        self.value = Self.followed(value, in: document)
        self.document = document
    }

    subscript(key: String) -> JSON? { value[key] }

    func inner(_ value: JSON) -> Schema { Schema(value, in: document) }

    static func followed(_ value: JSON, in document: JSON) -> JSON {
        guard let reference = value["$ref"]?.text else { return value }
        var target = document
        for key in reference.split(separator: "/").dropFirst() {
            target = target[String(key)] ?? .null
        }
        var members = followed(target, in: document).members ?? [:]
        for (key, own) in value.members ?? [:] where key != "$ref" {
            let both = (members[key]?.elements ?? []) + (own.elements ?? [])
            members[key] = key == "required" ? .array(both) : own
        }
        return .object(members)
    }

    /// Where it offers a choice, the schema that a good value is of.
    func chosen(for good: JSON) -> Schema {
        let choices = (self["oneOf"]?.elements ?? []).map(inner)
        return choices.first { $0.takes(good) } ?? self
    }

    var types: [String] {
        self["type"]?.elements?.compactMap(\.text) ?? self["type"]?.text.map { [$0] } ?? []
    }

    private func takes(_ good: JSON) -> Bool {
        if let only = self["const"] { return only == good }
        if let some = self["enum"]?.elements { return some.contains(good) }
        let kind = good.integer == nil ? good.kind : "integer"
        guard types.isEmpty || types.contains(kind) else { return false }
        guard let members = good.members else { return true }
        let required = (self["required"]?.elements ?? []).compactMap(\.text)
        guard required.allSatisfy({ members[$0] != nil }) else { return false }
        return members.allSatisfy { key, member in
            guard let property = self["properties"]?[key] else { return false }
            let schema = inner(property)
            return (schema["const"] == nil && schema["enum"] == nil) || schema.takes(member)
        }
    }
}
