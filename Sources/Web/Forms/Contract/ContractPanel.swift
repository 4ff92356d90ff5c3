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

    /// What is wrong, but for examples, which a draft may still have wrong.
    var problems: [ContractForm.Problem] {
        (check["problems"]?.elements ?? []).compactMap { problem in
            guard let code = problem["code"]?.text, code != ContractRule.exampleDiffers.rawValue
            else { return nil }
            return (code, problem["pointer"]?.text ?? "")
        }
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
        let problems = form.pasted == nil ? problems : [form.problem].compactMap { $0 }
        if !problems.isEmpty { return incomplete(problems) }
        let count = visitor.language.number("\(examples.count)")
        let said =
            wrong == 0
            ? visitor.say("contract_form_holds", count)
            : visitor.say("contract_form_differ", visitor.language.number("\(wrong)"), count)
        return wrong == 0 ? ["said": said, "is_good": true] : ["said": said]
    }

    /// All that is wrong, in words, with a way to each part that has some of it.
    private func incomplete(_ problems: [ContractForm.Problem]) -> [String: Any] {
        let labels = TermLabels(visitor)
        let words = problems.map { labels.problem($0.code, at: $0.pointer, form.draft.shape) }
        let count = visitor.language.number("\(words.count)")
        var state: [String: Any] = [
            "said": words.count == 1
                ? visitor.say("contract_form_incomplete", words[0])
                : visitor.say("contract_form_incomplete_many", count)
        ]
        let places = problems.map { JSONPointer(reading: $0.pointer)?.tokens ?? [] }
        if words.count > 1 {
            let rows = zip(words, places).map { words, place -> [String: Any] in
                guard let id = shownField(of: place) else { return ["text": words] }
                return ["field": ["id": id, "text": words]]
            }
            state["list"] = ["problems": rows]
        } else if let id = shownField(of: places[0]) {
            state["field"] = ["id": id]
        }
        let parts = Set(places.map(ContractSection.of))
        state["elsewhere"] = ContractSection.allCases
            .filter { parts.contains($0) && $0 != form.section }
            .map { part -> [String: Any] in
                [
                    "section": part.rawValue,
                    "text": visitor.say(
                        "contract_form_to", visitor.say("contract_part_\(part.rawValue)")),
                ]
            }
        return state
    }

    /// Where a place has a field in the part that is shown.
    private func shownField(of place: [String]) -> String? {
        let part = ContractSection.of(place)
        guard part == form.section, part != .document, form.draft.shape.at(place) != nil else {
            return nil
        }
        return form.field(of: place)
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
