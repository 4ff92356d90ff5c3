import Contracts
import MoneyAndTime
import StrictJSON

/// The changes of a contract in words: the terms by the names that the form has for them, and what
/// they say before and after, with what a price goes up or down by.
struct ChangeWords {
    private let old: JSON
    private let new: JSON
    private let visitor: Visitor
    private let shape: ContractShape
    private let labels: TermLabels

    init(_ old: JSON, _ new: JSON, _ visitor: Visitor) {
        self.old = old
        self.new = new
        self.visitor = visitor
        shape = visitor.pages.contractShape
        labels = TermLabels(visitor)
    }

    /// One section for each service, and for each other part of the contract, in their order.
    func sections(_ changes: [JSON]) -> [[String: Any]] {
        var sections: [(title: String, rows: [[String: Any]])] = []
        for change in changes {
            let path = Self.path(of: change["pointer"]?.text ?? "")
            if Self.isOfExamples(change, path) { continue }
            let (title, row) = (title(of: path), row(change, path))
            if sections.last?.title == title {
                sections[sections.count - 1].rows.append(row)
            } else {
                sections.append((title, [row]))
            }
        }
        return sections.enumerated().map { index, section in
            ["id": "part-\(index + 1)", "title": section.title, "rows": section.rows]
        }
    }

    /// Whether a change is told with the prices of the worked examples, and not among the terms:
    /// all of them are there, and each is told once. Another order is told with the terms.
    private static func isOfExamples(_ change: JSON, _ path: [String]) -> Bool {
        path.first == "worked_examples" && change["kind"]?.text != "reordered"
    }

    /// What becomes of a worked example: new, left out, changed, or, where its facts are others,
    /// as it was before and is after. Nil for one that stays as it is.
    func fate(of example: JSON, _ changes: [JSON]) -> String? {
        let origin = example["origin"]?.text
        let own = changes.compactMap { change -> String? in
            let path = Self.path(of: change["pointer"]?.text ?? "")
            guard Self.isOfExamples(change, path), path.count > 1,
                path[1] == example["title"]?.text
            else { return nil }
            return path.count > 2 ? "changed" : change["kind"]?.text
        }
        switch (own.first, origin) {
        case ("changed", "to"): return visitor.say("changes_after")
        case ("changed", "from"): return visitor.say("changes_before")
        case (let kind?, _): return visitor.say("changes_example_\(kind)")
        case (nil, "to"): return visitor.say("changes_example_added")
        case (nil, "from"): return visitor.say("changes_example_removed")
        case (nil, _): return nil
        }
    }

    /// A service's name in the reader's language.
    func service(_ code: String) -> String {
        element(code, of: ["services"]).map { visitor.name(of: $0) } ?? code
    }

    // MARK: Where a change is

    private static func path(of pointer: String) -> [String] {
        JSONPointer(reading: pointer)?.tokens ?? []
    }

    /// The path as a place of the form, where the elements of lists are counted and not named.
    private func place(_ path: some Collection<String>) -> [String] {
        path.reduce(into: [String]()) { place, token in
            if case .list? = shape.at(place) { place.append("0") } else { place.append(token) }
        }
    }

    private func title(of path: [String]) -> String {
        guard let first = path.first else { return "" }
        if first == "services", path.count > 1 { return service(path[1]) }
        return shape.at([first])?.isLeaf == true
            ? visitor.say("contract_form_generally") : labels.label([first])
    }

    /// The name of the term within its section: the steps that lead to it.
    private func label(of path: [String]) -> String {
        guard let first = path.first else { return "" }
        let start = first == "services" ? 2 : 1
        guard path.count > start else {
            return path.count == 2 ? labels.element([first]) : labels.label([first])
        }
        return path.indices.dropFirst(start).map { step(path[...$0]) }.joined(separator: ", ")
    }

    /// The last step of a path: a member by its name, an element by what it is known by.
    private func step(_ path: ArraySlice<String>) -> String {
        let place = place(path)
        guard let name = path.last, case .list? = shape.at(place.dropLast()) else {
            return labels.label(place)
        }
        let list = place.dropLast().last ?? ""
        switch list {
        case "services": return service(name)
        case "supplements", "discounts":
            return element(name, of: path.dropLast()).map { visitor.name(of: $0) } ?? name
        case "steps": return visitor.say("changed_step_from", visitor.language.number(name))
        case "buyer", "seller": return visitor.say("changed_band_from", name)
        case "blocks":
            let parts = name.split(separator: " ").map(String.init)
            guard parts.count == 3 else { return name }
            let time = visitor.language.clock(parts[2])
            return "\(service(parts[0])) \(labels.choice(parts[1], of: ["weekday"])) \(time)"
        default: return name
        }
    }

    /// The element of a list in the new document, else in the old one.
    private func element(_ code: String, of path: some Sequence<String>) -> JSON? {
        for document in [new, old] {
            let list = path.reduce(Optional(document)) { found, step in
                if let members = found?.members { return members[step] }
                return found?.elements?.first { $0["code"]?.text == step }
            }
            if let found = list?.elements?.first(where: { $0["code"]?.text == code }) {
                return found
            }
        }
        return nil
    }

    // MARK: What it says before and after

    private func row(_ change: JSON, _ path: [String]) -> [String: Any] {
        let kind = change["kind"]?.text ?? ""
        var label = label(of: path)
        var (before, after): ([String], [String])
        if kind == "reordered" {
            (before, after) = (names(change["from"], path), names(change["to"], path))
            label += ", \(visitor.say("changes_order"))"
        } else {
            before = lines(change["from"], path, of: old)
            after = lines(change["to"], path, of: new)
            if let share = share(change, path) { after[after.count - 1] += " (\(share))" }
        }
        if kind == "added" { before = [visitor.say("changes_not_there")] }
        if kind == "removed" { after = [visitor.say("changes_not_there")] }
        return [
            "label": label, "before": before.map { ["text": $0] },
            "after": after.map { ["text": $0] },
        ]
    }

    /// The elements of a list in their order, as they are known.
    private func names(_ order: JSON?, _ path: [String]) -> [String] {
        let names = (order?.elements ?? []).map { step((path + [$0.text ?? ""])[...]) }
        return [names.joined(separator: ", ")]
    }

    /// By how much of the old price the new one is more or less: `+11,9 %`, rounded half away
    /// from zero; nil for what is no price, and where the old one is nothing.
    private func share(_ change: JSON, _ path: [String]) -> String? {
        guard case .text(let writing)? = shape.at(place(path)),
            [.money, .unitPrice].contains(writing),
            let from = change["from"]?.text.flatMap({ try? UnitPrice(decimal: $0) }),
            let to = change["to"]?.text.flatMap({ try? UnitPrice(decimal: $0) }),
            from.tenThousandths > 0
        else { return nil }
        let difference = Int128(to.tenThousandths) - Int128(from.tenThousandths)
        let base = Int128(from.tenThousandths)
        let size = (2 * difference.magnitude * 1_000 + UInt128(base)) / UInt128(2 * base)
        let text = "\(size / 10).\(size % 10)"
        return visitor.signed(difference < 0 ? "-\(text)" : text)
            + visitor.language.percentSign
    }

    /// A value as lines of text; of an object a line for each member.
    private func lines(_ value: JSON?, _ path: [String], of document: JSON) -> [String] {
        guard let value, !value.isNull else { return [""] }
        if let members = value.members {
            return members.flatMap { key, inner -> [String] in
                let name = labels.label(place(path + [key]))
                let inside = lines(inner, path + [key], of: document)
                return inside.count == 1 ? ["\(name): \(inside[0])"] : ["\(name):"] + inside
            }
        }
        if let elements = value.elements, elements.contains(where: { $0.members != nil }) {
            return elements.flatMap { lines($0, path + [""], of: document) }
        }
        let values = TermValues(visitor, services: document["services"])
        return [values.text(of: value, at: place(path))]
    }
}
