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
                let shown =
                    switch name {
                    case "line": say("line_\(word)")
                    case "percent", "fee_percent": language.percent(word)
                    case "exact": language.number(word.withCents)
                    default: language.number(word)
                    }
                text = text.replacing("{\(name)}", with: shown)
            }
            return ["text": text]
        }
    }
}

extension String {
    /// An exact amount with at least two decimals: `151.20`, and `24.535` as it is.
    fileprivate var withCents: String {
        let decimals = split(separator: ".", maxSplits: 1).dropFirst().first?.count ?? 0
        let zeros = String(repeating: "0", count: max(0, 2 - decimals))
        return decimals == 0 ? "\(self).\(zeros)" : self + zeros
    }
}
