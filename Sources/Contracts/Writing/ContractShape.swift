import StrictJSON

/// What can stand in a place of a contract document, as the published schema says it: the form by
/// which a contract is written is made of this, and of nothing else. What is right there, only
/// `ContractDocument` decides.
package indirect enum ContractShape: Hashable, Sendable {
    case object([Member])
    /// A list of objects, and how many it has at most.
    case list(ContractShape, most: Int)
    /// A list of texts.
    case texts
    /// Any of these, each once.
    case choices([String])
    /// One of these.
    case choice([String])
    case flag
    case number(ClosedRange<Int64>)
    case text(Writing)

    package struct Member: Hashable, Sendable {
        package let key: String
        package let shape: ContractShape
        package let isRequired: Bool
    }

    /// How a text is written: the definitions of the schema that have such a name.
    package enum Writing: String, Hashable, Sendable {
        case line = "text"
        case words
        case slug, date, percent, minutes
        case localTime = "local_time"
        case money
        case signedMoney = "signed_money"
        case unitPrice = "unit_price"
        case timeOfDay = "time_of_day"
        case endOfTime = "end_of_time"
        case other

        /// Whether it is a number with decimals, which languages write in their own way.
        package var isDecimal: Bool {
            switch self {
            case .percent, .minutes, .money, .signedMoney, .unitPrice: true
            case .line, .words, .slug, .date, .localTime, .timeOfDay, .endOfTime, .other: false
            }
        }
    }

    /// Of a whole contract.
    package static func ofContract() throws -> ContractShape {
        let schema = try JSON.parse(ContractFiles.read("v1/contract.schema.json"))
        return SchemaReader(definitions: schema["$defs"] ?? .null).shape(of: schema)
    }

    /// What can stand in a place; nil for a place that no contract has.
    package func at(_ place: some Collection<String>) -> ContractShape? {
        var shape = self
        for token in place {
            switch shape {
            case .object(let members):
                guard let member = members.first(where: { $0.key == token }) else { return nil }
                shape = member.shape
            case .list(let element, let most):
                guard let index = JSON.index(token), index < most else { return nil }
                shape = element
            default: return nil
            }
        }
        return shape
    }

    /// Whether a single field can hold it.
    package var isLeaf: Bool {
        switch self {
        case .object, .list: false
        case .texts, .choices, .choice, .flag, .number, .text: true
        }
    }

    package var members: [Member] {
        guard case .object(let members) = self else { return [] }
        return members
    }
}

/// Reads of the schema what a form needs, and passes over what only decides whether it is right.
private struct SchemaReader {
    let definitions: JSON

    func shape(of node: JSON, required more: [JSON] = []) -> ContractShape {
        if let name = node["$ref"]?.text?.split(separator: "/").last.map(String.init) {
            if let writing = ContractShape.Writing(rawValue: name) { return .text(writing) }
            return shape(
                of: definitions[name] ?? .null, required: node["required"]?.elements ?? [])
        }
        if let values = node["enum"]?.elements { return .choice(values.compactMap(\.text)) }
        if let value = node["const"]?.text { return .choice([value]) }
        switch node["type"]?.text {
        case "boolean": return .flag
        case "integer":
            return .number((node["minimum"]?.integer ?? 0)...(node["maximum"]?.integer ?? .max))
        case "array": return list(node)
        case "object":
            // A template, for which the schema asks less, is filled before it is written on.
            let always = (node["required"]?.elements ?? []) + more
            let required = always + (node["else"]?["required"]?.elements ?? [])
            return .object(
                (node["properties"]?.members ?? [:]).map { key, value in
                    ContractShape.Member(
                        key: key, shape: shape(of: value), isRequired: required.contains(JSON(key)))
                })
        default:
            // The one text that is written in two ways: late interest, by the Act or a percentage.
            return .text(node["oneOf"] == nil ? .other : .percent)
        }
    }

    private func list(_ node: JSON) -> ContractShape {
        switch shape(of: node["items"] ?? .null) {
        case .choice(let values): .choices(values)
        case .object(let members):
            .list(.object(members), most: Int(node["maxItems"]?.integer ?? 0))
        default: .texts
        }
    }
}
