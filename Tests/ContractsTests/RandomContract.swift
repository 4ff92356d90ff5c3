import StrictJSON

@testable import Contracts

/// Documents of the shape of a contract, right and wrong: every member may be missing, strange, or
/// of another kind.
enum RandomContract {
    static func value(
        of shape: ContractShape, using random: inout SplitMix64
    ) -> JSON {
        if Int.random(in: 0..<25, using: &random) == 0 { return strange(using: &random) }
        switch shape {
        case .object(let members):
            var object = JSONObject()
            for member in members.shuffled(using: &random)
            where Int.random(in: 0..<8, using: &random) > 0 {
                object[member.key] = value(of: member.shape, using: &random)
            }
            if Int.random(in: 0..<6, using: &random) == 0 {
                object["unknown"] = strange(using: &random)
            }
            return .object(object)
        case .list(let element, _):
            return .array(
                (0..<Int.random(in: 0...3, using: &random)).map { _ in
                    value(of: element, using: &random)
                })
        case .texts:
            return .array(
                (0..<Int.random(in: 0...3, using: &random)).map { _ in
                    JSON(text(using: &random))
                })
        case .choices(let offered):
            let some = offered.shuffled(using: &random).prefix { _ in
                Bool.random(using: &random)
            }
            return .array(some.map { JSON($0) })
        case .choice(let offered): return JSON(offered.randomElement(using: &random) ?? "")
        case .flag: return JSON(Bool.random(using: &random))
        case .number(let range):
            return JSON(Int64.random(in: range, using: &random))
        case .text: return JSON(text(using: &random))
        }
    }

    private static func text(using random: inout SplitMix64) -> String {
        let texts = [
            "", " ", "0", "61.20", "61,20", "2.4533", "-0.5", " 7 ", "18:00", "8.30", "2027-03-09",
            "2027-03-09T09:00:00", "statutory", "fi, sv", "a/b~c", "<b>\"&'", "hyvä", "true", "1e3",
        ]
        return texts.randomElement(using: &random) ?? ""
    }

    private static func strange(using random: inout SplitMix64) -> JSON {
        let values: [JSON] = [
            nil, true, 7, "", "text", [], [7], [nil], ["a", 7], [:], ["b": [1]], .string("\u{1}"),
        ]
        let number = JSONNumber(text: "7.50").map { JSON.number($0) } ?? nil
        return (values + [number]).randomElement(using: &random) ?? nil
    }
}
