import MoneyAndTime
import StrictJSON

extension Visitor {
    /// A price's trace, one line a step, in the reader's language.
    func explanation(of trace: JSON?) -> [[String: Any]] {
        (trace?["steps"]?.elements ?? []).map { step in
            let figures = step["figures"]
            // What depends on who or why has a sentence for each.
            let kind = (figures?["side"] ?? figures?["cause"])?.text.map { "_\($0)" } ?? ""
            var text = say("trace_\(step["code"]?.text ?? "")\(kind)")
            for (name, value) in figures?.members ?? [:] {
                let word = value.text ?? ""
                text = text.replacing(
                    "{\(name)}", with: name == "line" ? say("line_\(word)") : language.number(word))
            }
            return ["text": text]
        }
    }
}
