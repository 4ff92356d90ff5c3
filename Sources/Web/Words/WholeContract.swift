import Contracts
import MoneyAndTime
import StrictJSON

/// Every term of a contract's document: what is signed, so that nobody signs what the page did not
/// show. The document itself is walked, in the order of the form by which it is written; the names
/// of terms and of their values are those of the form, which have the unit.
struct WholeContract {
    private let document: JSON
    private let shape: ContractShape
    private let labels: TermLabels
    private let values: TermValues
    private let visitor: Visitor

    init(_ document: JSON, _ visitor: Visitor) {
        self.document = document
        self.visitor = visitor
        shape = visitor.pages.contractShape
        labels = TermLabels(visitor)
        values = TermValues(visitor, services: document["services"])
    }

    /// The parts of the form that have something in this document, each with its groups of terms.
    var parts: [[String: Any]] {
        let all = shape.members.map(\.key)
        return ContractSection.allCases.compactMap { part -> [String: Any]? in
            // what no part of the form has is there all the same
            let keys =
                part == .document
                ? all.filter { ContractSection.of([$0]) == .document } : part.members
            let groups = groups(of: keys.filter { document[$0] != nil })
            guard !groups.isEmpty else { return nil }
            var fields: [String: Any] = [
                "title": visitor.say(
                    part == .document
                        ? "contract_form_generally" : "contract_part_\(part.rawValue)")
            ]
            // one of them has more lines than all other terms together
            fields[part == .examples ? "folded" : "open"] = ["groups": groups]
            return fields
        }
    }

    // MARK: Groups

    private func groups(of keys: [String]) -> [[String: Any]] {
        let leaves = keys.filter { shape.at([$0])?.isLeaf == true }
        var groups: [[String: Any]] = []
        if !leaves.isEmpty { groups.append(["rows": leaves.map { row([$0]) }]) }
        for key in keys where !leaves.contains(key) {
            guard let elements = value([key])?.elements else {
                groups.append(group([key], titled: labels.label([key])))
                continue
            }
            for (index, element) in elements.enumerated() {
                let place = [key, "\(index)"]
                groups.append(group(place, titled: title(of: element, at: place)))
            }
        }
        return groups
    }

    private func group(_ place: [String], titled title: String) -> [String: Any] {
        ["heading": ["text": title], "rows": keys(in: place).map { row(place + [$0]) }]
    }

    /// What is there, in the order of the form: a signed document has its members by their names.
    private func keys(in place: [String]) -> [String] {
        let there = value(place)?.members?.keys ?? []
        let known = (shape.at(place)?.members ?? []).map(\.key)
        return known.filter(there.contains) + there.filter { !known.contains($0) }
    }

    private func title(of element: JSON, at place: [String]) -> String {
        let (number, name) = (labels.place(place), labels.name(of: element))
        return name.isEmpty ? number : visitor.say("contract_form_named", number, name)
    }

    private func value(_ place: [String]) -> JSON? { document[place: place] }

    // MARK: Terms

    /// A term, with a line for itself, or one for each element of a list.
    private func row(_ place: [String]) -> [String: Any] {
        let lines: [[String: Any]]
        if case .list? = shape.at(place), let elements = value(place)?.elements,
            !elements.isEmpty
        {
            lines = elements.indices.map { index in
                let element = place + ["\(index)"]
                return [
                    "of_element": ["text": "\(labels.place(element)):"],
                    "said": said(element, []),
                ]
            }
        } else {
            lines = [["said": said(place, [])]]
        }
        return ["name": labels.label(place), "lines": lines]
    }

    /// The values in a place, each after the names that lead to it from there.
    private func said(_ place: [String], _ names: [String]) -> [[String: Any]] {
        guard let value = value(place) else { return [] }
        if value.members != nil {
            return keys(in: place).flatMap { key in
                said(place + [key], names + [labels.label(place + [key])])
            }
        }
        if case .list? = shape.at(place), let elements = value.elements, !elements.isEmpty {
            return elements.indices.flatMap { index in
                let element = place + ["\(index)"]
                return said(element, names + [labels.place(element)])
            }
        }
        let text = values.text(of: value, at: place)
        return [["text": names.isEmpty ? text : "\(names.joined(separator: ", ")): \(text)"]]
    }
}
