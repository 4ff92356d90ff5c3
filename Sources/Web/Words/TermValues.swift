import Contracts
import MoneyAndTime
import StrictJSON

/// What the terms of a contract say, in the reader's language. The unit stands in the term's name.
struct TermValues {
    private let visitor: Visitor
    private let shape: ContractShape
    private let labels: TermLabels
    /// The list of the contract's services, for their names.
    private let services: JSON?

    init(_ visitor: Visitor, services: JSON?) {
        self.visitor = visitor
        self.services = services
        shape = visitor.pages.contractShape
        labels = TermLabels(visitor)
    }

    /// A value of one field, or a list of plain ones.
    func text(of value: JSON, at place: [String]) -> String {
        if let elements = value.elements {
            let texts = elements.map { labels.choice($0.text ?? $0.compactText, of: place) }
            return texts.isEmpty ? visitor.say("value_none") : texts.joined(separator: ", ")
        }
        let language = visitor.language
        let text = value.text ?? value.compactText
        switch shape.at(place) {
        case .flag: return visitor.say("contract_form_\(text)")
        case .choice: return labels.choice(text, of: place)
        case .number: return language.number(text)
        case .text(let writing): return words(text, as: writing, at: place)
        default: return text
        }
    }

    private func words(
        _ text: String, as writing: ContractShape.Writing, at place: [String]
    ) -> String {
        let language = visitor.language
        switch writing {
        case .percent, .minutes, .money, .signedMoney, .unitPrice:
            // late interest can be a word
            return JSONNumber(text: text) == nil
                ? visitor.texts["value_\(text)"] ?? text : language.number(text)
        case .date: return (try? CalendarDate(iso: text)).map { language.date($0) } ?? text
        case .timeOfDay, .endOfTime:
            return language.clock(text)
        case .localTime:
            let parts = text.split(separator: "T").map(String.init)
            guard parts.count == 2, let day = try? CalendarDate(iso: parts[0]),
                let time = try? TimeOfDay(String(parts[1].prefix(5)))
            else { return text }
            // seconds only where they matter
            let mark = language == .english ? ":" : "."
            let seconds = parts[1].dropFirst(5).replacing(":", with: mark)
            return "\(language.date(day)) \(language.time(time))\(seconds)"
        case .slug where place.last == "service": return service(text)
        case .line, .words, .slug, .other: return text
        }
    }

    /// By its name, and by that under which programs know it.
    private func service(_ code: String) -> String {
        let named = services?.elements?.first { $0["code"]?.text == code }
        return named.map { "\(visitor.name(of: $0)) (\(code))" } ?? code
    }
}
