import Contracts
import StrictJSON

/// What the terms of a contract are called, by the places where documents have them. The longest
/// name of a text that fits is taken: `term_tiers__kind` before `term_kind`. Two lines stand
/// between two members, so that `buyer__fee_percent` is another place than `buyer_fee_percent`.
struct TermLabels {
    let visitor: Visitor
    private let texts: [String: String]

    init(_ visitor: Visitor) {
        self.visitor = visitor
        texts = visitor.texts
    }

    /// A place without the elements of its lists.
    static func kinds(_ place: some Sequence<String>) -> [String] {
        place.filter { JSON.index($0) == nil }
    }

    func label(_ place: [String]) -> String {
        text("term", place) ?? place.last ?? ""
    }

    func hint(_ place: [String]) -> String? { text("hint", place) }

    /// What is so where the term is left out.
    func absence(_ place: [String]) -> String? { text("absent", place) }

    private func text(_ word: String, _ place: [String]) -> String? {
        Self.keys(word, place).lazy.compactMap { texts[$0] }.first
    }

    /// The names under which a place may be called something, the longest first.
    static func keys(_ word: String, _ place: some Sequence<String>) -> [String] {
        let kinds = kinds(place)
        return kinds.indices.map { "\(word)_\(kinds[$0...].joined(separator: "__"))" }
    }

    /// One of the values that a term can have.
    func choice(_ value: String, of place: [String]) -> String {
        let kinds = Self.kinds(place)
        let key = kinds.last ?? ""
        let word = value.lowercased().replacing("-", with: "_")
        let keys =
            switch key {
            case "weekday", "days": ["weekday_\(word)"]
            case "by", "register": ["side_\(word)"]
            case "seller_role", "buyer_role": ["choice_role_\(word)"]
            case "declined", "expired", "sudden_absence": ["choice_fee_\(word)"]
            case "kind" where kinds.contains("lines"): ["line_\(word)"]
            default: ["choice_\(key)_\(word)"]
            }
        return keys.compactMap { texts[$0] }.first ?? value
    }

    /// A list's element, by its name, its title or its time; empty where it has none yet.
    func name(of element: JSON) -> String {
        if let title = element["title"]?.text { return title }
        if element["name"]?.members != nil { return visitor.name(of: element) }
        if let day = element["weekday"]?.text {
            let hours = [element["from"], element["until"]].compactMap { $0?.text }
            return "\(choice(day, of: ["weekday"])) \(hours.joined(separator: "–"))"
        }
        return element["code"]?.text ?? ""
    }

    /// A place for somebody who has to find it: `Price per minute (Service 1)`,
    /// `Buyer: Postal code`.
    func place(_ place: [String]) -> String {
        let label = label(place)
        if place.count > 1, ["seller", "buyer"].contains(place[0]) {
            return visitor.say("contract_form_named", self.label([place[0]]), label)
        }
        guard let index = place.lastIndex(where: { JSON.index($0) != nil }), index > 0,
            let number = JSON.index(place[index])
        else { return label }
        let element = visitor.say(
            "contract_form_element", self.element(Array(place[..<index])), "\(number + 1)")
        return index == place.count - 1
            ? element : visitor.say("contract_form_in_element", label, element)
    }

    /// What one element of a list is called.
    func element(_ list: [String]) -> String {
        text("element", list) ?? label(list)
    }

    /// What is wrong in a place, in words.
    func problem(_ code: String, at pointer: String, _ shape: ContractShape) -> String {
        let place = JSONPointer(reading: pointer)?.tokens ?? []
        let what: String
        if case .number(let range)? = shape.at(place),
            ["wrong_type", "out_of_range"].contains(code)
        {
            what = visitor.say(
                "problem_number", visitor.language.number("\(range.lowerBound)"),
                visitor.language.number("\(range.upperBound)"))
        } else {
            what = texts["problem_\(code)"] ?? visitor.say("problem_other")
        }
        if place.isEmpty { return visitor.say("problem_whole", what) }
        return visitor.say("problem_at", self.place(place), what)
    }
}
