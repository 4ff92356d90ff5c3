import Marketplace
import MoneyAndTime
import StrictJSON

/// What a version of a contract changes: in words, term by term, and in euros, for the worked
/// examples and for the visits of the last month.
enum ChangesPage {
    static func show(_ visitor: Visitor, _ parameter: String) async throws -> PageReply {
        let parts = parameter.split(separator: "/")
        guard parts.count == 2, let number = Int64(parts[1]) else { throw InvalidLink() }
        let id = try ContractPages.id(String(parts[0]))
        let from = visitor.request.query.text("from").flatMap { Int64($0) }
        let compared = try await visitor.market.compareContractVersions(
            visitor.asking("compareContractVersions"), id, number: number, from: from
        ).body
        let asked = try visitor.asking("getContractVersion")
        let new = try await visitor.market.contractVersion(asked, id, number: number).body
        let old = try await visitor.market.contractVersion(
            asked, id, number: compared["from"]?.integer ?? 0
        ).body
        let words = ChangeWords(old["document"] ?? .null, new["document"] ?? .null, visitor)
        var fields: [String: Any] = [
            "contract_address": "/contracts/\(id)?version=\(number)",
            "against": visitor.say(
                "changes_against", "\(old["number"]?.integer ?? 0)",
                visitor.say("version_\(old["state"]?.text ?? "")")),
        ]
        let changes = compared["changes"]?.elements ?? []
        let sections = words.sections(changes)
        if !sections.isEmpty { fields["sections"] = ["rows": sections] }
        if !changes.isEmpty { fields["only_examples"] = true }
        let examples = try (compared["worked_examples"]?.elements ?? []).map { example in
            var row = try row(example, visitor)
            row["name"] = example["title"]?.text ?? ""
            if let fate = words.fate(of: example, changes) { row["fate"] = ["text": fate] }
            return row
        }
        if !examples.isEmpty { fields["examples"] = ["rows": examples] }
        fields.merge(try visits(compared["visits"] ?? .null, words, visitor)) { $1 }
        return try visitor.page(
            "changes", title: visitor.say("changes_title", "\(number)"), fields)
    }

    private static func visits(
        _ visits: JSON, _ words: ChangeWords, _ visitor: Visitor
    ) throws -> [String: Any] {
        let items = visits["items"]?.elements ?? []
        let period = try CalendarDate(iso: (visits["period"]?.text ?? "") + "-01")
        let month = visitor.language.month(of: period)
        var fields: [String: Any] = ["visits_title": visitor.say("changes_visits", month)]
        guard !items.isEmpty else { return fields }
        let sums = try row(visits, visitor)
        let isCut = visits["more"]?.flag == true
        let shown = visitor.language.number("\(items.count)")
        let (after, before) = (
            try visitor.euros(visits["after"]), try visitor.euros(visits["before"])
        )
        let difference = try visitor.signedEuros(visits["difference"])
        fields["sum"] = [
            "text": isCut
                ? visitor.say("changes_more_sum", shown, month, after, before, difference)
                : visitor.say("changes_sum", month, after, before, difference)
        ]
        var table = sums
        table["rows"] = try items.map { item -> [String: Any] in
            try row(item, visitor).merging([
                "address": "/charges/\(item["charge"]?.text ?? "")",
                "day": visitor.language.shortDate(
                    try CalendarDate(iso: item["served_on"]?.text ?? "")),
                "service": words.service(item["service"]?.text ?? ""),
                "time": visitor.language.length(seconds: item["billable_seconds"]?.integer ?? 0),
            ]) { $1 }
        }
        fields["visits"] = table
        let unpriced = visits["unpriced"]?.integer ?? 0
        if unpriced > 0 {
            let text =
                unpriced == 1
                ? visitor.say("changes_unpriced_one")
                : visitor.say("changes_unpriced", visitor.language.number("\(unpriced)"))
            fields["unpriced"] = ["text": text]
        }
        if isCut { fields["cut"] = ["text": visitor.say("changes_more", shown)] }
        return fields
    }

    /// Before, after and the difference, as figures of a table.
    private static func row(_ effect: JSON, _ visitor: Visitor) throws -> [String: Any] {
        func figure(_ key: String) -> String {
            effect[key]?.text.map { visitor.language.number($0) }
                ?? visitor.say("changes_no_price")
        }
        var row: [String: Any] = ["before": figure("before"), "after": figure("after")]
        row["difference"] = effect["difference"]?.text.map { visitor.signed($0) } ?? "–"
        return row
    }
}

extension Visitor {
    /// A number with its sign before it, where it is not nothing.
    func signed(_ decimal: String) -> String {
        let isMore = decimal.first != "-" && decimal.contains { ("1"..."9").contains($0) }
        return (isMore ? "+" : "") + language.number(decimal)
    }

    /// The same of an amount; what is nothing is said in words.
    func signedEuros(_ amount: JSON?) throws -> String {
        let money = try Money(decimal: amount?.text ?? "")
        if money == .zero { return say("changes_same") }
        return (money > .zero ? "+" : "") + language.money(money)
    }
}
