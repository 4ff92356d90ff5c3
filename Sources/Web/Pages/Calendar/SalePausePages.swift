import Marketplace
import MoneyAndTime
import Organisations
import Storage
import StrictJSON

/// A stretch of one day that is taken off sale: what that would do first, and then the button; and
/// pauses that are there, each with the button that ends it.
enum SalePausePages {
    static let fields = ["pause_date", "pause_from", "pause_to"]

    /// The page of a stretch, with the pauses in it.
    static func address(of specialist: String, _ slot: TimeSlot, _ zone: WallClock) -> String {
        let day = zone.date(of: slot.start)
        let isOver = zone.date(of: slot.end) > day
        let end = isOver ? "00:00" : zone.timeOfDay(of: slot.end).clock
        return "/sale-pauses/new?specialist=\(specialist)&pause_date=\(day.iso)"
            + "&pause_from=\(zone.timeOfDay(of: slot.start).clock)&pause_to=\(end)"
    }

    /// A stretch that was typed; until midnight where it says so, or where the end comes first.
    private static func during(
        _ form: FormFields, _ zone: WallClock, _ errors: inout FieldErrors
    ) -> TimeSlot? {
        let day = errors.read("pause_date", "error_date") {
            try CalendarDate(iso: form.text("pause_date") ?? "")
        }
        let from = errors.read("pause_from", "error_from") {
            try TimeOfDay(form.text("pause_from") ?? "")
        }
        let to = errors.read("pause_to", "error_to") {
            try TimeOfDay(form.text("pause_to") ?? "")
        }
        guard let day, let from, let to else { return nil }
        let end = to.minuteOfDay == 0 ? 1_440 : to.minuteOfDay
        guard from.minuteOfDay < end,
            let slot = zone.slot(on: day, minutes: from.minuteOfDay..<end)
        else {
            errors.add("pause_to", "error_hours")
            return nil
        }
        return slot
    }

    private static func specialist(
        _ visitor: Visitor, _ fields: FormFields
    ) async throws -> OwnSpecialist {
        try visitor.require([.scheduler])
        guard let id = fields.text("specialist"),
            let specialist = try await OwnSpecialist.all(visitor).chosen(by: id)
        else { throw InvalidLink() }
        return specialist
    }

    static func show(_ visitor: Visitor) async throws -> PageReply {
        try await show(visitor, visitor.request.query)
    }

    private static func show(
        _ visitor: Visitor, _ typed: FormFields, refused: FieldErrors = FieldErrors(),
        status: Int = 200
    ) async throws -> PageReply {
        let specialist = try await specialist(visitor, typed)
        var errors = refused
        let isAsked = fields.contains { typed.text($0) != nil }
        let during = isAsked ? during(typed, specialist.zone, &errors) : nil
        let day = during.map { specialist.zone.date(of: $0.start) }
        var shown: [String: Any] = [
            "label": specialist.label, "whose": specialist.id.description,
            "zone": specialist.zone.zone,
            "back": "/calendar?specialist=\(specialist.id)" + (day.map { "&week=\($0.iso)" } ?? ""),
            "stretch": typedFields(visitor, typed, errors),
        ]
        if let during {
            do {
                try await preview(visitor, specialist, during, typed, &shown)
            } catch is InvalidInput {
                errors.add("pause_date", "error_over")
            }
        }
        let answer = status == 200 && !errors.isEmpty ? 422 : status
        return try visitor.page(
            "sale_pause", title: visitor.say("pause_title"), shown, status: answer,
            errors: errors)
    }

    /// The fields of the stretch, as they are on the calendar, too.
    static func typedFields(
        _ visitor: Visitor, _ typed: FormFields, _ errors: FieldErrors
    ) -> [[String: Any]] {
        let kinds: [TypedField.Kind] = [.date, .time, .time]
        return zip(fields, kinds).map { id, kind in
            TypedField(id: id, label: id, kind: kind, value: typed.text(id) ?? "")
                .fields(visitor, errors)
        }
    }

    private static func preview(
        _ visitor: Visitor, _ specialist: OwnSpecialist, _ during: TimeSlot,
        _ typed: FormFields, _ shown: inout [String: Any]
    ) async throws {
        let plan = try await visitor.market.previewSalePause(
            visitor.asking("previewSalePause"), of: specialist.id, during: during
        ).body
        let calendar = try await visitor.market.calendar(
            visitor.asking("getCalendar"), of: specialist.id, from: during.start,
            until: during.end
        ).body
        let day = specialist.zone.date(of: during.start)
        func span(_ json: JSON) throws -> String {
            visitor.language.times(try TimeSlot(shown: json), on: day, in: specialist.zone)
        }
        let sold = try await SoldInContract.all(visitor)
        let removed = try (plan["removed"]?.elements ?? []).map { ["text": try span($0)] }
        let kept = try (plan["kept"]?.elements ?? []).map {
            try BookingRow($0, visitor, sold: sold).fields
        }
        let blocks = try (plan["blocks"]?.elements ?? []).map { block -> [String: Any] in
            let contract = sold.first(
                contract: block["contract"]?.text, service: block["service"]?.text ?? "")
            return [
                "address": "/blocks/\(block["block"]?.text ?? "")",
                "moment": visitor.language.times(
                    try TimeSlot(shown: block), on: day, in: specialist.zone),
                "counterparty": contract?.buyerName ?? "",
            ]
        }
        let pauses = try (calendar["away"]?.elements ?? []).compactMap { away in
            try away["sale_pause"]?.text.map {
                ["pause": $0, "span": try span(away), "date": day.iso]
            }
        }
        let patterns = Set(
            try (calendar["windows"]?.elements ?? []).filter {
                try TimeSlot(shown: $0).overlaps(during)
            }.compactMap { $0["availability"]?.text })
        shown["plan"] = [
            "when": "\(visitor.language.date(day)) "
                + visitor.language.times(during, on: day, in: specialist.zone),
            "removed": removed, "has_removed": !removed.isEmpty,
            "kept_visits": kept, "has_kept": !kept.isEmpty,
            "patterns_there": patterns.sorted().map { ["address": "/availability/\($0)"] },
            "carried": fields.compactMap { id in
                typed.text(id).map { ["name": id, "value": $0] }
            },
        ]
        shown["pauses_there"] = pauses
        if !blocks.isEmpty { shown["blocks_there"] = ["rows": blocks] }
    }

    static func pause(_ visitor: Visitor) async throws -> PageReply {
        let form = visitor.request.form
        let specialist = try await specialist(visitor, form)
        var errors = FieldErrors()
        guard let during = during(form, specialist.zone, &errors) else {
            return try await show(visitor, form, status: 422)
        }
        do {
            _ = try await visitor.market.pauseSale(
                visitor.asking("pauseSale"), of: specialist.id, during: during)
        } catch is InvalidInput {
            return try await show(visitor, form, status: 422)
        }
        let day = specialist.zone.date(of: during.start)
        return .see("/calendar?specialist=\(specialist.id)&week=\(day.iso)&done=paused")
    }

    static func end(_ visitor: Visitor) async throws -> PageReply {
        try visitor.require([.scheduler])
        guard let id = visitor.request.form.text("pause"),
            let pause = try? SalePauseID(typeID: id)
        else { throw InvalidLink() }
        let ended = try await visitor.market.endSalePause(
            visitor.asking("endSalePause"), pause
        ).body
        let day = visitor.request.form.text("date").flatMap { try? CalendarDate(iso: $0) }
        return .see(
            "/calendar?specialist=\(ended["specialist"]?.text ?? "")"
                + (day.map { "&week=\($0.iso)" } ?? "") + "&done=resumed")
    }
}

extension TimeOfDay {
    /// `09:30`, as a field for a time has it.
    var clock: String {
        let (hour, minute) = minuteOfDay.quotientAndRemainder(dividingBy: 60)
        return (hour < 10 ? "0\(hour)" : "\(hour)") + (minute < 10 ? ":0\(minute)" : ":\(minute)")
    }
}
