import Marketplace
import MoneyAndTime
import Organisations
import Storage
import StrictJSON

/// For whom in the buyer's own organisation a visit is booked: one of several units, and a
/// colleague.
struct BookedFor {
    private let units: [JSON]
    private let members: [JSON]

    init(_ visitor: Visitor) async throws {
        units = try await visitor.every {
            try await visitor.market.listUnits(visitor.asking("listUnits"), page: $0)
        }
        let own = try visitor.signedIn.member.description
        members = try await visitor.every {
            try await visitor.market.listMembers(visitor.asking("listMembers"), page: $0)
        }.filter { $0["active"]?.flag == true && $0["id"]?.text != own }
    }

    /// Questions for a form; what has only one answer is not asked.
    func fields(_ visitor: Visitor, _ typed: FormFields, _ errors: FieldErrors) -> [[String: Any]] {
        func question(_ id: String, none: String, _ items: [JSON]) -> [String: Any] {
            let choices = items.map { Choice($0["id"]?.text ?? "", $0["name"]?.text ?? "") }
                .sorted { ($0.text, $0.value) < ($1.text, $1.value) }
            return Choice.field(
                id, visitor.say(id), [Choice("", visitor.say(none))] + choices,
                selected: typed.text(id), error: errors.message(of: id).map { visitor.say($0) })
        }
        var questions: [[String: Any]] = []
        if units.count > 1 {
            questions.append(question("buyer_unit", none: "buyer_unit_any", units))
        }
        if !members.isEmpty {
            questions.append(question("on_behalf_of", none: "on_behalf_of_nobody", members))
        }
        return questions
    }

    /// What a booking says of it, by name; nothing for who may not see it.
    static func shown(_ booking: JSON, _ visitor: Visitor) async throws -> [[String: Any]] {
        var lines: [[String: Any]] = []
        if let id = booking["buyer_unit"]?.text {
            let unit = try await visitor.market.unit(
                visitor.asking("getUnit"), UnitID(typeID: id)
            ).body
            lines.append(["label": visitor.say("buyer_unit"), "text": unit["name"]?.text ?? ""])
        }
        if let id = booking["on_behalf_of"]?.text,
            try !visitor.signedIn.roles.isDisjoint(with: [.scheduler, .admin, .auditor])
        {
            let members = try await visitor.every {
                try await visitor.market.listMembers(visitor.asking("listMembers"), page: $0)
            }
            let member = members.first { $0["id"]?.text == id }
            lines.append([
                "label": visitor.say("on_behalf_of"), "text": member?["name"]?.text ?? "",
            ])
        }
        return lines
    }
}
