import Marketplace
import MoneyAndTime
import Organisations
import Scheduling
import Storage
import StrictJSON

/// A specialist is not there: what becomes of each visit first, and then the button.
enum AbsencePages {
    /// What the page asks about: whose days, from the first through the last.
    private struct Question {
        let specialist: OwnSpecialist
        let first: CalendarDate
        let last: CalendarDate
        let during: TimeSlot

        /// Nil, with what is wrong, where the days are none that can be asked about.
        init?(
            _ fields: FormFields, _ specialist: OwnSpecialist, today: CalendarDate,
            _ errors: inout FieldErrors
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
                    specialist.zone.instant(first, midnight),
                    (try? last.adding(days: 1)).map { specialist.zone.instant($0, midnight) }
                )
            }
            guard first <= last, today <= last, last.days(since: first) < Absence.longestDays,
                let start = midnight?.0, let end = midnight?.1,
                let during = try? TimeSlot(start: start, end: end)
            else {
                errors.add("last", "error_absence_days")
                return nil
            }
            (self.specialist, self.first, self.last, self.during) = (
                specialist, first, last, during
            )
        }
    }

    static func show(_ visitor: Visitor) async throws -> PageReply {
        try await show(visitor, visitor.request.query, errors: FieldErrors(), status: 200)
    }

    private static func show(
        _ visitor: Visitor, _ sent: FormFields, errors: FieldErrors, status: Int
    ) async throws -> PageReply {
        try visitor.require([.scheduler])
        let own = try await OwnSpecialist.all(visitor)
        guard let specialist = try own.chosen(by: sent.text("specialist")) else {
            throw InvalidLink()
        }
        var (errors, status) = (errors, status)
        let today = try specialist.zone.date(of: visitor.signedIn.now)
        let question = Question(sent, specialist, today: today, &errors)
        if question == nil { status = 422 }
        var fields: [String: Any] = [
            "specialist": Choice.field(
                "specialist", visitor.say("specialist"), own.choices,
                selected: specialist.id.description),
            "dates": [("date", today.iso), ("last", sent.text("date") ?? today.iso)].map {
                TypedField(
                    id: $0.0, label: "absence_\($0.0)", kind: .date,
                    value: sent.text($0.0) ?? $0.1
                ).fields(visitor, errors)
            },
            "calendar": "/calendar?specialist=\(specialist.id)"
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
            visitor.asking("previewAbsence"), of: question.specialist.id,
            during: question.during
        ).body
        let sold = try await SoldInContract.all(visitor)
        let rows = try (plan["visits"]?.elements ?? []).map { try row($0, visitor, sold, sent) }
        let language = visitor.language
        let days =
            question.first == question.last
            ? language.date(question.first)
            : "\(language.date(question.first)) – \(language.date(question.last))"
        var fields: [String: Any] = [
            "heading": visitor.say("absence_heading", question.specialist.label, days),
            "date": question.first.iso, "last": question.last.iso,
            "whose": question.specialist.id.description,
            "digest": plan["digest"]?.text ?? "",
            "fee": try visitor.euros(plan["fee"]),
            "rows": rows, "has_rows": !rows.isEmpty,
            "reason": TypedField(
                id: "reason", label: "absence_reason", kind: .text,
                value: sent.text("reason") ?? "", hint: "absence_reason_hint"
            ).fields(visitor, errors),
        ]
        if rows.isEmpty { fields["has_none"] = true }
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
        let own = try await OwnSpecialist.all(visitor)
        var errors = FieldErrors()
        guard let id = form.text("specialist"), let specialist = try own.chosen(by: id),
            let digest = form.text("digest")
        else { throw InvalidLink() }
        let today = try specialist.zone.date(of: visitor.signedIn.now)
        let question = Question(form, specialist, today: today, &errors)
        let reason = errors.words(
            "reason", form.text("reason"), max: 500, tooLong: "error_reason_length")
        guard let question, errors.isEmpty else {
            return try await show(visitor, form, errors: errors, status: 422)
        }
        do {
            let noted = try await visitor.market.noteAbsence(
                visitor.asking("noteAbsence"), of: specialist.id,
                NotedAbsence(
                    during: question.during, digest: digest, moves: try moves(form),
                    reason: reason)
            ).body
            return .see(
                "/calendar?specialist=\(specialist.id)&week=\(question.first.iso)&done=absent"
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
