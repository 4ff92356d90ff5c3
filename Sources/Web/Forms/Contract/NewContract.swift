import Contracts
import Marketplace
import MoneyAndTime
import Organisations
import Storage
import StrictJSON

/// What a new contract begins with: a template, who sells to whom, and what no template knows.
struct NewContract {
    private let visitor: Visitor
    private let query: FormFields
    private let templates: [JSON]
    /// By identifier, without the visitor's own.
    private let others: [String: String]

    init(_ visitor: Visitor) async throws {
        self.visitor = visitor
        query = visitor.request.query
        templates =
            try await visitor.market.listContractTemplates(
                visitor.asking("listContractTemplates")
            ).body["items"]?.elements ?? []
        var names = try await ContractPages.organisationNames(visitor)
        names[try visitor.signedIn.organisation.description] = nil
        others = names
    }

    // MARK: Shown

    func page(_ errors: FieldErrors) throws -> PageReply {
        let now = try visitor.signedIn.now
        let today = try visitor.signedIn.zone.date(of: now)
        let first = try today.firstOfMonth.adding(months: 1)
        let last = try first.adding(months: 12).adding(days: -1)
        var fields: [String: Any] = [
            "sides": Choice.field(
                "side", visitor.say("your_side"),
                [
                    Choice("seller", visitor.say("side_seller")),
                    Choice("buyer", visitor.say("side_buyer")),
                ], selected: query.text("side") ?? "seller"),
            "others": Choice.field(
                "with", visitor.say("contract_new_with"),
                [Choice("", visitor.say("contract_form_choose"))]
                    + others.sorted { $0.value < $1.value }.map { Choice($0.key, $0.value) },
                selected: query.text("with") ?? "", error: words("with", errors)),
            "days": [
                field("first_day", "term_first_day", .date, first.iso, errors),
                field("last_day", "term_last_day", .date, last.iso, errors),
            ],
            "reference": field("buyer_reference", "term_buyer_reference", .text, "", errors),
            "upload": field("file", "contract_form_file", .file, "", errors),
            "choices": templates.enumerated().map { template($0, $1, errors) },
        ]
        if let error = words("template", errors) { fields["no_template"] = ["text": error] }
        return try visitor.page(
            "contract_new", title: visitor.say("contract_new_title"), fields,
            status: errors.isEmpty ? 200 : 422, errors: errors)
    }

    private func words(_ id: String, _ errors: FieldErrors) -> String? {
        errors.message(of: id).map { visitor.say($0) }
    }

    private func field(
        _ id: String, _ label: String, _ kind: TypedField.Kind, _ usual: String,
        _ errors: FieldErrors
    ) -> [String: Any] {
        let hint = id == "buyer_reference" ? "hint_buyer_reference" : nil
        return TypedField(
            id: id, label: label, kind: kind, value: query.text(id) ?? usual, hint: hint
        ).fields(visitor, errors)
    }

    /// The first one has the group's own id, so that the error summary leads there.
    private func template(_ index: Int, _ template: JSON, _ errors: FieldErrors) -> [String: Any] {
        let name = template["name"]?.text ?? ""
        let key = visitor.key(ofTemplate: name)
        let texts = visitor.texts
        var choice: [String: Any] = [
            "radio": index == 0 ? "template" : "template-\(name)", "value": name,
            "title": texts[key] ?? template["title"]?.text ?? name,
        ]
        if let purpose = texts["\(key)_for"] { choice["purpose"] = ["text": purpose] }
        if name == query.text("template") { choice["is_chosen"] = true }
        return choice
    }

    // MARK: Read

    /// The template with its parties, as far as the market knows them; or nil, and what is missing.
    func document(_ errors: inout FieldErrors) async throws -> JSON? {
        let template = templates.compactMap { $0["name"]?.text }.first {
            $0 == query.text("template")
        }
        if template == nil { errors.add("template", "error_contract_template") }
        let side = query.text("side").flatMap(Side.init(rawValue:)) ?? .seller
        let other = query.text("with").flatMap { others[$0] == nil ? nil : $0 }
        if other == nil { errors.add("with", "error_contract_with") }
        func day(_ id: String) -> CalendarDate? {
            errors.read(id, "error_date") { try CalendarDate(iso: query.text(id) ?? "") }
        }
        let (first, last) = (day("first_day"), day("last_day"))
        if let first, let last, last < first { errors.add("last_day", "error_contract_last_day") }
        guard errors.isEmpty, let template, let other, let first, let last else { return nil }
        let terms = try await visitor.market.contractTemplate(
            visitor.asking("getContractTemplate"), template, in: visitor.language.ofTemplates
        ).body
        let known = try await KnownParties(visitor, other: other, called: others[other] ?? "")
        let (seller, buyer) =
            side == .seller ? (known.own, known.other) : (known.other, known.own)
        var billing = JSONObject()
        billing["buyer_reference"] = query.text("buyer_reference").map { JSON($0) }
        let begun = ContractDraft(
            [
                "seller": seller, "buyer": buyer,
                "validity": ["first_day": JSON(first.iso), "last_day": JSON(last.iso)],
                "billing": .object(billing),
            ], shape: visitor.pages.contractShape)
        return begun.replaced(by: terms).json
    }
}

extension Visitor {
    /// Under which the texts have a template's title; its purpose stands under the same and `_for`.
    func key(ofTemplate name: String) -> String { "template_\(name.replacing("-", with: "_"))" }
}
