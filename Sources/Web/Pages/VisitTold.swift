import Marketplace
import MoneyAndTime
import Storage
import StrictJSON
import Visits

/// What did not go as planned in a visit, what was told of it, and the forms to tell it.
struct VisitTold {
    private let view: VisitView
    private var visitor: Visitor { view.visitor }
    private var visit: JSON { view.visit }

    init(_ view: VisitView) {
        self.view = view
    }

    /// Nothing before the room opens.
    func fields(_ errors: FieldErrors) throws -> [String: Any] {
        guard view.opens <= view.now else { return [:] }
        var fields: [String: Any] = ["picture": try AttendancePicture(view).fields]
        let happened = try happened().map { ["text": $0] }
        if !happened.isEmpty { fields["happened"] = ["lines": happened] }
        let telephone = try telephone().map { ["text": $0.text] }
        if !telephone.isEmpty { fields["telephone"] = ["lines": telephone] }
        if let extra = extra { fields["extra"] = ["text": extra] }
        fields["people"] = people
        if view.mayTell {
            fields["telling"] = telling(errors)
            if !view.isSeller, isOverrunSold, visit["overrun"]?["agreed"]?.flag != true {
                fields["go_on"] = true
            }
        }
        return ["told": fields]
    }

    // MARK: What happened

    /// Sentences, without a price.
    func happened() throws -> [String] {
        var lines: [String] = []
        if let late = visit["late_start"], late != .null {
            lines.append(
                say("late_\(late["waited"]?.text ?? "")", length(late["seconds"]))
                    + " " + visitor.say("late_follows_\(late["follows"]?.text ?? "")"))
        }
        if let absence = visit["no_show"], absence != .null {
            lines.append(
                say("no_show_\(absence["absent"]?.text ?? "")", length(absence["waited_seconds"]))
                    + " " + visitor.say("no_show_follows_\(absence["follows"]?.text ?? "")"))
        }
        if visit["outcome"]?.text == "not_held" { lines.append(visitor.say("happened_not_held")) }
        lines += try overrun()
        if let failure = visit["technical_failure"], failure != .null {
            let side = failure["reported_by"]?.text
            let words = side.map { say("failed_by_\($0)", failure["reason"]?.text ?? "") }
            lines.append(
                (words ?? visitor.say("happened_failed")) + " "
                    + visitor.say("failed_follows_\(failure["follows"]?.text ?? "")"))
        }
        return lines
    }

    private func overrun() throws -> [String] {
        guard let overrun = visit["overrun"], overrun != .null else { return [] }
        var lines: [String] = []
        if (overrun["seconds"]?.integer ?? 0) > 0 {
            lines.append(
                say("overrun", length(overrun["seconds"])) + " "
                    + visitor.say(
                        "overrun_follows_\(overrun["follows"]?.text ?? "")",
                        visitor.language.number("\(overrun["ceiling_minutes"]?.integer ?? 0)")))
        } else if overrun["agreed"]?.flag == true {
            lines.append(visitor.say("happened_overrun_agreed"))
        }
        if let at = overrun["cut_at"]?.text {
            lines.append(
                say(
                    "overrun_cut", length(overrun["cut_seconds"]),
                    visitor.language.time(try Instant(rfc3339: at), in: view.zone)))
        }
        return lines
    }

    private func say(_ key: String, _ values: String...) -> String {
        switch values.count {
        case 1: visitor.say("happened_\(key)", values[0])
        default: visitor.say("happened_\(key)", values[0], values[1])
        }
    }

    private func length(_ seconds: JSON?) -> String {
        visitor.language.length(seconds: seconds?.integer ?? 0)
    }

    /// What each side tells of time by telephone, and whether the other tells the same.
    func telephone() throws -> [(text: String, isConfirmed: Bool)] {
        let told = try (visit["telephone"]?.elements ?? []).map { item in
            (side: item["side"]?.text ?? "", slot: try TimeSlot(shown: item))
        }
        return told.map { item in
            let agrees = told.contains { $0.side != item.side && $0.slot.contains(item.slot) }
            let (from, until) = (
                visitor.language.time(item.slot.start, in: view.zone),
                visitor.language.time(item.slot.end, in: view.zone)
            )
            let text = visitor.say(
                agrees ? "telephone_confirmed" : "telephone_waits",
                visitor.say("sender_\(item.side)"), "\(from)–\(until)")
            return (text, agrees)
        }
    }

    // MARK: The specialist's own minutes, and people's

    private var preparationCeiling: Int64 {
        visit["extra_time"]?["preparation_ceiling"]?.integer ?? 0
    }

    private var recordCeiling: Int64 {
        visit["extra_time"]?["record_writing_ceiling"]?.integer ?? 0
    }

    private var isOverrunSold: Bool {
        visit["overrun"]?["ceiling_minutes"]?.integer != nil
    }

    /// What was entered, where the contract bills it.
    private var extra: String? {
        guard preparationCeiling > 0 || recordCeiling > 0 else { return nil }
        func number(_ key: String) -> String {
            visitor.language.number("\(visit["extra_time"]?[key]?.integer ?? 0)")
        }
        return visitor.say(
            "extra_entered", number("preparation_minutes"), number("record_writing_minutes"))
    }

    private var people: [String: Any] {
        let own = (visit["people"]?["own"]?.elements ?? [])
            .reduce(0) { $0 + ($1["seconds"]?.integer ?? 0) }
        return [
            "own": visitor.language.length(seconds: own),
            "total": length(visit["people"]?["total_seconds"]),
        ]
    }

    // MARK: Forms

    /// The fields of a contest besides the time, where the contract bills them, with what was
    /// entered.
    var contestable: [(name: String, entered: String)] {
        var fields: [(name: String, entered: String)] = []
        func add(_ key: String, _ ceiling: Int64) {
            guard ceiling > 0 else { return }
            let entered = visit["extra_time"]?["\(key)_minutes"]?.integer ?? 0
            fields.append(("contest_\(key)", "\(entered)"))
        }
        add("preparation", preparationCeiling)
        add("record_writing", recordCeiling)
        return fields
    }

    private func telling(_ errors: FieldErrors) -> [String: Any] {
        let sent = visitor.request.form
        func field(_ id: String, _ kind: TypedField.Kind, _ value: String = "") -> [String: Any] {
            TypedField(
                id: id, label: "telling_\(id)", kind: kind,
                value: errors.isEmpty ? value : sent.text(id) ?? ""
            ).fields(visitor, errors)
        }
        var fields: [String: Any] = [:]
        if !view.areKept {
            fields["by_telephone"] = [
                "inputs": [field("telephone_from", .time), field("telephone_until", .time)]
            ]
            fields["failing"] = ["reason": field("failure", .text)]
        }
        if view.isSeller, view.isOver, preparationCeiling > 0 || recordCeiling > 0 {
            func entered(_ key: String) -> String {
                "\(visit["extra_time"]?[key]?.integer ?? 0)"
            }
            var inputs: [[String: Any]] = []
            if preparationCeiling > 0 {
                inputs.append(field("preparation", .text, entered("preparation_minutes")))
            }
            if recordCeiling > 0 {
                inputs.append(field("record_writing", .text, entered("record_writing_minutes")))
            }
            fields["entering"] = [
                "inputs": inputs,
                "ceiling": visitor.say(
                    "telling_ceiling", visitor.language.number("\(preparationCeiling)"),
                    visitor.language.number("\(recordCeiling)")),
            ]
        }
        return fields
    }
}

extension VisitPages {
    /// One of the forms above was sent.
    static func tell(_ visitor: Visitor, _ parameter: String) async throws -> PageReply {
        let id = try BookingPages.id(parameter)
        let form = visitor.request.form
        var errors = FieldErrors()
        let report: VisitReport?
        switch form.text("kind").flatMap(VisitReport.Kind.init(rawValue:)) {
        case .telephone: report = try await telephone(visitor, id, &errors)
        case .extraTime:
            let preparation = wholeMinutes(form, "preparation", &errors)
            let writing = wholeMinutes(form, "record_writing", &errors)
            report = .extraTime(ExtraTime(preparation: preparation, recordWriting: writing))
        case .overrunAgreed: report = .overrunAgreed
        case .lineFailed:
            report = errors.words(
                "failure", form.text("failure"), max: Attestation.longestReason,
                tooLong: "error_contest_length", missing: "error_failure"
            ).map { .lineFailed(reason: $0) }
        case nil: throw InvalidLink()
        }
        guard errors.isEmpty, let report else {
            return try await show(visitor, id, errors: errors, status: 422)
        }
        do {
            _ = try await visitor.market.reportVisit(visitor.asking("reportVisit"), id, report)
            return .see("/visits/\(id)?done=told")
        } catch let refusal as Refusal
            where refusal.code != .notFound && refusal.code != .roleNotAllowed
            && refusal.code != .notYourSide
        {
            let reason =
                refusal.code == .visitOver ? "refusal_minutes_kept" : visitor.reason(refusal)
            errors.add(field(of: report), reason)
            return try await show(visitor, id, errors: errors, status: 409)
        }
    }

    private static func field(of report: VisitReport) -> String? {
        switch report {
        case .telephone: "telephone_from"
        case .extraTime(let extra): extra.preparation > 0 ? "preparation" : "record_writing"
        case .overrunAgreed: nil
        case .lineFailed: "failure"
        }
    }

    /// Times of the clock on the wall, on the day of the visit; the night after it too.
    private static func telephone(
        _ visitor: Visitor, _ id: BookingID, _ errors: inout FieldErrors
    ) async throws -> VisitReport? {
        let booking = try await visitor.market.booking(visitor.asking("getBooking"), id).body
        let zone = try visitor.signedIn.zone
        let starts = try Instant(rfc3339: booking["starts"]?.text ?? "")
        let day = zone.date(of: starts)
        func time(_ field: String) -> TimeOfDay? {
            errors.read(field, "error_time") {
                try TimeOfDay(visitor.request.form.text(field) ?? "")
            }
        }
        guard let from = time("telephone_from"), let until = time("telephone_until") else {
            return nil
        }
        // a call after midnight is of the next day
        let ends = try Instant(rfc3339: booking["ends"]?.text ?? "")
        let opens = try JoinWindow.standard.around(TimeSlot(start: starts, end: ends)).start
        let first = zone.instant(day, from) < opens ? try day.adding(days: 1) : day
        let last = until <= from ? try first.adding(days: 1) : first
        return .telephone(
            try TimeSlot(start: zone.instant(first, from), end: zone.instant(last, until)))
    }

    /// None where the form has no such field.
    static func wholeMinutes(
        _ form: FormFields, _ name: String, _ errors: inout FieldErrors
    ) -> Int64 {
        guard let text = form.text(name) else { return 0 }
        guard let number = Int64(text), (0...1_440).contains(number) else {
            errors.add(name, "error_whole_minutes")
            return 0
        }
        return number
    }
}
