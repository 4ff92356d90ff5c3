import Marketplace
import MoneyAndTime
import Scheduling
import Storage
import StrictJSON

/// The form by which a specialist's time is published: every week, or on one day.
struct AvailabilityForm {
    enum Kind: String, CaseIterable {
        case weekly, once
    }

    let kind: Kind
    let specialist: OwnSpecialist
    /// The day that the form begins with.
    let day: CalendarDate
    /// The specialist's newest pattern.
    let newest: JSON?
    /// The contracts for which time can be kept.
    let contracts: [ContractList.Entry]
    /// What was sent, or what it is filled with; nil where it begins with what is usual.
    let sent: FormFields?

    /// `filled`: what it begins with, in the place of what is usual; `only`: of this kind.
    init(
        _ visitor: Visitor, _ specialist: OwnSpecialist, newest: JSON?, _ contracts: ContractList,
        filled: FormFields? = nil, kind only: Kind? = nil
    ) throws {
        let isSent = visitor.request.method == "POST"
        let fields = isSent ? visitor.request.form : visitor.request.query
        let kind = (isSent ? fields : filled ?? fields).text("kind")
        self.kind = only ?? kind.flatMap(Kind.init(rawValue:)) ?? .weekly
        day =
            try fields.text("date").flatMap { try? CalendarDate(iso: $0) }
            ?? specialist.zone.date(of: visitor.signedIn.now)
        sent = isSent ? fields : filled
        (self.specialist, self.newest) = (specialist, newest)
        self.contracts = contracts.entries.filter { $0.isSeller && !$0.isDraft }
    }

    // MARK: Shown

    func fields(
        _ visitor: Visitor, own: [OwnSpecialist], _ errors: FieldErrors
    ) -> [String: Any] {
        let isWeekly = kind == .weekly
        let (from, to) = (newest?["from"]?.text ?? "09:00", newest?["to"]?.text ?? "15:00")
        var fields: [String: Any] = [
            "kind": kind.rawValue, "label_of_tabs": visitor.say("availability_kinds"),
            "tabs": Kind.allCases.map { tab -> [String: Any] in
                [
                    "text": visitor.say("availability_\(tab.rawValue)"), "current": tab == kind,
                    "address": "/availability/new?kind=\(tab.rawValue)"
                        + "&specialist=\(specialist.id)&date=\(day.iso)",
                ]
            },
            "specialist": Choice.field(
                "specialist", visitor.say("specialist"), own.filter(\.isActive).choices,
                selected: specialist.id.description),
            "zone": specialist.zone.zone,
            "times": typed(
                [("from", .time, from), ("to", .time, to == "24:00" ? "00:00" : to)], visitor,
                errors),
            "dates": typed(
                isWeekly
                    ? [("starts_on", .date, day.iso), ("until", .date, "")]
                    : [("date", .date, day.iso)], visitor, errors),
            "details_are_open": errors.entries.contains { entry in
                entry.field.map(Self.inDetails.contains) ?? false
            },
        ]
        if errors.message(of: "to") == Self.endsBeforeItBegins || goesPastMidnight {
            fields["overnight"] = CheckBoxes.fields(
                "overnight", visitor.say("availability_overnight"),
                [Choice("yes", visitor.say("availability_overnight_yes"))],
                chosen: goesPastMidnight ? ["yes"] : [])
        }
        if isWeekly { fields["weekdays"] = weekdays(visitor, errors) }
        return fields.merging(details(visitor, errors)) { $1 }
    }

    /// What most leave as it is.
    private func details(_ visitor: Visitor, _ errors: FieldErrors) -> [String: Any] {
        var fields: [String: Any] = [
            "pauses": typed([("pauses", .text, pausesBefore)], visitor, errors),
            "lengths": typed(
                [
                    ("shortest_minutes", .text, minutes("shortest_minutes", 30)),
                    ("longest_minutes", .text, minutes("longest_minutes", 60)),
                    ("buffer_before_minutes", .text, minutes("buffer_before_minutes", 0)),
                    ("buffer_after_minutes", .text, minutes("buffer_after_minutes", 10)),
                ], visitor, errors),
            "grid": Choice.field(
                "grid_minutes", visitor.say("availability_grid_minutes"),
                StartGrid.allCases.map {
                    Choice("\($0.rawValue)", visitor.language.length(seconds: $0.seconds))
                }, selected: sent?.text("grid_minutes") ?? minutes("grid_minutes", 15)),
        ]
        if kind == .weekly {
            fields["repeats"] = typed(
                [("interval_weeks", .text, "1"), ("count", .text, "")], visitor, errors)
            fields["days_named"] = typed(
                [("exceptions", .text, ""), ("extra", .text, "")], visitor, errors)
            fields["holidays"] = CheckBoxes.fields(
                "except_holidays", visitor.say("availability_holidays"),
                [Choice("yes", visitor.say("availability_except_holidays"))],
                chosen: Set(sent?.all("except_holidays") ?? []))
        }
        if !contracts.isEmpty {
            fields["contracts"] = CheckBoxes.fields(
                "contracts", visitor.say("availability_contracts"),
                contracts.map { Choice($0.id, $0.name) },
                chosen: Set(sent?.all("contracts") ?? []),
                error: errors.message(of: "contracts").map { visitor.say($0) })
        }
        return fields
    }

    private static let withHints: Set = [
        "until", "interval_weeks", "count", "pauses", "exceptions", "extra",
        "buffer_before_minutes", "buffer_after_minutes",
    ]

    /// Fields with what was sent, or else with what they begin with.
    private func typed(
        _ fields: [(id: String, kind: TypedField.Kind, value: String)], _ visitor: Visitor,
        _ errors: FieldErrors
    ) -> [[String: Any]] {
        fields.map { field in
            let label = "availability_\(field.id)"
            return TypedField(
                id: field.id, label: label, kind: field.kind,
                value: sent.map { $0.text(field.id) ?? "" } ?? field.value,
                hint: Self.withHints.contains(field.id) ? "\(label)_hint" : nil
            ).fields(visitor, errors)
        }
    }

    private static let inDetails: Set = [
        "interval_weeks", "count", "exceptions", "extra", "pauses", "grid_minutes",
        "shortest_minutes", "longest_minutes", "buffer_before_minutes", "buffer_after_minutes",
        "contracts",
    ]

    /// The pauses of the newest pattern, as they are typed.
    private var pausesBefore: String {
        (newest?["pauses"]?.elements ?? []).map {
            "\($0["from"]?.text ?? "")–\($0["to"]?.text ?? "")"
        }.joined(separator: ", ")
    }

    /// A slip such as 15:00 to 09:00 sells a night: whoever means it says so.
    static let endsBeforeItBegins = "error_ends_before_it_begins"
    var goesPastMidnight: Bool { sent?.all("overnight") == ["yes"] }

    private func minutes(_ key: String, _ usual: Int64) -> String {
        "\(newest?[key]?.integer ?? usual)"
    }

    private func weekdays(_ visitor: Visitor, _ errors: FieldErrors) -> [String: Any] {
        let chosen = sent?.all("weekdays") ?? Weekday.allCases.prefix(5).map(\.word)
        return CheckBoxes.fields(
            "weekdays", visitor.say("availability_weekdays"),
            Weekday.allCases.map { Choice($0.word, visitor.say("weekday_\($0.word)")) },
            chosen: Set(chosen), error: errors.message(of: "weekdays").map { visitor.say($0) })
    }
}
