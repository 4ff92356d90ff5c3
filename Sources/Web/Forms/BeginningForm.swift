import Contracts
import Marketplace
import MoneyAndTime
import Organisations
import Storage
import StrictJSON

/// The fields with which a contract begins: a template, its validity, the buyer's reference.
struct BeginningForm {
    private let form: FormFields

    init(_ form: FormFields) {
        self.form = form
    }

    /// In the language of who fills it in.
    func beginning(_ visitor: Visitor, _ errors: inout FieldErrors) -> ContractBeginning? {
        let template = form.text("template")
        if template == nil { errors.add("template", "error_contract_template") }
        let first = errors.read("first_day", "error_date") {
            try CalendarDate(iso: form.text("first_day") ?? "")
        }
        let last = errors.read("last_day", "error_date") {
            try CalendarDate(iso: form.text("last_day") ?? "")
        }
        if let first, let last, last < first { errors.add("last_day", "error_last_day") }
        let reference = errors.words(
            "buyer_reference", form.text("buyer_reference"), max: 200,
            tooLong: "error_line_long", missing: "error_buyer_reference")
        guard errors.isEmpty, let template, let first, let last, let reference else { return nil }
        return ContractBeginning(
            template: template, firstDay: first, lastDay: last, buyerReference: reference,
            language: visitor.language.ofTemplates)
    }

    /// `offered`: the services in whose field a template comes first. The days begin with the next
    /// month, for a year.
    func fields(
        _ visitor: Visitor, offered: [JSON], _ errors: FieldErrors
    ) throws -> [String: Any] {
        let today = try visitor.signedIn.zone.date(of: visitor.signedIn.now)
        let first = try today.firstOfMonth.adding(months: 1)
        let last = try first.adding(months: 12).adding(days: -1)
        let templates = try Self.templates(visitor, offered: offered)
        func field(
            _ id: String, _ kind: TypedField.Kind, _ usual: String, hint: String? = nil
        ) -> [String: Any] {
            TypedField(
                id: id, label: "term_\(id)", kind: kind, value: form.text(id) ?? usual, hint: hint
            ).fields(visitor, errors)
        }
        return [
            "templates": Choice.field(
                "template", visitor.say("contract_new_template"),
                [Choice("", visitor.say("service_choose"))] + templates,
                selected: form.text("template") ?? "",
                error: errors.message(of: "template").map { visitor.say($0) }),
            "days": [
                field("first_day", .date, first.iso), field("last_day", .date, last.iso),
            ],
            "reference": field("buyer_reference", .text, "", hint: "asking_reference_hint"),
        ]
    }

    private static func templates(_ visitor: Visitor, offered: [JSON]) throws -> [Choice] {
        let wanted = Set(offered.compactMap { CareField($0)?.value })
        var (fitting, others): ([Choice], [Choice]) = ([], [])
        for template in try ContractFiles.templates() {
            let name = template.name
            let fits = (template.json["services"]?.elements ?? []).contains { service in
                CareField(service).map { wanted.contains($0.value) } ?? false
            }
            let title = visitor.texts[visitor.key(ofTemplate: name)] ?? template.title
            if fits {
                fitting.append(Choice(name, visitor.say("asking_fits", title)))
            } else {
                others.append(Choice(name, title))
            }
        }
        return fitting + others
    }
}
