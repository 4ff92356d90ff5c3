import MoneyAndTime
import StrictJSON

/// The changes of a contract in words: the terms by their names, and what they say before and
/// after, with what a price goes up or down by.
struct ChangeWords {
    private let old: JSON
    private let new: JSON
    private let visitor: Visitor

    init(_ old: JSON, _ new: JSON, _ visitor: Visitor) {
        self.old = old
        self.new = new
        self.visitor = visitor
    }

    /// One section for each service, and for each other part of the contract, in their order.
    func sections(_ changes: [JSON]) throws -> [[String: Any]] {
        var sections: [(title: String, rows: [[String: Any]])] = []
        var examples: Set<String> = []
        for change in changes {
            let path = Self.path(of: change["pointer"]?.text ?? "")
            // an example is told once, whatever of it changes: its price stands further down
            if path.first == "worked_examples", path.count > 2,
                !examples.insert(path[1]).inserted
            {
                continue
            }
            let (title, row) = (title(of: path), try row(change, path))
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

    /// A service's name in the reader's language.
    func service(_ code: String) -> String {
        element(code, of: ["services"]).map { visitor.name(of: $0) } ?? code
    }

    // MARK: Where a change is

    private static func path(of pointer: String) -> [String] {
        pointer.split(separator: "/", omittingEmptySubsequences: false).dropFirst().map {
            String($0).replacing("~1", with: "/").replacing("~0", with: "~")
        }
    }

    private func title(of path: [String]) -> String {
        guard let first = path.first else { return "" }
        if first == "services", path.count > 1 { return service(path[1]) }
        return ["title", "time_zone", "sudden_absence", "format", "template"].contains(first)
            ? visitor.say("changed_others") : term(first)
    }

    /// The name of the term within its section: the steps that lead to it.
    private func label(of path: [String]) -> String {
        guard let first = path.first else { return "" }
        let start = first == "services" ? 2 : 1
        guard path.count > start else { return term(path.count == 2 ? "service" : first) }
        return path.indices.dropFirst(start).map { step(path, $0) }.joined(separator: ", ")
    }

    private func step(_ path: [String], _ index: Int) -> String {
        let (name, list) = (path[index], path[index - 1])
        switch list {
        case "supplements", "discounts":
            return element(name, of: path[..<index]).map { visitor.name(of: $0) } ?? name
        case "steps": return visitor.say("changed_step_from", visitor.language.number(name))
        case "buyer" where path[0] == "cancellation", "seller" where path[0] == "cancellation":
            return visitor.say("changed_band_from", name)
        case "blocks":
            let parts = name.split(separator: " ").map(String.init)
            guard parts.count == 3 else { return name }
            let time = visitor.language.clock(parts[2])
            return "\(service(parts[0])) \(visitor.say("days_\(parts[1])")) \(time)"
        case "worked_examples": return name
        default: return term(name)
        }
    }

    private func term(_ name: String) -> String {
        let other = ["months": "months_at_a_time", "days": "days_of_week"][name] ?? name
        return visitor.texts["changed_\(other)"] ?? name
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

    private func row(_ change: JSON, _ path: [String]) throws -> [String: Any] {
        let kind = change["kind"]?.text ?? ""
        if path.first == "worked_examples", path.count > 1 {
            let word = path.count > 2 ? "changed" : kind
            return [
                "label": path[1], "before": [[String: String]](),
                "after": [["text": visitor.say("changes_example_\(word)")]],
            ]
        }
        var (before, after) = (try lines(change["from"], path), try lines(change["to"], path))
        if kind == "added" { before = [visitor.say("changes_not_there")] }
        if kind == "removed" { after = [visitor.say("changes_not_there")] }
        var label = label(of: path)
        if kind == "reordered" {
            label += ", \(visitor.say("changes_order"))"
        } else if let share = Self.share(change, path.last ?? "", visitor) {
            after[after.count - 1] += " (\(share))"
        }
        return [
            "label": label, "before": before.map { ["text": $0] },
            "after": after.map { ["text": $0] },
        ]
    }

    /// By how much of the old price the new one is more or less: `+11,9 %`, rounded half away
    /// from zero; nil for what is no price, and where the old one is nothing.
    private static func share(_ change: JSON, _ name: String, _ visitor: Visitor) -> String? {
        guard Figure(of: name) == .money || Figure(of: name) == .perMinute,
            let from = change["from"]?.text.flatMap({ try? UnitPrice(decimal: $0) }),
            let to = change["to"]?.text.flatMap({ try? UnitPrice(decimal: $0) }),
            from.tenThousandths > 0
        else { return nil }
        let difference = Int128(to.tenThousandths) - Int128(from.tenThousandths)
        let base = Int128(from.tenThousandths)
        let size = (2 * difference.magnitude * 1_000 + UInt128(base)) / UInt128(2 * base)
        let text = "\(size / 10).\(size % 10)"
        return visitor.signed(difference < 0 ? "-\(text)" : text)
            + (visitor.language == .english ? "%" : "\(noBreakSpace)%")
    }

    /// A value as lines of text; of an object a line for each member.
    private func lines(_ value: JSON?, _ path: [String]) throws -> [String] {
        guard let value, !value.isNull else { return [""] }
        if value[visitor.language.rawValue] != nil, value["fi"] != nil {
            return [value[visitor.language.rawValue]?.text ?? ""]
        }
        if let members = value.members {
            if value["system"] != nil { return [value["code"]?.text ?? ""] }
            return try members.flatMap { key, inner -> [String] in
                let inside = try lines(inner, path + [key])
                return inside.count == 1
                    ? ["\(term(key)): \(inside[0])"] : ["\(term(key)):"] + inside
            }
        }
        guard let elements = value.elements else { return [scalar(value, path.last ?? "")] }
        if elements.contains(where: { $0.members != nil }) {
            return try elements.flatMap { try lines($0, path + [""]) }
        }
        let shown = elements.map { element -> String in
            let text = element.text ?? ""
            return path.count < 3 && path.last == "services"
                ? service(text) : scalar(element, path.last ?? "")
        }
        return [shown.isEmpty ? visitor.say("value_none") : shown.joined(separator: ", ")]
    }

    private func scalar(_ value: JSON, _ name: String) -> String {
        if let flag = value.flag { return visitor.say(flag ? "changed_yes" : "changed_no") }
        let figure = value.text ?? value.integer.map { "\($0)" } ?? ""
        let language = visitor.language
        switch Figure(of: name) {
        case .money:
            return (try? Money(decimal: figure)).map { language.money($0) } ?? figure
        case .perMinute: return visitor.say("changed_per_minute", language.number(figure))
        case .percent:
            return UnitPrice.isDecimal(figure) ? language.percent(figure) : word(figure)
        case .minutes: return language.length(seconds: (value.integer ?? 0) * 60)
        case .seconds: return language.length(seconds: value.integer ?? 0)
        case .hours: return visitor.say("changed_hours", language.number(figure))
        case .days: return visitor.say("changed_days", language.number(figure))
        case .months: return visitor.say("changed_months", language.number(figure))
        case .years: return visitor.say("changed_years", language.number(figure))
        case .date:
            return (try? CalendarDate(iso: figure)).map { language.date($0) } ?? figure
        case .time: return language.clock(figure)
        case .weekday: return visitor.say("days_\(figure)")
        case .word: return word(figure)
        }
    }

    /// A word of the form in the reader's language; a text of the contract's own as it is.
    private func word(_ text: String) -> String { visitor.texts["value_\(text)"] ?? text }
}

extension UnitPrice {
    fileprivate static func isDecimal(_ text: String) -> Bool {
        (try? UnitPrice(decimal: text)) != nil
    }
}

/// What the value of a term is, by the term's name in the form.
private enum Figure {
    case money, perMinute, percent, minutes, seconds, hours, days, months, years
    case date, time, weekday, word

    init(of name: String) {
        switch name {
        case "start_fee", "cap", "budget_ceiling", "tolerance": self = .money
        case "price_per_minute": self = .perMinute
        case "percent", "late_interest": self = .percent
        case "minimum", "maximum", "step", "minutes_per_period": self = .minutes
        case "months": self = .months
        case "first_day", "last_day": self = .date
        case "from", "until": self = .time
        case "weekday", "days": self = .weekday
        default:
            let ends: [(String, Figure)] = [
                ("_percent", .percent), ("_minutes", .minutes), ("_seconds", .seconds),
                ("_hours", .hours), ("_days", .days), ("_years", .years),
            ]
            self = ends.first { name.hasSuffix($0.0) }?.1 ?? .word
        }
    }
}
