import Billing
import StrictJSON

extension Visitor {
    /// What a service costs, as its contract says it.
    func priceRule(of service: SoldInContract) -> String {
        let base = say(
            "price_rule", language.number(service.pricePerMinute),
            language.length(seconds: service.firstSeconds),
            language.length(seconds: service.nextSeconds),
            language.length(seconds: service.minimumSeconds))
        return ([base] + furtherPrices(of: service.terms)).joined(separator: " ")
    }

    /// A sentence for each further term of the price, in the order in which a price is made.
    private func furtherPrices(of service: JSON) -> [String] {
        var sentences: [String] = []
        if service["kind"] == "duty_shift" { sentences.append(say("price_shift")) }
        if let fee = service["start_fee"] {
            sentences.append(say("price_start_fee", figure(fee)))
        }
        for step in service["tiers"]?["steps"]?.elements ?? [] {
            sentences.append(
                say(
                    "price_tier_\(service["tiers"]?["kind"]?.text ?? "")",
                    count(step["from_minutes"]), figure(step["price_per_minute"])))
        }
        sentences += (service["supplements"]?.elements ?? []).map {
            supplement($0, of: service)
        }
        if let cap = service["cap"] { sentences.append(say("price_cap", figure(cap))) }
        for discount in service["discounts"]?.elements ?? [] {
            sentences.append(
                say("price_discount", name(of: discount), percent(discount["percent"])))
        }
        for extra in ["overrun", "preparation", "record_writing"] {
            guard let terms = service[extra] else { continue }
            sentences.append(
                say(
                    "price_\(extra)", figure(terms["price_per_minute"]),
                    language.length(seconds: (terms["maximum_minutes"]?.integer ?? 0) * 60)))
        }
        if let capacity = service["capacity"] {
            sentences.append(say("price_group", count(capacity)))
        }
        return sentences
    }

    private func supplement(_ supplement: JSON, of service: JSON) -> String {
        let days = (supplement["days"]?.elements ?? []).map { say("days_\($0.text ?? "")") }
        let share = supplement["percent"]?.text.map { language.percent($0) }
        let addition = share ?? say("price_addition", figure(supplement["price_per_minute"]))
        return say(
            "price_supplement", name(of: supplement), addition,
            days.joined(separator: ", "), language.clock(supplement["from"]?.text ?? ""),
            language.clock(supplement["until"]?.text ?? ""))
    }

    /// A service's or a term's name in the reader's language.
    func name(of term: JSON) -> String {
        term["name"]?[language.rawValue]?.text ?? term["code"]?.text ?? ""
    }

    /// The name of a service in the reader's language; its code where the contract names it no
    /// longer.
    func serviceName(_ code: JSON?, in sold: [SoldInContract]) -> String {
        let name = sold.first { $0.code == code?.text }?.name
        if name == nil, code?.text == Charge.Subject.commitmentService {
            return say("term_commitment")
        }
        return name ?? code?.text ?? ""
    }
}
