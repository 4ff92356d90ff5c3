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
    /// Nil until it was sent.
    private let sent: FormFields?

    init(_ visitor: Visitor, _ specialist: OwnSpecialist, newest: JSON?) throws {
        let isSent = visitor.request.method == "POST"
        let fields = isSent ? visitor.request.form : visitor.request.query
        kind = fields.text("kind").flatMap(Kind.init(rawValue:)) ?? .weekly
        day =
            try fields.text("date").flatMap { try? CalendarDate(iso: $0) }
            ?? specialist.zone.date(of: visitor.signedIn.now)
        sent = isSent ? fields : nil
        (self.specialist, self.newest) = (specialist, newest)
    }

    // MARK: Shown

    func fields(
        _ visitor: Visitor, own: [OwnSpecialist], _ errors: FieldErrors
    ) -> [String: Any] {
        func field(
            _ id: String, _ kind: TypedField.Kind, _ value: String, hint: String? = nil
        ) -> [String: Any] {
            TypedField(
                id: id, label: "availability_\(id)", kind: kind,
                value: sent.map { $0.text(id) ?? "" } ?? value, hint: hint
            ).fields(visitor, errors)
        }
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
            "times": [
                field("from", .time, from),
                field("to", .time, to == "24:00" ? "00:00" : to),
            ],
            "dates": isWeekly
                ? [
                    field("starts_on", .date, day.iso),
                    field("until", .date, "", hint: "availability_until_hint"),
                ] : [field("date", .date, day.iso)],
            "lengths": [
                field("shortest_minutes", .text, minutes("shortest_minutes", 30)),
                field("longest_minutes", .text, minutes("longest_minutes", 60)),
                field(
                    "buffer_minutes", .text, minutes("buffer_minutes", 10),
                    hint: "availability_buffer_minutes_hint"),
            ],
            "grid": Choice.field(
                "grid_minutes", visitor.say("availability_grid_minutes"),
                StartGrid.allCases.map {
                    Choice("\($0.rawValue)", visitor.language.length(seconds: $0.seconds))
                }, selected: sent?.text("grid_minutes") ?? minutes("grid_minutes", 15)),
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
        if isWeekly {
            fields["weekdays"] = weekdays(visitor, errors)
            fields["exceptions"] = field(
                "exceptions", .text, "", hint: "availability_exceptions_hint")
        }
        return fields
    }

    private static let inDetails: Set = [
        "exceptions", "grid_minutes", "shortest_minutes", "longest_minutes", "buffer_minutes",
    ]

    /// A slip such as 15:00 to 09:00 sells a night: whoever means it says so.
    private static let endsBeforeItBegins = "error_ends_before_it_begins"
    private var goesPastMidnight: Bool { sent?.all("overnight") == ["yes"] }

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

    // MARK: Read

    /// What was sent, or nil and what was wrong with it.
    func offered(_ errors: inout FieldErrors) -> Market.OfferedTime? {
        func date(_ id: String) -> CalendarDate? {
            errors.read(id, "error_\(id)") { try CalendarDate(iso: sent?.text(id) ?? "") }
        }
        func time(_ id: String) -> TimeOfDay? {
            errors.read(id, "error_\(id)") { try TimeOfDay(sent?.text(id) ?? "") }
        }
        // in the order of the page, which is that of the error summary
        let words = sent?.all("weekdays") ?? []
        let days = Set(Weekday.allCases.filter { words.contains($0.word) })
        if kind == .weekly, days.isEmpty { errors.add("weekdays", "error_weekdays") }
        let (from, to) = (time("from"), time("to"))
        if let from, let to, to <= from, to.minuteOfDay > 0, !goesPastMidnight {
            errors.add("to", Self.endsBeforeItBegins)
        }
        let first = date(kind == .weekly ? "starts_on" : "date")
        let until = kind == .once || sent?.text("until") == nil ? nil : date("until")
        let terms = terms(&errors)
        let except = kind == .once ? [] : exceptions(&errors)
        guard errors.isEmpty, let first, let from, let to, let terms else { return nil }
        return Market.OfferedTime(
            specialist: specialist.id,
            pattern: kind == .once
                ? .once(first)
                : .weekly(days: days, startsOn: first, until: until, except: except),
            from: from, to: to, terms: terms)
    }

    private func terms(_ errors: inout FieldErrors) -> OfferTerms? {
        func minutes(_ id: String, _ range: ClosedRange<Int64>) -> Int64? {
            guard let number = sent?.text(id).flatMap({ Int64($0) }), range.contains(number) else {
                errors.add(id, "error_\(id)")
                return nil
            }
            return number
        }
        let longest = OfferTerms.longestVisitMinutes
        let grid = sent?.text("grid_minutes").flatMap { Int64($0) }.flatMap(StartGrid.init)
        if grid == nil { errors.add("grid_minutes", "error_grid_minutes") }
        let lengths = (
            minutes("shortest_minutes", 1...longest), minutes("longest_minutes", 1...longest)
        )
        let buffer = minutes("buffer_minutes", 0...OfferTerms.longestBufferMinutes)
        guard let grid, let shortest = lengths.0, let longest = lengths.1, let buffer else {
            return nil
        }
        return errors.read("longest_minutes", "error_lengths_order") {
            try OfferTerms(
                grid: grid, shortestMinutes: shortest, longestMinutes: longest,
                bufferMinutes: buffer)
        }
    }

    /// Days, one after the other: `24.12.2026` or `2026-12-24`.
    private func exceptions(_ errors: inout FieldErrors) -> Set<CalendarDate> {
        let typed = (sent?.text("exceptions") ?? "")
            .split { $0 == "," || $0 == ";" || $0.isWhitespace }
        let days = typed.map { Self.day(String($0)) }
        if days.contains(nil) { errors.add("exceptions", "error_exceptions") }
        return Set(days.compactMap { $0 })
    }

    private static func day(_ text: String) -> CalendarDate? {
        let parts = text.split(separator: ".").map { Int($0) }
        if parts.count == 3, let day = parts[0], let month = parts[1], let year = parts[2] {
            return try? CalendarDate(year: year, month: month, day: day)
        }
        return try? CalendarDate(iso: text)
    }

    /// The field that a refused pattern is about, and what is said there.
    func errors(of refusal: any Error) -> FieldErrors? {
        var errors = FieldErrors()
        let last = kind == .weekly ? "until" : "date"
        switch refusal {
        case let refusal as AvailabilityRefusal:
            switch refusal {
            case .daysMissing: errors.add("weekdays", "error_weekdays")
            case .datesReversed, .horizonTooLong: errors.add("until", "error_until")
            case .timesOutOfRange: errors.add("from", "error_from")
            case .windowTooShort: errors.add("to", "error_window_too_short")
            case .tooManyExceptions: errors.add("exceptions", "error_too_many_exceptions")
            case .lengthsOutOfRange: errors.add("longest_minutes", "error_lengths_order")
            case .bufferOutOfRange: errors.add("buffer_minutes", "error_buffer_minutes")
            case .servicesMissing: return nil
            }
        case let input as InvalidInput:
            switch input.problems.first?.pointer {
            case "/pattern/date", "/pattern/until": errors.add(last, "error_over")
            case "/pattern/weekdays": errors.add("weekdays", "error_never_comes")
            default: errors.add("from", "error_skipped_hour")
            }
        case let refusal as Refusal where refusal.code == .availabilityOverlaps:
            errors.add("from", "refusal_availability_overlaps")
        default:
            return nil
        }
        return errors
    }
}
