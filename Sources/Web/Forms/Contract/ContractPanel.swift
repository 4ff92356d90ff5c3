import Contracts
import Marketplace
import MoneyAndTime
import StrictJSON

/// What stands beside the form: what the document is worth as it now stands, its worked examples
/// computed anew, what a visit would cost, and the document itself.
struct ContractPanel {
    let form: ContractForm
    /// What the market says of the document.
    let check: JSON

    private var visitor: Visitor { form.visitor }

    /// The first thing that is wrong, but for examples, which a draft may still have wrong.
    var problem: (code: String, pointer: String)? {
        guard let first = check["problems"]?.elements?.first, let code = first["code"]?.text,
            code != ContractRule.exampleDiffers.rawValue
        else { return nil }
        return (code, first["pointer"]?.text ?? "")
    }

    var pending: [String] { (check["not_carried_out"]?.elements ?? []).compactMap(\.text) }

    func fields(_ tried: [String: Any]) -> [String: Any] {
        var fields: [String: Any] = [
            "state": state, "tried": tried, "document": form.draft.json.indentedText,
        ]
        let examples = check["worked_examples"]?.elements ?? []
        if !examples.isEmpty {
            let rows = examples.enumerated().map { row($0, $1) }
            var list: [String: Any] = ["rows": rows]
            if examples.filter({ $0["holds"]?.flag != true }).count > 1 { list["take_all"] = true }
            fields["computed"] = list
        }
        if !pending.isEmpty {
            let labels = TermLabels(visitor)
            let names = pending.map { labels.place(JSONPointer(reading: $0)?.tokens ?? []) }
            fields["not_yet"] = ["names": names.joined(separator: "; ")]
        }
        return fields
    }

    /// In a sentence, which is also said to whoever cannot see the panel change.
    private var state: [String: Any] {
        let examples = check["worked_examples"]?.elements ?? []
        let wrong = examples.filter { $0["holds"]?.flag != true }.count
        if let problem = form.pasted == nil ? problem : form.problem {
            let place = JSONPointer(reading: problem.pointer)?.tokens ?? []
            let section = ContractSection.of(place)
            var state: [String: Any] = [
                "said": visitor.say(
                    "contract_form_incomplete",
                    TermLabels(visitor).problem(problem.code, at: problem.pointer, form.draft.shape)
                )
            ]
            if section != form.section {
                state["elsewhere"] = [
                    "section": section.rawValue,
                    "text": visitor.say(
                        "contract_form_to", visitor.say("contract_part_\(section.rawValue)")),
                ]
            } else if section != .document, place.count > 0, form.draft.shape.at(place) != nil {
                state["field"] = ["id": problem.pointer]
            }
            return state
        }
        let count = visitor.language.number("\(examples.count)")
        let said =
            wrong == 0
            ? visitor.say("contract_form_holds", count)
            : visitor.say("contract_form_differ", visitor.language.number("\(wrong)"), count)
        return wrong == 0 ? ["said": said, "is_good": true] : ["said": said]
    }

    private func row(_ index: Int, _ example: JSON) -> [String: Any] {
        let holds = example["holds"]?.flag == true
        var row: [String: Any] = [
            "title": example["title"]?.text ?? "",
            "total": money(example["computed"]?["total"]),
            "detail": "detail-\(index)",
            "steps": visitor.explanation(of: example["trace"]),
        ]
        if !holds {
            row["differs"] = [
                "place": "/worked_examples/\(index)",
                "expected": visitor.say(
                    "contract_form_expected", money(example["expected"]?["total"])),
            ]
        }
        return row
    }

    private func money(_ total: JSON?) -> String {
        visitor.language.money(total?.text.flatMap { try? Money(decimal: $0) } ?? .zero)
    }
}

/// The line by which a visit is tried out under the document as it now stands.
struct TriedVisit {
    private let visitor: Visitor
    private let document: JSON
    private let sent: FormFields

    init(_ form: ContractForm) {
        visitor = form.visitor
        document = form.draft.json
        sent = visitor.request.form
    }

    private var services: [JSON] {
        (document["services"]?.elements ?? []).filter { $0["code"]?.text != nil }
    }

    private var service: JSON? {
        services.first { $0["code"]?.text == sent.text("try_service") } ?? services.first
    }

    private var starts: String {
        sent.text("try_starts")
            ?? "\(document["validity"]?["first_day"]?.text ?? "2027-01-01")T09:00"
    }

    private var isAsked: Bool { sent.text("try_minutes") != nil }

    /// The fields again as they were filled in, and the price.
    func fields() async throws -> [String: Any] {
        var fields: [String: Any] = [
            "services": Choice.field(
                "try_service", visitor.say("find_service"),
                services.map { Choice($0["code"]?.text ?? "", visitor.name(of: $0)) },
                selected: service?["code"]?.text),
            "starts": starts, "minutes": sent.text("try_minutes") ?? "",
        ]
        guard isAsked, let service else { return fields }
        guard let minutes = sent.text("try_minutes").flatMap({ Int64($0) }),
            (0...1440).contains(minutes)
        else {
            fields["wrong"] = ["text": visitor.say("error_pricing_present")]
            return fields
        }
        do {
            let priced = try await visitor.market.priceVisit(
                visitor.asking("priceVisit"), underDocument: document,
                [
                    "service": JSON(service["code"]?.text),
                    "visit": [
                        "starts": JSON(starts), "planned_minutes": JSON(length(minutes, service)),
                        "billable_seconds": JSON(minutes * 60),
                    ],
                ]
            ).body
            let total = priced["total"]?.text.flatMap { try? Money(decimal: $0) } ?? .zero
            fields["price"] =
                [
                    "total": visitor.language.money(total),
                    "steps": visitor.explanation(of: priced["trace"]),
                ] as [String: Any]
        } catch let input as InvalidInput {
            let isOfVisit = input.problems.first?.pointer.hasPrefix("/visit") == true
            fields["wrong"] = [
                "text": visitor.say(isOfVisit ? "error_pricing_other" : "contract_form_try_later")
            ]
        }
        return fields
    }

    /// The shortest length that can be booked and is as long as the visit, else the longest.
    private func length(_ minutes: Int64, _ service: JSON) -> Int64 {
        let lengths = service["planned_minutes"]
        let (shortest, longest) = (
            lengths?["minimum"]?.integer ?? 1, lengths?["maximum"]?.integer ?? 1
        )
        let step = max(1, lengths?["step"]?.integer ?? 1)
        guard shortest > 0, shortest <= longest, longest <= 1440 else { return shortest }
        let all = stride(from: shortest, through: longest, by: Int64.Stride(step))
        return all.first { $0 >= minutes } ?? longest
    }
}
