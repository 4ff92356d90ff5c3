import Marketplace
import MoneyAndTime
import Scheduling
import Storage
import StrictJSON

// What was typed into the form, as a pattern of time, and where it was wrong.
extension AvailabilityForm {
    /// What was sent, or nil and what was wrong with it.
    func offered(_ errors: inout FieldErrors) -> Market.OfferedTime? {
        // in the order of the page, which is that of the error summary
        let words = sent?.all("weekdays") ?? []
        let days = Set(Weekday.allCases.filter { words.contains($0.word) })
        if kind == .weekly, days.isEmpty { errors.add("weekdays", "error_weekdays") }
        let (from, to) = (time("from", &errors), time("to", &errors))
        if let from, let to, to <= from, to.minuteOfDay > 0, !goesPastMidnight {
            errors.add("to", Self.endsBeforeItBegins)
        }
        let first = date(kind == .weekly ? "starts_on" : "date", &errors)
        let until = kind == .once || sent?.text("until") == nil ? nil : date("until", &errors)
        let repeats = kind == .once ? nil : repeats(until: until, &errors)
        let pauses = pauses(&errors)
        let terms = terms(&errors)
        let except = kind == .once ? [] : dates(typedIn: "exceptions", &errors)
        let extra = kind == .once ? [] : dates(typedIn: "extra", &errors)
        guard errors.isEmpty, let first, let from, let to, let terms else { return nil }
        do {
            var pattern = AvailabilityRule.Pattern.once(first)
            if let repeats {
                pattern = .weekly(
                    try WeeklyPattern(
                        days: days, startsOn: first, intervalWeeks: repeats.weeks,
                        end: repeats.end, except: except, extra: extra,
                        exceptHolidays: sent?.all("except_holidays") == ["yes"]))
            }
            return Market.OfferedTime(
                specialist: specialist.id, pattern: pattern, from: from, to: to, pauses: pauses,
                terms: terms)
        } catch {
            for entry in self.errors(of: error)?.entries ?? [] {
                errors.add(entry.field, entry.text)
            }
            return nil
        }
    }

    private func date(_ id: String, _ errors: inout FieldErrors) -> CalendarDate? {
        errors.read(id, "error_\(id)") { try CalendarDate(iso: sent?.text(id) ?? "") }
    }

    private func time(_ id: String, _ errors: inout FieldErrors) -> TimeOfDay? {
        errors.read(id, "error_\(id)") { try TimeOfDay(sent?.text(id) ?? "") }
    }

    /// What is left empty is `usual`, where there is such.
    private func number(
        _ id: String, _ range: ClosedRange<Int64>, usual: Int64? = nil,
        _ errors: inout FieldErrors
    ) -> Int64? {
        if let usual, sent?.text(id) == nil { return usual }
        guard let number = sent?.text(id).flatMap({ Int64($0) }), range.contains(number) else {
            errors.add(id, "error_\(id)")
            return nil
        }
        return number
    }

    /// How often, and until when: a last day, a number of days, or neither.
    private func repeats(
        until: CalendarDate?, _ errors: inout FieldErrors
    ) -> (weeks: Int, end: WeeklyPattern.End)? {
        let weeks = number(
            "interval_weeks", 1...Int64(WeeklyPattern.longestIntervalWeeks), usual: 1, &errors)
        var end = until.map(WeeklyPattern.End.until) ?? .never
        if sent?.text("count") != nil {
            let count = number("count", 1...Int64(WeeklyPattern.mostOccurrences), &errors)
            if count != nil, sent?.text("until") != nil {
                errors.add("count", "error_count_and_until")
            }
            if let count { end = .count(Int(count)) }
        }
        return weeks.map { (Int($0), end) }
    }

    private func terms(_ errors: inout FieldErrors) -> OfferTerms? {
        let longest = OfferTerms.longestVisitMinutes
        let buffers = 0...OfferTerms.longestBufferMinutes
        let grid = sent?.text("grid_minutes").flatMap { Int64($0) }.flatMap(StartGrid.init)
        if grid == nil { errors.add("grid_minutes", "error_grid_minutes") }
        let lengths = (
            number("shortest_minutes", 1...longest, &errors),
            number("longest_minutes", 1...longest, &errors)
        )
        let before = number("buffer_before_minutes", buffers, usual: 0, &errors)
        let after = number("buffer_after_minutes", buffers, &errors)
        let chosen = sent?.all("contracts") ?? []
        let only = chosen.compactMap { try? ContractID(typeID: $0) }
        if only.count < chosen.count { errors.add("contracts", "error_contracts") }
        guard let grid, let shortest = lengths.0, let longest = lengths.1, let before, let after
        else { return nil }
        return errors.read("longest_minutes", "error_lengths_order") {
            try OfferTerms(
                contracts: only.isEmpty ? nil : Set(only), grid: grid, shortestMinutes: shortest,
                longestMinutes: longest, bufferBeforeMinutes: before, bufferAfterMinutes: after)
        }
    }

    /// Times, one pair after the other: `11:30–12:00, 14.00-14.15`.
    private func pauses(_ errors: inout FieldErrors) -> [AvailabilityRule.Pause] {
        let typed = (sent?.text("pauses") ?? "").split { $0 == "," || $0 == ";" }
        let pauses = typed.map { Self.pause(String($0)) }
        if pauses.contains(nil) { errors.add("pauses", "error_pauses") }
        return pauses.compactMap { $0 }
    }

    private static func pause(_ text: String) -> AvailabilityRule.Pause? {
        let ends = text.split { $0 == "-" || $0 == "–" }.map { end in
            let time = end.filter { !$0.isWhitespace }.replacing(".", with: ":")
            return try? TimeOfDay(time.count == 4 ? "0\(time)" : time)
        }
        guard ends.count == 2, let from = ends[0], let to = ends[1] else { return nil }
        return AvailabilityRule.Pause(from: from, to: to)
    }

    /// Days, one after the other: `24.12.2026` or `2026-12-24`.
    private func dates(typedIn id: String, _ errors: inout FieldErrors) -> Set<CalendarDate> {
        let typed = (sent?.text(id) ?? "")
            .split { $0 == "," || $0 == ";" || $0.isWhitespace }
        let days = typed.map { Self.day(String($0)) }
        if days.contains(nil) { errors.add(id, "error_\(id)") }
        return Set(days.compactMap { $0 })
    }

    private static func day(_ text: String) -> CalendarDate? {
        let parts = text.split(separator: ".").map { Int($0) }
        if parts.count == 3, let day = parts[0], let month = parts[1], let year = parts[2] {
            return try? CalendarDate(year: year, month: month, day: day)
        }
        return try? CalendarDate(iso: text)
    }

    // MARK: Refused

    /// The field that a refused pattern is about, and what is said there.
    func errors(of refusal: any Error) -> FieldErrors? {
        var errors = FieldErrors()
        let last = kind == .weekly ? "until" : "date"
        switch refusal {
        case let refusal as AvailabilityRefusal:
            guard let (field, text) = Self.place(of: refusal) else { return nil }
            errors.add(field, text)
        case let input as InvalidInput:
            switch input.problems.first?.pointer {
            case "/pattern/date", "/pattern/until": errors.add(last, "error_over")
            case "/pattern/count": errors.add("count", "error_over")
            case "/pattern/weekdays": errors.add("weekdays", "error_never_comes")
            case "/contracts": errors.add("contracts", "error_contracts")
            default: errors.add("from", "error_skipped_hour")
            }
        case let refusal as Refusal where refusal.code == .availabilityOverlaps:
            errors.add("from", "refusal_availability_overlaps")
        default:
            return nil
        }
        return errors
    }

    private static func place(of refusal: AvailabilityRefusal) -> (String, String)? {
        switch refusal {
        case .daysMissing: ("weekdays", "error_weekdays")
        case .datesReversed, .horizonTooLong: ("until", "error_until")
        case .intervalOutOfRange: ("interval_weeks", "error_interval_weeks")
        case .countOutOfRange: ("count", "error_count")
        case .timesOutOfRange: ("from", "error_from")
        case .windowTooShort: ("to", "error_window_too_short")
        case .pausesOutOfRange: ("pauses", "error_pauses_out_of_range")
        case .tooManyPauses: ("pauses", "error_too_many_pauses")
        case .tooManyExceptions: ("exceptions", "error_too_many_exceptions")
        case .tooManyExtraDates: ("extra", "error_too_many_extra")
        case .extraDateNotPossible: ("extra", "error_extra_not_possible")
        case .lengthsOutOfRange: ("longest_minutes", "error_lengths_order")
        case .bufferBeforeOutOfRange: ("buffer_before_minutes", "error_buffer_before_minutes")
        case .bufferAfterOutOfRange: ("buffer_after_minutes", "error_buffer_after_minutes")
        case .servicesMissing, .contractsMissing: nil
        }
    }
}
