import MoneyAndTime
import StrictJSON

extension Visitor {
    /// A price's trace, one line a step, in the reader's language.
    func explanation(of trace: JSON?) -> [[String: Any]] {
        (trace?["steps"]?.elements ?? []).map { step in
            var text = say("trace_\(step["code"]?.text ?? "")")
            for (name, value) in step["figures"]?.members ?? [:] {
                text = text.replacing("{\(name)}", with: language.number(value.text ?? ""))
            }
            return ["text": text]
        }
    }

    /// What a service costs, as its contract says it.
    func priceRule(of service: SoldInContract) -> String {
        say(
            "price_rule", language.number(service.pricePerMinute),
            language.length(seconds: service.firstSeconds),
            language.length(seconds: service.nextSeconds),
            language.length(seconds: service.minimumSeconds))
    }
}
