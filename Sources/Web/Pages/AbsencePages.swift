import Marketplace
import MoneyAndTime
import Organisations
import Scheduling
import Storage
import StrictJSON

/// A specialist is not there, or nobody of a unit: what becomes of each visit first, and then the
/// button.
enum AbsencePages {
    /// What the page asks about: whose days, from the first through the last.
    private struct Question {
        let whose: Whose
        let first: CalendarDate
        let last: CalendarDate
        let during: TimeSlot

        /// Nil, with what is wrong, where the days are none that can be asked about.
        init?(
            _ fields: FormFields, _ whose: Whose, today: CalendarDate, _ errors: inout FieldErrors
        ) {
            let first = errors.read("date", "error_date") {
                try fields.text("date").map { try CalendarDate(iso: $0) } ?? today
            }
            let last = errors.read("last", "error_date") {
                try fields.text("last").map { try CalendarDate(iso: $0) } ?? first ?? today
            }
            guard let first, let last else { return nil }
            let midnight = (try? TimeOfDay(minuteOfDay: 0)).map { midnight in
                (
                    whose.zone.instant(first, midnight),
                    (try? last.adding(days: 1)).map { whose.zone.instant($0, midnight) }
                )
            }
            guard first <= last, today <= last, last.days(since: first) < Absence.longestDays,
                let start = midnight?.0, let end = midnight?.1,
                let during = try? TimeSlot(start: start, end: end)
            else {
                errors.add("last", "error_absence_days")
                return nil
            }
            (self.whose, self.first, self.last, self.during) = (whose, first, last, during)
        }
    }

    /// One specialist, or all of a unit.
    private struct Whose {
        let absentees: Absentees
        let value: String
        let label: String
        let zone: WallClock
        /// Whose calendar leads here and back.
        let specialist: SpecialistID

        var isUnit: Bool {
            if case .unit = absentees { true } else { false }
        }

        /// Each of the visitor's own, and each unit of several.
        static func all(_ visitor: Visitor) async throws -> [Whose] {
            let own = try await OwnSpecialist.all(visitor)
            let units = try await visitor.every {
                try await visitor.market.listUnits(visitor.asking("listUnits"), page: $0)
            }
            let whole = try units.compactMap { unit -> Whose? in
                let id = try UnitID(typeID: unit["id"]?.text ?? "")
                let members = own.filter { $0.unit == id.description && $0.isActive }
                guard members.count > 1 else { return nil }
                return Whose(
                    absentees: .unit(id), value: id.description,
                    label: visitor.say("absence_everyone", unit["name"]?.text ?? ""),
                    zone: members[0].zone, specialist: members[0].id)
            }
            return own.map {
                Whose(
                    absentees: .specialist($0.id), value: $0.id.description, label: $0.label,
                    zone: $0.zone, specialist: $0.id)
            } + whole
        }

        /// The one whom an address or a form names, or the first where it names none.
        static func chosen(_ value: String?, of all: [Whose]) throws(InvalidLink) -> Whose {
            guard let chosen = value == nil ? all.first : all.first(where: { $0.value == value })
            else { throw InvalidLink() }
            return chosen
        }
    }

    static func show(_ visitor: Visitor) async throws -> PageReply {
        try await show(visitor, visitor.request.query, errors: FieldErrors(), status: 200)
    }

    private static func show(
        _ visitor: Visitor, _ sent: FormFields, errors: FieldErrors, status: Int
    ) async throws -> PageReply {
        try visitor.require([.scheduler])
        let all = try await Whose.all(visitor)
        let whose = try Whose.chosen(sent.text("specialist"), of: all)
        var (errors, status) = (errors, status)
        let today = try whose.zone.date(of: visitor.signedIn.now)
        let question = Question(sent, whose, today: today, &errors)
        if question == nil { status = 422 }
        var fields: [String: Any] = [
            "specialist": Choice.field(
                "specialist", visitor.say("absence_whose"),
                all.map { Choice($0.value, $0.label) }, selected: whose.value),
            "dates": [("date", today.iso), ("last", sent.text("date") ?? today.iso)].map {
                TypedField(
                    id: $0.0, label: "absence_\($0.0)", kind: .date,
                    value: sent.text($0.0) ?? $0.1
                ).fields(visitor, errors)
            },
            "calendar": "/calendar?specialist=\(whose.specialist)"
                + "&week=\((question?.first ?? today).iso)",
        ]
        if let question {
            fields["preview"] = try await preview(of: question, sent, visitor, errors)
        }
        return try visitor.page(
            "absence", title: visitor.say("absence_title"), fields, status: status,
            errors: errors)
    }

    /// Every visit and what becomes of it, with the form that does so.
    private static func preview(
        of question: Question, _ sent: FormFields, _ visitor: Visitor, _ errors: FieldErrors
    ) async throws -> [String: Any] {
        let plan = try await visitor.market.previewAbsence(
            visitor.asking(question.whose.isUnit ? "previewUnitAbsence" : "previewAbsence"),
            of: question.whose.absentees, during: question.during
        ).body
        let sold = try await SoldInContract.all(visitor)
        let rows = try (plan["visits"]?.elements ?? []).map { try row($0, visitor, sold, sent) }
        let language = visitor.language
        let days =
            question.first == question.last
            ? language.date(question.first)
            : "\(language.date(question.first)) – \(language.date(question.last))"
        var fields: [String: Any] = [
            "heading": visitor.say("absence_heading", question.whose.label, days),
            "date": question.first.iso, "last": question.last.iso,
            "whose": question.whose.value,
            "digest": plan["digest"]?.text ?? "",
            "fee": try visitor.euros(plan["fee"]),
            "rows": rows, "has_rows": !rows.isEmpty,
            "reason": TypedField(
                id: "reason", label: "absence_reason", kind: .text,
                value: sent.text("reason") ?? "", hint: "absence_reason_hint"
            ).fields(visitor, errors),
        ]
        let zone = try visitor.signedIn.zone
        func touched(_ each: JSON, _ address: String, _ what: String) throws -> [String: Any] {
            let moment = language.span(
                try Instant(rfc3339: each["from"]?.text ?? ""),
                try Instant(rfc3339: each["until"]?.text ?? ""), in: zone)
            return [
                "address": address, "moment": moment, "what": what,
                "specialist": each["specialist_label"]?.text ?? "",
            ]
        }
        let blocks = try (plan["blocks"]?.elements ?? []).map {
            let contract = sold.first(
                contract: $0["contract"]?.text, service: $0["service"]?.text ?? "")
            return try touched(
                $0, "/blocks/\($0["block"]?.text ?? "")", contract?.buyerName ?? "")
        }
        let sessions = try (plan["group_sessions"]?.elements ?? []).map {
            try touched(
                $0, "/sessions/\($0["group_session"]?.text ?? "")",
                visitor.say("absence_session_taken", "\($0["taken"]?.integer ?? 0)"))
        }
        if !blocks.isEmpty { fields["blocks"] = ["rows": blocks] }
        if !sessions.isEmpty { fields["sessions"] = ["rows": sessions] }
        if rows.isEmpty, blocks.isEmpty, sessions.isEmpty { fields["has_none"] = true }
        return fields
    }

    private static func row(
        _ visit: JSON, _ visitor: Visitor, _ sold: [SoldInContract], _ sent: FormFields
    ) throws -> [String: Any] {
        let booking = try BookingRow(visit["booking"] ?? .null, visitor, sold: sold)
        var fields = booking.fields
        let fate = visit["fate"]?.text ?? ""
        let colleagues = (visit["colleagues"]?.elements ?? []).map {
            Choice(
                $0["specialist"]?.text ?? "",
                visitor.say("absence_move_to", $0["label"]?.text ?? ""))
        }
        let cost = try visit["fee"]?.text.map {
            visitor.language.money(try Money(decimal: $0))
        }
        if colleagues.isEmpty {
            fields["fate"] = ["text": visitor.say("absence_fate_\(fate)", cost ?? "")]
        } else {
            let choices =
                colleagues + [Choice("cancel", visitor.say("absence_fate_cancel", cost ?? ""))]
            // what was chosen before, where it can still be had
            let chosen = sent.text("move-\(booking.id)").flatMap { text in
                choices.first { $0.value == text }?.value
            }
            fields["choice"] = Choice.field(
                "move-\(booking.id)", visitor.say("absence_choice"), choices,
                selected: chosen ?? visit["colleague"]?.text ?? "cancel")
        }
        if let obstacle = visit["obstacle"]?.text {
            fields["obstacle"] = ["text": visitor.say("absence_obstacle_\(obstacle)")]
        }
        return fields
    }

    static func note(_ visitor: Visitor) async throws -> PageReply {
        try visitor.require([.scheduler])
        let form = visitor.request.form
        var errors = FieldErrors()
        guard let value = form.text("specialist"), let digest = form.text("digest") else {
            throw InvalidLink()
        }
        let whose = try Whose.chosen(value, of: await Whose.all(visitor))
        let today = try whose.zone.date(of: visitor.signedIn.now)
        let question = Question(form, whose, today: today, &errors)
        let reason = errors.words(
            "reason", form.text("reason"), max: 500, tooLong: "error_reason_length")
        guard let question, errors.isEmpty else {
            return try await show(visitor, form, errors: errors, status: 422)
        }
        do {
            let noted = try await visitor.market.noteAbsence(
                visitor.asking(whose.isUnit ? "noteUnitAbsence" : "noteAbsence"),
                of: whose.absentees,
                NotedAbsence(
                    during: question.during, digest: digest, moves: try moves(form),
                    reason: reason)
            ).body
            return .see(
                "/calendar?specialist=\(whose.specialist)&week=\(question.first.iso)&done=absent"
                    + "&moved=\(noted["moved"]?.integer ?? 0)"
                    + "&cancelled=\(noted["cancelled"]?.integer ?? 0)")
        } catch let refusal as Refusal
            where [.absenceChanged, .colleagueNotFree].contains(refusal.code)
        {
            errors.add(nil, "refusal_\(refusal.code.rawValue)")
            return try await show(visitor, form, errors: errors, status: 409)
        }
    }

    private static func moves(
        _ form: FormFields
    ) throws(InvalidLink) -> [BookingID: SpecialistID] {
        var moves: [BookingID: SpecialistID] = [:]
        for name in form.names where name.hasPrefix("move-") {
            guard let chosen = form.text(name), chosen != "cancel" else { continue }
            guard let booking = try? BookingID(typeID: String(name.dropFirst(5))),
                let specialist = try? SpecialistID(typeID: chosen)
            else { throw InvalidLink() }
            moves[booking] = specialist
        }
        return moves
    }
}
