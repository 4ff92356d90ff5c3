import Marketplace
import MoneyAndTime
import Organisations
import Scheduling
import Storage
import StrictJSON

/// Publishing from what there is already: a template, or another pattern.
enum TemplatePages {
    private static func all(_ visitor: Visitor) async throws -> [JSON] {
        try await visitor.every {
            try await visitor.market.listAvailabilityTemplates(
                visitor.asking("listAvailabilityTemplates"), page: $0)
        }
    }

    /// What the form of a new pattern is filled with, where the address names a template or a
    /// pattern to copy.
    static func beginning(
        _ visitor: Visitor, for specialist: OwnSpecialist
    ) async throws -> FormFields? {
        let query = visitor.request.query
        let today = try specialist.zone.date(of: visitor.signedIn.now)
        let asked = query.text("date").flatMap { try? CalendarDate(iso: $0) } ?? today
        if let copied = query.text("copy") {
            let sheet = try await visitor.market.availability(
                visitor.asking("getAvailability"), AvailabilityPages.id(copied)
            ).body
            return try FormFields.of(pattern: sheet, notBefore: max(asked, today))
        }
        guard let chosen = query.text("template") else { return nil }
        guard let template = try await all(visitor).first(where: { $0["id"]?.text == chosen })
        else { throw InvalidLink() }
        return FormFields.of(template: template, from: max(asked, today))
    }

    /// What the form shows of templates.
    static func fields(
        _ visitor: Visitor, _ form: AvailabilityForm
    ) async throws -> [String: Any] {
        let templates = try await all(visitor)
        guard !templates.isEmpty else { return [:] }
        let language = visitor.language
        return [
            "beginnings": [
                "whose": form.specialist.id.description, "day": form.day.iso,
                "template": Choice.field(
                    "template", visitor.say("template_choice"),
                    templates.map { Choice($0["id"]?.text ?? "", $0["name"]?.text ?? "") },
                    selected: visitor.request.query.text("template")),
            ],
            "kept_templates": [
                "templates": try templates.map { template -> [String: Any] in
                    let words = (template["weekdays"]?.elements ?? []).compactMap(\.text)
                    let times = try ["from", "to"].map {
                        language.time(try TimeOfDay(template[$0]?.text ?? ""))
                    }
                    return [
                        "id": template["id"]?.text ?? "", "name": template["name"]?.text ?? "",
                        "days": Weekday.allCases.filter { words.contains($0.word) }
                            .map { language.shortWeekdays[$0.rawValue - 1] }
                            .joined(separator: ", "),
                        "times": times.joined(separator: "–"),
                    ]
                }
            ],
        ]
    }

    /// The forms that copy a pattern: to a colleague, or into a template.
    static func copying(
        _ pattern: PublishedPattern, _ own: [OwnSpecialist], _ visitor: Visitor,
        _ errors: FieldErrors
    ) -> [String: Any] {
        var fields: [String: Any] = [
            "name": TypedField(
                id: "name", label: "template_name", kind: .text,
                value: visitor.request.form.text("name") ?? "", hint: "template_name_hint"
            ).fields(visitor, errors)
        ]
        let others = own.filter { $0.isActive && $0.id.description != pattern.specialist }
        if !others.isEmpty {
            fields["colleagues"] = [
                "id": pattern.json["id"]?.text ?? "",
                "specialist": Choice.field(
                    "specialist", visitor.say("copy_to"), others.choices, selected: nil),
            ]
        }
        return fields
    }

    /// Keeps a pattern's hours by a name.
    static func keep(_ visitor: Visitor, _ parameter: String) async throws -> PageReply {
        try visitor.require([.scheduler])
        let id = try AvailabilityPages.id(parameter)
        let sheet = try await visitor.market.availability(visitor.asking("getAvailability"), id)
            .body
        var errors = FieldErrors()
        let name = errors.words(
            "name", visitor.request.form.text("name"), max: AvailabilityTemplate.longestName,
            tooLong: "error_template_name", missing: "error_template_name")
        guard let name else {
            return try await AvailabilityPages.show(
                visitor, parameter, errors: errors, status: 422)
        }
        do {
            _ = try await visitor.market.addAvailabilityTemplate(
                visitor.asking("addAvailabilityTemplate"),
                AvailabilityTemplate(name: name, sheet: sheet))
        } catch let refusal as Refusal where refusal.code == .nameTaken {
            errors.add("name", "error_template_taken")
            return try await AvailabilityPages.show(
                visitor, parameter, errors: errors, status: 409)
        }
        return .see("/availability/new?specialist=\(sheet["specialist"]?.text ?? "")")
    }

    static func remove(_ visitor: Visitor) async throws -> PageReply {
        try visitor.require([.scheduler])
        guard
            let id = visitor.request.form.text("template").flatMap({
                try? AvailabilityTemplateID(typeID: $0)
            })
        else { throw InvalidLink() }
        _ = try await visitor.market.removeAvailabilityTemplate(
            visitor.asking("removeAvailabilityTemplate"), id)
        return .see("/availability/new")
    }
}

extension AvailabilityTemplate {
    /// From what is shown of a pattern; of a single day its weekday.
    fileprivate init(name: String, sheet: JSON) throws {
        let pattern = sheet["pattern"] ?? .null
        let words = (pattern["weekdays"]?.elements ?? []).compactMap(\.text)
        var days = Set(Weekday.allCases.filter { words.contains($0.word) })
        if let date = pattern["date"]?.text {
            days = [try CalendarDate(iso: date).weekday]
        }
        func minutes(_ key: String) -> Int64 { sheet[key]?.integer ?? 0 }
        func time(_ json: JSON, _ key: String) throws -> TimeOfDay {
            try TimeOfDay(json[key]?.text ?? "")
        }
        self = try AvailabilityTemplate(
            name: name, days: days,
            intervalWeeks: Int(pattern["interval_weeks"]?.integer ?? 1),
            exceptHolidays: pattern["except_holidays"]?.flag ?? false,
            from: time(sheet, "from"), to: time(sheet, "to"),
            pauses: (sheet["pauses"]?.elements ?? []).map {
                AvailabilityRule.Pause(from: try time($0, "from"), to: try time($0, "to"))
            },
            terms: OfferTerms(
                services: sheet["services"]?.elements.map { Set($0.compactMap(\.text)) },
                contracts: sheet["contracts"]?.elements.map {
                    Set(try $0.map { try ContractID(typeID: $0.text ?? "") })
                },
                grid: StartGrid(rawValue: minutes("grid_minutes")) ?? .fifteen,
                shortestMinutes: minutes("shortest_minutes"),
                longestMinutes: minutes("longest_minutes"),
                bufferBeforeMinutes: minutes("buffer_before_minutes"),
                bufferAfterMinutes: minutes("buffer_after_minutes")))
    }
}
