import StrictJSON

/// A contract that is being written. It may be wrong in every way, and keeps what it is given:
/// whoever reads it with `ContractDocument` hears what is wrong.
package struct ContractDraft: Hashable, Sendable {
    package private(set) var json: JSON
    package let shape: ContractShape

    package init(_ json: JSON, shape: ContractShape) {
        self.json = json
        self.shape = shape
    }

    /// A place that no contract has, or that is not in this one.
    package struct NoSuchPlace: Error, Hashable, CustomStringConvertible {
        package let pointer: String

        package var description: String { "there is nothing to write at \(pointer)" }
    }

    private func place(_ pointer: String) throws(NoSuchPlace) -> (
        tokens: [String], shape: ContractShape
    ) {
        guard let tokens = JSONPointer(reading: pointer)?.tokens, !tokens.isEmpty,
            let shape = shape.at(tokens)
        else { throw NoSuchPlace(pointer: pointer) }
        return (tokens, shape)
    }

    private func isRequired(_ tokens: [String]) -> Bool {
        let parent = shape.at(tokens.dropLast())
        return parent?.members.first { $0.key == tokens.last }?.isRequired ?? false
    }

    /// Puts a value in its place, new members in the order that documents have.
    private mutating func put(_ value: JSON?, at tokens: [String]) throws(NoSuchPlace) {
        let isNew = json[place: tokens] == nil && value != nil
        guard json.replace(tokens[...], by: value) else {
            throw NoSuchPlace(pointer: Self.pointer(tokens))
        }
        guard isNew else { return }
        for length in 0..<tokens.count {
            let parent = tokens.prefix(length)
            guard let members = json[place: parent]?.members, let shape = shape.at(parent) else {
                continue
            }
            _ = json.replace(parent, by: .object(members.inOrder(of: shape)))
        }
    }

    static func pointer(_ tokens: some Sequence<String>) -> String {
        tokens.reduce(JSONPointer.root) { $0.appending($1) }.text
    }

    // MARK: What was typed

    /// Writes what fields were sent with; the name of each is the place that it is about. A field
    /// that shows what it was sent with is left alone, so that nothing changes that nobody changed.
    package mutating func write(
        _ fields: [(pointer: String, values: [String])], as text: FieldText
    ) throws(NoSuchPlace) {
        for field in fields {
            let (tokens, shape) = try place(field.pointer)
            guard shape.isLeaf else { throw NoSuchPlace(pointer: field.pointer) }
            let current = json[place: tokens]
            if case .choices(let offered) = shape {
                try choose(field.values, of: offered, at: tokens, current)
                continue
            }
            let typed = field.values.first ?? ""
            guard typed != text.shown(current, as: shape) else { continue }
            try put(text.read(typed, as: shape), at: tokens)
        }
    }

    /// What is still chosen keeps its place, and what is new comes after it.
    private mutating func choose(
        _ values: [String], of offered: [String], at tokens: [String], _ current: JSON?
    ) throws(NoSuchPlace) {
        let chosen = Set(values.filter { !$0.isEmpty })
        let texts = (current?.elements ?? []).compactMap(\.text)
        if chosen == Set(texts) { return }
        let kept = texts.filter { chosen.contains($0) }
        let added = offered.filter { chosen.contains($0) && !kept.contains($0) }
        let strange = values.filter { !$0.isEmpty && !offered.contains($0) && !kept.contains($0) }
        let all = kept + added + strange
        let isLeftOut = all.isEmpty && !isRequired(tokens)
        try put(isLeftOut ? nil : .array(all.map { JSON($0) }), at: tokens)
    }

    // MARK: Terms that come and go

    /// Agrees on a term that was left out, or adds one more to a list. Gives its place.
    package mutating func add(_ pointer: String) throws(NoSuchPlace) -> String {
        let (tokens, shape) = try place(pointer)
        switch shape {
        case .object:
            guard json[place: tokens] == nil else { throw NoSuchPlace(pointer: pointer) }
            try put(NewTerm.at(tokens, in: json), at: tokens)
            return pointer
        case .list(_, let most):
            let before = json[place: tokens]?.elements ?? []
            guard before.count < most else { throw NoSuchPlace(pointer: pointer) }
            let element = NewTerm.at(tokens + ["\(before.count)"], in: json)
            try put(.array(NewTerm.placing(element, into: before, of: tokens)), at: tokens)
            let index = json[place: tokens]?.elements?.firstIndex(of: element) ?? before.count
            return Self.pointer(tokens + ["\(index)"])
        default: throw NoSuchPlace(pointer: pointer)
        }
    }

    /// Leaves out what is there, whether a contract may have it or not. A list of which nothing is
    /// left is left out, too, where that may be.
    package mutating func remove(_ pointer: String) throws(NoSuchPlace) {
        guard let tokens = JSONPointer(reading: pointer)?.tokens, !tokens.isEmpty,
            json[place: tokens] != nil
        else { throw NoSuchPlace(pointer: pointer) }
        try put(nil, at: tokens)
        let parent = Array(tokens.dropLast())
        if json[place: parent]?.elements?.isEmpty == true, !isRequired(parent) {
            try put(nil, at: parent)
        }
    }

    /// Makes the result that was computed the one that a worked example expects.
    package mutating func takeResult(
        _ computed: JSON, of pointer: String
    ) throws(NoSuchPlace) {
        let (tokens, _) = try place(pointer)
        guard tokens.count == 2, tokens[0] == "worked_examples", json[place: tokens] != nil else {
            throw NoSuchPlace(pointer: pointer)
        }
        let lines = (computed["lines"]?.elements ?? []).map { line -> JSON in
            var written = JSONObject()
            for (key, value) in line.members ?? [:] where !value.isNull { written[key] = value }
            return .object(written)
        }
        try put(.array(lines), at: tokens + ["lines"])
        try put(computed["total"], at: tokens + ["total"])
    }
}

extension JSONObject {
    /// What a shape knows in its order, and then the rest.
    func inOrder(of shape: ContractShape) -> JSONObject {
        let known = shape.members.map(\.key)
        var ordered = JSONObject()
        for key in known { ordered[key] = self[key] }
        for (key, value) in self where !known.contains(key) { ordered[key] = value }
        return ordered
    }
}
