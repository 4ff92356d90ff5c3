import Marketplace
import MoneyAndTime
import Organisations
import Storage
import StrictJSON

/// The week of one of the organisation's specialists: what is for sale, held, booked and free.
enum CalendarPages {
    static func show(_ visitor: Visitor) async throws -> PageReply {
        if let unit = visitor.request.query.text("unit") {
            return try await UnitWeekPage.show(visitor, unit: unit)
        }
        let own = try await OwnSpecialist.all(visitor)
        let query = visitor.request.query
        guard let specialist = try own.chosen(by: query.text("specialist")) else {
            return try visitor.page(
                "calendar", title: visitor.say("calendar_title"), ["no_specialist": true])
        }
        let today = try specialist.zone.date(of: visitor.signedIn.now)
        var errors = FieldErrors()
        let asked = errors.read("week", "error_date") {
            try query.text("week").map {
                try CalendarWeek(of: CalendarDate(iso: $0), zone: specialist.zone)
            } ?? CalendarWeek(of: today, zone: specialist.zone)
        }
        let week = try asked ?? CalendarWeek(of: today, zone: specialist.zone)
        let slot = try week.slot
        let calendar = try await visitor.market.calendar(
            visitor.asking("getCalendar"), of: specialist.id, from: slot.start, until: slot.end
        ).body
        let sold = try await SoldInContract.all(visitor)
        var fields = try frame(visitor, own, specialist, week, today: today, errors)
        let whole = query.text("hours") == "all"
        fields.merge(try week.fields(calendar, visitor, sold: sold, whole: whole)) { $1 }
        fields["marking"] = try await CalendarMarking.fields(visitor, specialist)
        fields["timegrid"] = true
        fields["patterns"] = try await PublishedPattern.current(visitor, of: specialist)
            .map { try $0.fields(visitor) }
        switch query.text("done") {
        case "published": fields["done"] = ["text": visitor.say("availability_done_published")]
        case "changed": fields["done"] = ["text": visitor.say("change_done")]
        case "absent":
            fields["done"] = [
                "text": visitor.say(
                    "absence_done", query.text("moved") ?? "0", query.text("cancelled") ?? "0")
            ]
        case "limits": fields["done"] = ["text": visitor.say("limits_done")]
        case "paused": fields["done"] = ["text": visitor.say("pause_done")]
        case "resumed": fields["done"] = ["text": visitor.say("pause_done_ended")]
        case "withdrawn": fields["done"] = ["text": visitor.say("availability_done_withdrawn")]
        default: break
        }
        return try visitor.page(
            "calendar", title: visitor.say("calendar_title"), fields,
            status: errors.isEmpty ? 200 : 422, errors: errors)
    }

    /// Everything but the week itself: the choice, the ways to other weeks, and what may be done.
    private static func frame(
        _ visitor: Visitor, _ own: [OwnSpecialist], _ specialist: OwnSpecialist,
        _ week: CalendarWeek, today: CalendarDate, _ errors: FieldErrors
    ) throws -> [String: Any] {
        func address(_ day: CalendarDate) -> String {
            "/calendar?specialist=\(specialist.id)&week=\(day.iso)"
        }
        let sunday = try week.monday.adding(days: 6)
        var fields: [String: Any] = [
            "specialist": Choice.field(
                "specialist", visitor.say("specialist"), own.choices,
                selected: specialist.id.description),
            "week": TypedField(
                id: "week", label: "calendar_week", kind: .date,
                value: visitor.request.query.text("week") ?? week.monday.iso
            ).fields(visitor, errors),
            "heading": visitor.say(
                "calendar_heading", specialist.label, "\(week.monday.week)"),
            "span": "\(visitor.language.date(week.monday)) – \(visitor.language.date(sunday))",
            "zone": week.zone.zone,
            "previous": address(try week.monday.adding(days: -7)),
            "this": address(today),
            "next": address(try week.monday.adding(days: 7)),
            "unit_week": [
                "address": "/calendar?unit=\(specialist.unit)&week=\(week.monday.iso)"
            ],
            "every_hour": [
                "address": address(week.monday)
                    + (visitor.request.query.text("hours") == "all" ? "" : "&hours=all"),
                "text": visitor.say(
                    visitor.request.query.text("hours") == "all"
                        ? "calendar_usual_hours" : "calendar_all_hours"),
            ],
        ]
        if try !visitor.signedIn.roles.isDisjoint(with: [.scheduler, .admin]) {
            fields["proposals"] = ["address": "/availability/proposals"]
        }
        if try !visitor.signedIn.roles.isDisjoint(with: [.scheduler, .admin]) {
            fields["limits"] = ["address": "/working-limits?specialist=\(specialist.id)"]
        }
        if try visitor.signedIn.roles.contains(.scheduler) {
            fields["roster"] = [
                "address": "/roster", "busy": "/busy-calendar?specialist=\(specialist.id)",
            ]
            fields["may_be_absent"] = [
                "address": "/absence?specialist=\(specialist.id)&date=\(today.iso)"
            ]
        }
        if try visitor.signedIn.roles.contains(.scheduler), specialist.isActive {
            fields["may_publish"] = [
                "address": "/availability/new?specialist=\(specialist.id)&date="
                    + max(week.monday, today).iso,
                "day": "/availability/new?kind=once&specialist=\(specialist.id)&date=",
            ]
        }
        return fields
    }
}
