import Marketplace
import MoneyAndTime
import Storage
import StrictJSON

/// The form that asks what a visit would cost. It is asked by GET, so all of it stands in the
/// address.
struct PriceForm {
    enum Outcome: String, CaseIterable {
        case held, failed
        case cancelledByBuyer = "cancelled_buyer"
        case cancelledBySeller = "cancelled_seller"
        case noShowOfBuyer = "no_show_buyer"
        case noShowOfSeller = "no_show_seller"
        case absenceOfSeller = "absent_seller"

        /// Whose doing it is.
        var side: String? {
            switch self {
            case .held, .failed: nil
            case .cancelledByBuyer, .noShowOfBuyer: "buyer"
            case .cancelledBySeller, .noShowOfSeller, .absenceOfSeller: "seller"
            }
        }
    }

    private let visitor: Visitor
    private let query: FormFields
    private let services: [SoldInContract]
    private let zone: WallClock
    private let outcome: Outcome
    /// The service that is asked about.
    let sold: SoldInContract?
    /// The version's document.
    private let terms: JSON

    init(_ visitor: Visitor, _ version: JSON) throws {
        self.visitor = visitor
        query = visitor.request.query
        services = SoldInContract.all(of: version, in: visitor.language)
        terms = version["document"] ?? .null
        zone = try WallClock(zone: terms["time_zone"]?.text ?? "")
        outcome = query.text("outcome").flatMap(Outcome.init(rawValue:)) ?? .held
        sold = services.first { [query] in $0.code == query.text("service") }
    }

    var isAsked: Bool { query.text("service") != nil || asksOfMonth }

    /// Whether the question is what the agreed capacity makes of a month, and not of a visit.
    var asksOfMonth: Bool { query.text("of") == "month" && commitment != nil }

    private var commitment: JSON? { terms["commitment"] }
    private var hasGroups: Bool { services.contains { $0.terms["capacity"] != nil } }

    // MARK: Shown

    func fields(_ errors: FieldErrors) -> [String: Any] {
        let now = visitor.login?.now ?? Instant(microseconds: 0)
        let lengths = Set(services.flatMap(\.lengths)).sorted()
        var fields: [String: Any] = [
            "zone": zone.zone,
            "what_for": [
                choice(
                    "service", "find_service", services.map { Choice($0.code, $0.name) }, errors),
                choice(
                    "minutes", "pricing_minutes",
                    lengths.map { Choice("\($0)", visitor.language.length(seconds: $0 * 60)) },
                    errors),
            ],
            "starts": [
                field(
                    "date", label: "handshake_date", kind: .date, usually: zone.date(of: now).iso,
                    errors),
                field(
                    "time", label: "handshake_time", kind: .time, usually: "09:00", errors),
            ],
            "present": [
                field("present_minutes", errors),
                field("present_seconds", errors),
            ],
            "details_are_open": Self.inDetails.contains { id in
                let usual = id == "outcome" ? Outcome.held.rawValue : nil
                return query.text(id) != usual && query.text(id) != nil
            } || errors.entries.contains { Self.inDetails.contains($0.field ?? "") },
            "ending": [
                choice(
                    "outcome", "pricing_outcome",
                    Outcome.allCases.map {
                        Choice($0.rawValue, visitor.say("pricing_\($0.rawValue)"))
                    }, errors)
            ],
            "hours": field("hours", errors),
            "waiter": [
                choice(
                    "waited_by", "pricing_waited_by",
                    [
                        Choice("", visitor.say("pricing_nobody")),
                        Choice("seller", visitor.say("side_seller")),
                        Choice("buyer", visitor.say("side_buyer")),
                    ], errors)
            ],
            "waited": field("waited_minutes", hint: "pricing_waited_minutes_hint", errors),
            "overrun": CheckBoxes.fields(
                "overrun", visitor.say("line_overrun"),
                [Choice("yes", visitor.say("pricing_overrun_agreed"))],
                chosen: Set(query.all("overrun"))),
            "work": [
                field("preparation_minutes", errors), field("record_writing_minutes", errors),
            ],
            "before": field("before_minutes", hint: "pricing_before_minutes_hint", errors),
        ]
        if hasGroups { fields["places"] = field("places", hint: "pricing_places_hint", errors) }
        if let commitment {
            fields["month"] = [
                "text": visitor.say(
                    "pricing_month_text", visitor.count(commitment["minutes_per_period"])),
                "minutes": field("month_minutes", errors),
            ]
        }
        return fields
    }

    private static let inDetails = [
        "outcome", "hours", "waited_by", "waited_minutes", "overrun", "preparation_minutes",
        "record_writing_minutes", "before_minutes", "places",
    ]

    private func field(
        _ id: String, label: String? = nil, kind: TypedField.Kind = .text,
        usually: String = "", hint: String? = nil, _ errors: FieldErrors
    ) -> [String: Any] {
        TypedField(
            id: id, label: label ?? "pricing_\(id)", kind: kind,
            value: isAsked ? query.text(id) ?? "" : usually, hint: hint
        ).fields(visitor, errors)
    }

    private func choice(
        _ id: String, _ label: String, _ choices: [Choice], _ errors: FieldErrors
    ) -> [String: Any] {
        Choice.field(
            id, visitor.say(label), choices, selected: query.text(id),
            error: errors.message(of: id).map { visitor.say($0) })
    }

    // MARK: Read

    /// As worked examples write it: one question, or one for each buyer that shares the visit;
    /// none where something is wrong with what was typed.
    func questions(_ errors: inout FieldErrors) -> [JSON] {
        if asksOfMonth {
            guard let minutes = number("month_minutes", "error_pricing_before", &errors) else {
                return []
            }
            return [["period": ["billed_seconds": JSON(minutes * 60)]]]
        }
        let question = question(&errors)
        guard let places = places(&errors), errors.isEmpty, let question else {
            return errors.isEmpty ? [question].compactMap { $0 } : []
        }
        return places.indices.map { index in
            var visit = question["visit"]?.members ?? [:]
            visit["share"] = [
                "places": JSON(places[index]),
                "places_before": JSON(places[..<index].reduce(0, +)),
                "places_in_all": JSON(places.reduce(0, +)),
            ]
            return ["service": question["service"] ?? .null, "visit": .object(visit)]
        }
    }

    /// Of each buyer, in their order; nil where nobody shares the visit.
    private func places(_ errors: inout FieldErrors) -> [Int64]? {
        guard outcome == .held, let typed = query.text("places") else { return nil }
        let parts = typed.split { $0 == "," || $0 == " " }.map(String.init)
        let places = parts.compactMap { part in
            part.utf8.allSatisfy { (0x30...0x39).contains($0) } ? Int64(part) : nil
        }
        let isRight =
            places.count == parts.count && !places.isEmpty
            && places.allSatisfy { (1...100).contains($0) }
            && places.reduce(0, +) <= sold?.terms["capacity"]?.integer ?? 0
        guard isRight else {
            errors.add("places", "error_pricing_places")
            return nil
        }
        return places
    }

    /// Nil, and what is wrong with what was typed. What only the contract can say is left to it.
    private func question(_ errors: inout FieldErrors) -> JSON? {
        // in the order of the page, which is that of the error summary
        if sold == nil { errors.add("service", "error_service") }
        let minutes = number("minutes", "error_length", &errors)
        let date = errors.read("date", "error_date") { try CalendarDate(iso: text("date")) }
        let time = errors.read("time", "error_time") { try TimeOfDay(text("time")) }
        var visit = JSONObject()
        if let date, let time { visit["starts"] = Self.local(date, time) }
        visit["planned_minutes"] = minutes.map { JSON($0) }
        switch outcome {
        case .held:
            visit["billable_seconds"] = present(&errors).map { JSON($0) }
            addWaiting(to: &visit, &errors)
            if query.text("overrun") == "yes" { visit["overrun_agreed"] = true }
            for id in ["preparation_minutes", "record_writing_minutes"]
            where query.text(id) != nil {
                visit[id] = number(id, "error_pricing_minutes", &errors).map { JSON($0) }
            }
        case .failed:
            visit["failed_after_seconds"] = present(&errors).map { JSON($0) }
        case .cancelledByBuyer, .cancelledBySeller, .absenceOfSeller:
            let at = date.flatMap { date in time.flatMap { cancelled(date, $0, &errors) } }
            var cancellation: JSONObject = ["by": JSON(outcome.side), "at": at ?? .null]
            if outcome == .absenceOfSeller { cancellation["cause"] = "sudden_absence" }
            visit["cancelled"] = .object(cancellation)
        case .noShowOfBuyer, .noShowOfSeller:
            let waited = number("waited_minutes", "error_pricing_waited_minutes", &errors) ?? 0
            visit["no_show"] = ["by": JSON(outcome.side), "waited_seconds": JSON(waited * 60)]
        }
        if query.text("before_minutes") != nil {
            visit["seconds_before"] = number("before_minutes", "error_pricing_before", &errors)
                .map { JSON($0 * 60) }
        }
        guard errors.isEmpty, let sold else { return nil }
        return ["service": JSON(sold.code), "visit": .object(visit)]
    }

    private func text(_ id: String) -> String { query.text(id) ?? "" }

    /// A whole number of at most seven digits.
    private func number(_ id: String, _ error: String, _ errors: inout FieldErrors) -> Int64? {
        let typed = text(id)
        guard typed.utf8.count <= 7, typed.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let number = Int64(typed)
        else {
            errors.add(id, error)
            return nil
        }
        return number
    }

    /// The seconds in which both sides are present; either field may be left out, but not both.
    private func present(_ errors: inout FieldErrors) -> Int64? {
        let hasSeconds = query.text("present_seconds") != nil
        let minutes =
            query.text("present_minutes") == nil && hasSeconds
            ? 0 : number("present_minutes", "error_pricing_present", &errors)
        let seconds =
            hasSeconds ? number("present_seconds", "error_pricing_seconds", &errors) : 0
        if let seconds, seconds > 59 { errors.add("present_seconds", "error_pricing_seconds") }
        guard let minutes, let seconds else { return nil }
        return minutes * 60 + seconds
    }

    private func addWaiting(to visit: inout JSONObject, _ errors: inout FieldErrors) {
        let side = query.text("waited_by")
        guard side != nil || query.text("waited_minutes") != nil else { return }
        if side == nil { errors.add("waited_by", "error_pricing_waited_by") }
        let minutes = number("waited_minutes", "error_pricing_waited_minutes", &errors)
        guard let side, let minutes else { return }
        visit["waited"] = ["by": JSON(side), "seconds": JSON(minutes * 60)]
    }

    /// The hours are real ones, on the days on which the clock is turned too. An hour that comes
    /// twice can be written only as its first time.
    private func cancelled(
        _ date: CalendarDate, _ time: TimeOfDay, _ errors: inout FieldErrors
    ) -> JSON? {
        guard let hours = number("hours", "error_pricing_hours", &errors) else { return nil }
        let starts = zone.instant(date, time)
        let instant = errors.read("hours", "error_pricing_hours") {
            try starts.adding(seconds: -hours * 3_600)
        }
        guard let instant else { return nil }
        guard zone.turn(of: instant) != .second else {
            errors.add("hours", "error_pricing_hours_twice")
            return nil
        }
        return Self.local(zone.date(of: instant), zone.timeOfDay(of: instant))
    }

    private static func local(_ date: CalendarDate, _ time: TimeOfDay) -> JSON {
        JSON("\(date.iso)T\(time)")
    }

    /// What the contract finds wrong, at the field that it is about.
    func add(_ input: InvalidInput, to errors: inout FieldErrors) {
        for problem in input.problems {
            switch problem.pointer.split(separator: "/").dropFirst().first {
            case "starts": errors.add("time", "error_time")
            case "planned_minutes": errors.add("minutes", "error_length")
            case "billable_seconds", "failed_after_seconds":
                errors.add("present_minutes", "error_pricing_present")
            case "waited" where problem.pointer.hasSuffix("/by"):
                errors.add("waited_by", "error_pricing_waited_by")
            case "waited", "no_show":
                errors.add("waited_minutes", "error_pricing_waited_minutes")
            case "preparation_minutes": errors.add("preparation_minutes", "error_pricing_minutes")
            case "record_writing_minutes":
                errors.add("record_writing_minutes", "error_pricing_minutes")
            case "billed_seconds": errors.add("month_minutes", "error_pricing_before")
            case "seconds_before": errors.add("before_minutes", "error_pricing_before")
            case "cancelled": errors.add("hours", "error_pricing_hours")
            default: errors.add(nil, "error_pricing_other")
            }
        }
    }

    // MARK: Said again beside the answer

    /// When it would be, with its weekday.
    var moment: String {
        guard let date = try? CalendarDate(iso: text("date")),
            let time = try? TimeOfDay(text("time"))
        else { return "" }
        let starts = zone.instant(date, time)
        let ends = try? starts.adding(seconds: (Int64(text("minutes")) ?? 0) * 60)
        return visitor.language.span(starts, ends ?? starts, in: zone)
    }

    /// What would happen.
    var what: String {
        func length(_ minutes: String, _ seconds: String) -> String {
            visitor.language.length(
                seconds: (Int64(text(minutes)) ?? 0) * 60 + (Int64(text(seconds)) ?? 0))
        }
        let key = "pricing_was_\(outcome.rawValue)"
        switch outcome {
        case .held, .failed: return visitor.say(key, length("present_minutes", "present_seconds"))
        case .cancelledByBuyer, .cancelledBySeller, .absenceOfSeller:
            return visitor.say(key, visitor.language.number("\(Int64(text("hours")) ?? 0)"))
        case .noShowOfBuyer, .noShowOfSeller: return visitor.say(key, length("waited_minutes", ""))
        }
    }

    /// What was asked, as names and texts.
    var facts: [(name: String, text: String)] {
        if asksOfMonth {
            let minutes = visitor.language.number("\(Int64(text("month_minutes")) ?? 0)")
            let agreed = visitor.count(commitment?["minutes_per_period"])
            return [("term_commitment", visitor.say("pricing_was_month", minutes, agreed))]
        }
        var facts = [("service", sold?.name ?? ""), ("day", moment), ("pricing_outcome", what)]
        if outcome == .absenceOfSeller {
            let rule = terms["sudden_absence"]?.text ?? "as_cancellation"
            facts.append(("term_sudden_absence", visitor.say("choice_fee_\(rule)")))
        }
        return facts
    }

    /// The name of a supplement or a discount of the service.
    func name(ofTerm code: String) -> String {
        let terms = ["supplements", "discounts"].flatMap { sold?.terms[$0]?.elements ?? [] }
        return terms.first { $0["code"]?.text == code }.map { visitor.name(of: $0) } ?? code
    }
}
