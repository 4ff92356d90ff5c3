import MoneyAndTime
import StrictJSON

/// Who owes whom before a round of netting and after it, as its member sees it: arrows as thick as
/// their sums. Each is said in words as well.
struct NettingPicture {
    private struct Flow {
        let counterparty: String
        /// Whether it goes to the one who looks.
        let isOwn: Bool
        let amount: Money
    }

    private let visitor: Visitor
    private let before: [Flow]
    private let after: [Flow]

    init(_ round: JSON, _ visitor: Visitor) throws {
        self.visitor = visitor
        let isOpen = round["state"]?.text == "open"
        var sums: [String: (owed: [Money], owing: [Money])] = [:]
        for claim in round["claims"]?.elements ?? [] {
            guard let amount = claim[isOpen ? "open" : "set_off"]?.text else { continue }
            let name = claim["counterparty_name"]?.text ?? ""
            let money = try Money(decimal: amount)
            if claim["side"]?.text == "seller" {
                sums[name, default: ([], [])].owed.append(money)
            } else {
                sums[name, default: ([], [])].owing.append(money)
            }
        }
        before = try sums.sorted { $0.key < $1.key }.flatMap { name, both in
            try [(both.owed, true), (both.owing, false)].map { amounts, isOwn in
                Flow(counterparty: name, isOwn: isOwn, amount: try Money.sum(of: amounts))
            }
        }.filter { $0.amount > .zero }
        if isOpen {
            // who pays whom is known when all have answered
            let figure = try Money(decimal: round["figure"]?.text ?? "")
            let amount = figure < .zero ? try figure.negated() : figure
            after = [
                Flow(
                    counterparty: visitor.say("netting_others"), isOwn: figure > .zero,
                    amount: amount)
            ].filter { $0.amount > .zero }
        } else {
            after = try (round["payments"]?.elements ?? []).map { payment in
                Flow(
                    counterparty: payment["counterparty_name"]?.text ?? "",
                    isOwn: payment["side"]?.text == "payee",
                    amount: try Money(decimal: payment["amount"]?.text ?? ""))
            }
        }
    }

    /// Nothing where nothing is, or was, set off.
    var fields: [String: Any]? {
        get throws {
            guard !before.isEmpty else { return nil }
            let largest = (before + after).map(\.amount.minorUnits).max() ?? 1
            return try [
                "before": part(before, of: largest), "after": part(after, of: largest),
            ]
        }
    }

    private func part(_ flows: [Flow], of largest: Int64) throws -> [String: Any] {
        let own = visitor.say("netting_own")
        var part: [String: Any] = [
            "total": visitor.language.money(try Money.sum(of: flows.map(\.amount)))
        ]
        if !flows.isEmpty {
            part["flows"] = [
                "rows": flows.map { flow in
                    [
                        "from": flow.isOwn ? flow.counterparty : own,
                        "to": flow.isOwn ? own : flow.counterparty,
                        "arrow": Self.arrow(flow.amount.minorUnits, of: largest),
                        "amount": visitor.language.money(flow.amount),
                    ]
                }
            ]
        }
        return part
    }

    /// An arrow from left to right in a field of 100 by 24, between 2 and 16 thick.
    private static func arrow(_ amount: Int64, of largest: Int64) -> String {
        let half = 1 + Int64((Double(amount) / Double(largest) * 7).rounded())
        return "M0 \(12 - half)H82V\(9 - half)L100 12L82 \(15 + half)V\(12 + half)H0Z"
    }
}
