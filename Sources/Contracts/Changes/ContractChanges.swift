import StrictJSON

/// What two documents of a contract have that is not the same. Nothing is lost: who has the old one
/// and the changes has the new one.
package enum ContractChanges {
    /// In the order of the contract form, then in that of the new document.
    package static func between(_ old: JSON, _ new: JSON) -> [ContractChange] {
        compare(old, new, at: [])
    }

    // MARK: What the elements of a list are known by

    /// The name of an element in a list of this name; nil for a list of plain values, and for one
    /// whose elements have no name of their own.
    static func name(of element: JSON, in list: String) -> String? {
        switch list {
        case "services", "supplements", "discounts": return element["code"]?.text
        case "steps": return element["from_minutes"]?.integer.map { "\($0)" }
        case "buyer", "seller": return element["notice_hours"]?.integer.map { "\($0)" }
        case "worked_examples": return element["title"]?.text
        case "blocks":
            guard let service = element["service"]?.text, let day = element["weekday"]?.text,
                let from = element["from"]?.text
            else { return nil }
            return "\(service) \(day) \(from)"
        default: return nil
        }
    }

    /// A list whose elements all have names, no two the same.
    static func named(_ list: JSON, _ name: String) -> [(name: String, value: JSON)]? {
        guard let elements = list.elements else { return nil }
        var seen: Set<String> = []
        var named: [(name: String, value: JSON)] = []
        for element in elements {
            guard let own = Self.name(of: element, in: name), seen.insert(own).inserted else {
                return nil
            }
            named.append((own, element))
        }
        return named
    }

    /// The names after what is gone has gone and what is new has come to the end.
    static func order(_ old: [String], becoming new: [String]) -> [String] {
        old.filter(new.contains) + new.filter { !old.contains($0) }
    }

    // MARK: Comparing

    private static let sections = [
        "title", "seller", "buyer", "validity", "time_zone", "services", "commitment", "blocks",
        "cancellation", "no_show", "late_start", "technical_failure", "substitution",
        "sudden_absence", "records", "attendance", "limits", "handshake", "billing", "rounding",
        "renewal", "termination", "data_protection", "worked_examples",
    ]

    private static func compare(_ old: JSON, _ new: JSON, at path: [String]) -> [ContractChange] {
        guard old != new else { return [] }
        if let before = old.members, let after = new.members {
            return compare(before, after, at: path)
        }
        if let list = path.last, let before = named(old, list), let after = named(new, list) {
            return compare(before, after, at: path)
        }
        return [ContractChange(path: path, kind: .changed, from: old, to: new)]
    }

    private static func compare(
        _ old: JSONObject, _ new: JSONObject, at path: [String]
    ) -> [ContractChange] {
        var keys = new.keys + old.keys.filter { new[$0] == nil }
        if path.isEmpty {
            let known = sections.filter(keys.contains)
            keys = known + keys.filter { !known.contains($0) }
        }
        return keys.flatMap { change(old[$0], new[$0], at: path + [$0]) }
    }

    private static func compare(
        _ old: [(name: String, value: JSON)], _ new: [(name: String, value: JSON)],
        at path: [String]
    ) -> [ContractChange] {
        let (before, after) = (old.map(\.name), new.map(\.name))
        let gone = before.filter { !after.contains($0) }
        var changes = (after + gone).flatMap { name in
            change(
                old.first { $0.name == name }?.value, new.first { $0.name == name }?.value,
                at: path + [name])
        }
        if order(before, becoming: after) != after {
            changes.append(
                ContractChange(
                    path: path, kind: .reordered,
                    from: .array(order(before, becoming: after).map { JSON($0) }),
                    to: .array(after.map { JSON($0) })))
        }
        return changes
    }

    private static func change(
        _ old: JSON?, _ new: JSON?, at path: [String]
    ) -> [ContractChange] {
        switch (old, new) {
        case (let old?, let new?): compare(old, new, at: path)
        case (nil, let new?): [ContractChange(path: path, kind: .added, from: nil, to: new)]
        case (let old?, nil): [ContractChange(path: path, kind: .removed, from: old, to: nil)]
        case (nil, nil): []
        }
    }
}
