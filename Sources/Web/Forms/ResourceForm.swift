import Marketplace
import MoneyAndTime
import Scheduling
import Storage
import StrictJSON

/// What is typed of a room or of staff: its name, and the same opening hours on some days.
enum ResourceForm {
    /// The boxes of the weekdays stand beside `name`, `opens` and `closes`.
    static func fields(
        _ visitor: Visitor, _ typed: FormFields, _ errors: FieldErrors
    ) -> [String: Any] {
        fields(
            visitor, errors, name: typed.text("name") ?? "",
            cost: typed.text("cost_per_minute") ?? "", days: Set(typed.all("open_on")),
            times: ["opens": typed.text("opens") ?? "", "closes": typed.text("closes") ?? ""])
    }

    private static func fields(
        _ visitor: Visitor, _ errors: FieldErrors, name: String, cost: String,
        days: Set<String>?, times: [String: String]
    ) -> [String: Any] {
        var fields: [String: Any] = [
            "name_field": TypedField(
                id: "name", label: "resource_name", kind: .text, value: name,
                hint: "resource_name_hint"
            ).fields(visitor, errors),
            "cost_field": TypedField(
                id: "cost_per_minute", label: "resource_cost", kind: .text, value: cost,
                hint: "resource_cost_hint"
            ).fields(visitor, errors),
        ]
        if let days {
            let weekdays = Weekday.allCases.map {
                Choice($0.word, visitor.say("weekday_\($0.word)"))
            }
            fields["opening"] = [
                "open_days": CheckBoxes.fields(
                    "open_on", visitor.say("resource_open_on"), weekdays, chosen: days,
                    error: errors.message(of: "open_on").map { visitor.say($0) }),
                "open_times": ["opens", "closes"].map { id in
                    TypedField(
                        id: id, label: "resource_\(id)", kind: .time, value: times[id] ?? ""
                    ).fields(visitor, errors)
                },
            ]
        }
        return fields
    }

    /// The form of one that is there, as it is or as it was sent. Hours that the form cannot say
    /// are not asked for, and stay.
    static func editing(
        _ resource: JSON, _ visitor: Visitor, _ typed: FormFields?, _ errors: FieldErrors
    ) -> [String: Any] {
        // a form that closes it says nothing of its name
        let sent = typed.flatMap { $0.text("revision") == nil ? nil : $0 }
        let simple = simpleHours(resource["hours"])
        var details = fields(
            visitor, errors, name: sent?.text("name") ?? resource["name"]?.text ?? "",
            cost: sent.map { $0.text("cost_per_minute") ?? "" }
                ?? resource["cost_per_minute"]?.text.map(visitor.language.number) ?? "",
            days: simple.map { sent.map { Set($0.all("open_on")) } ?? $0.days },
            times: [
                "opens": sent?.text("opens") ?? simple?.opens ?? "",
                "closes": sent?.text("closes") ?? simple?.closes ?? "",
            ])
        details["revision"] = "\(resource["revision"]?.integer ?? 0)"
        if sent.map({ $0.text("active") == "yes" }) ?? (resource["active"]?.flag == true) {
            details["active"] = true
        }
        return details
    }

    /// Hours that the form cannot say, which an edit keeps; nil where it says them.
    static func kept(_ hours: JSON?) -> OpeningHours? {
        simpleHours(hours) == nil ? stretches(hours).flatMap { try? OpeningHours($0) } : nil
    }

    /// The same from and until on some days, none at all for always; nil for anything else.
    private static func simpleHours(
        _ hours: JSON?
    ) -> (days: Set<String>, opens: String, closes: String)? {
        guard let elements = hours?.elements else { return ([], "", "") }
        let days = elements.compactMap { $0["weekday"]?.text }
        let times = Set(elements.map { [$0["from"]?.text ?? "", $0["until"]?.text ?? ""] })
        guard times.count == 1, Set(days).count == days.count, let only = times.first else {
            return nil
        }
        return (Set(days), only[0], only[1])
    }

    private static func stretches(_ hours: JSON?) -> [OpeningHours.Stretch]? {
        try? hours?.elements?.map { each in
            let weekday = Weekday.allCases.first { $0.word == each["weekday"]?.text }
            return OpeningHours.Stretch(
                weekday: weekday ?? .monday, from: try TimeOfDay(each["from"]?.text ?? ""),
                until: try TimeOfDay(each["until"]?.text ?? ""))
        }
    }

    /// What was sent, or nil and what was wrong with it. No day and no hour is always; an hour
    /// without days is every day.
    static func details(
        _ form: FormFields, _ errors: inout FieldErrors, keeping kept: OpeningHours? = nil
    ) -> Market.ResourceDetails? {
        let words = form.all("open_on")
        let chosen = Weekday.allCases.filter { words.contains($0.word) }
        let opens = time("opens", form, usual: "00:00", &errors)
        let closes = time("closes", form, usual: "24:00", &errors)
        let isSaid = !chosen.isEmpty || form.text("opens") != nil || form.text("closes") != nil
        if let opens, let closes, closes <= opens { errors.add("closes", "error_closes") }
        let cost = errors.read("cost_per_minute", "error_price_per_minute") {
            try form.text("cost_per_minute").map { try UnitPrice(typed: $0) }
        }
        guard errors.isEmpty, let opens, let closes else { return nil }
        var opening = kept
        if kept == nil, isSaid {
            opening = errors.read("open_on", "error_choice") {
                try OpeningHours(
                    (chosen.isEmpty ? Weekday.allCases : chosen).map {
                        OpeningHours.Stretch(weekday: $0, from: opens, until: closes)
                    })
            }
        }
        return errors.read("name", "error_resource_name") {
            try Market.ResourceDetails(
                name: form.text("name") ?? "", opening: opening, minuteCost: cost ?? nil)
        }
    }

    private static func time(
        _ id: String, _ form: FormFields, usual: String, _ errors: inout FieldErrors
    ) -> TimeOfDay? {
        errors.read(id, "error_time") { try TimeOfDay(form.text(id) ?? usual) }
    }
}
