import Contracts
import Marketplace
import MoneyAndTime
import StrictJSON

/// The fields by which one service is said: what is offered, or what is needed.
struct ServiceForm {
    /// What the ids of its fields end with, where there are several.
    let suffix: String
    private let field: String
    private let kind: String
    private let modality: String
    private let chosen: [String]
    private let price: String

    init(typed form: FormFields, suffix: String = "") {
        self.suffix = suffix
        field = form.text("field\(suffix)") ?? ""
        kind = form.text("kind\(suffix)") ?? SoldService.Kind.patientVisit.rawValue
        modality = form.text("modality\(suffix)") ?? SoldService.Modality.video.rawValue
        chosen = form.all("languages\(suffix)")
        price = form.text("price\(suffix)") ?? ""
    }

    /// Nil is a row to be filled.
    init(stored service: JSON?, suffix: String, _ language: Language) {
        self.suffix = suffix
        field = service.flatMap { CareField($0) }?.value ?? ""
        kind = service?["kind"]?.text ?? SoldService.Kind.patientVisit.rawValue
        modality = service?["modality"]?.text ?? SoldService.Modality.video.rawValue
        chosen = (service?["languages"]?.elements ?? []).compactMap(\.text)
        price = service?["price_per_minute"]?.text.map(language.number) ?? ""
    }

    /// Whether nothing was chosen that is not there from the beginning.
    var isEmpty: Bool { field.isEmpty && chosen.isEmpty && price.isEmpty }

    /// Nil where something has to be corrected.
    func service(_ errors: inout FieldErrors, hasPrice: Bool) -> ServiceOutline? {
        let before = errors.entries.count
        guard let care = CareField(value: field) else {
            errors.add("field\(suffix)", "error_field")
            return nil
        }
        if chosen.isEmpty { errors.add("languages\(suffix)", "error_languages") }
        let said =
            hasPrice && !price.isEmpty
            ? errors.read("price\(suffix)", "error_price_per_minute") {
                try UnitPrice(typed: price)
            } : nil
        guard errors.entries.count == before else { return nil }
        var members: JSONObject = [
            "kind": JSON(kind), "modality": JSON(modality),
            "languages": .array(chosen.map { JSON($0) }),
        ]
        members[care.key] = ["system": JSON(care.system), "code": JSON(care.code)]
        members["price_per_minute"] = said.map { JSON($0.decimal) }
        return errors.read("field\(suffix)", "error_field") {
            try JSONReader(.object(members)).object { fields in
                try ServiceOutline.reading(&fields, hasPrice: hasPrice)
            }
        }
    }

    func fields(_ visitor: Visitor, _ errors: FieldErrors, hasPrice: Bool) -> [String: Any] {
        func choice(_ id: String, _ choices: [Choice], _ selected: String) -> [String: Any] {
            Choice.field(
                id + suffix, visitor.say("service_\(id)"), choices, selected: selected,
                error: errors.message(of: id + suffix).map { visitor.say($0) })
        }
        var known = visitor.fieldChoices
        if let care = CareField(value: field), !CareField.offered.contains(care) {
            known.append(Choice(field, visitor.name(of: care)))
        }
        var languages = visitor.languageChoices
        languages += chosen.filter { code in !languages.contains { $0.value == code } }
            .map { Choice($0, $0) }
        var fields: [String: Any] = [
            "care": choice("field", [Choice("", visitor.say("service_choose"))] + known, field),
            "kinds": choice(
                "kind",
                SoldService.Kind.allCases.map {
                    Choice($0.rawValue, visitor.say("choice_kind_\($0.rawValue)"))
                }, kind),
            "modalities": choice(
                "modality",
                SoldService.Modality.allCases.map {
                    Choice($0.rawValue, visitor.say("choice_modality_\($0.rawValue)"))
                }, modality),
            "languages_of_service": CheckBoxes.fields(
                "languages\(suffix)", visitor.say("service_languages"), languages,
                chosen: Set(chosen),
                error: errors.message(of: "languages\(suffix)").map { visitor.say($0) }),
        ]
        if hasPrice {
            fields["price_of_service"] = TypedField(
                id: "price\(suffix)", label: "service_price", kind: .text, value: price,
                hint: "service_price_hint"
            ).fields(visitor, errors)
        }
        return fields
    }
}

extension UnitPrice {
    /// As people type it, below 100 000 euros.
    init(typed text: String) throws {
        try self.init(decimal: text.replacing(",", with: "."))
        guard tenThousandths < 1_000_000_000 else { throw InvalidLink() }
    }
}
