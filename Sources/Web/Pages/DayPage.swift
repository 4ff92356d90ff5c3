import Marketplace
import MoneyAndTime
import Scheduling
import Storage
import StrictJSON

/// The visits of a day, and, on the day that it is, earlier ones whose minutes wait for a word.
enum DayPage {
    static func show(_ visitor: Visitor) async throws -> PageReply {
        let login = try visitor.signedIn
        let query = visitor.request.query
        let today = login.zone.date(of: login.now)
        var errors = FieldErrors()
        let asked = errors.read("date", "error_date") {
            try query.text("date").map { try CalendarDate(iso: $0) } ?? today
        }
        let day = asked ?? today
        guard let next = try? day.adding(days: 1), let previous = try? day.adding(days: -1)
        else { throw InvalidLink() }
        let own = try await OwnSpecialist.all(visitor)
        let chosen = try query.text("specialist").flatMap { try own.chosen(by: $0) }
        let sold = try await SoldInContract.all(visitor)
        let midnight = try TimeOfDay("00:00")
        let start = login.zone.instant(day, midnight)
        let visits = try await all(
            visitor, sold, from: start, until: login.zone.instant(next, midnight),
            on: day, of: chosen?.id)
        var fields = frame(visitor, own, chosen, day: day, errors)
        fields["previous"] = address(previous, chosen)
        fields["next"] = address(next, chosen)
        if day != today { fields["now"] = ["address": address(today, chosen)] }
        fields["visits"] = visits.map(\.fields)
        if day == today {
            let earlier = try await all(
                visitor, sold, state: .booked, from: nil, until: start, of: chosen?.id
            ).filter(\.isOver)
            if !earlier.isEmpty { fields["earlier"] = ["visits": earlier.map(\.fields)] }
        }
        return try visitor.page(
            "day", title: visitor.say(visitor.dayTitle), fields,
            status: errors.isEmpty ? 200 : 422, errors: errors)
    }

    private static func address(_ day: CalendarDate, _ chosen: OwnSpecialist?) -> String {
        "/day?date=\(day.iso)" + (chosen.map { "&specialist=\($0.id)" } ?? "")
    }

    private static func frame(
        _ visitor: Visitor, _ own: [OwnSpecialist], _ chosen: OwnSpecialist?, day: CalendarDate,
        _ errors: FieldErrors
    ) -> [String: Any] {
        var fields: [String: Any] = [
            "heading": visitor.language.date(day),
            "date": TypedField(
                id: "date", label: "day", kind: .date,
                value: visitor.request.query.text("date") ?? day.iso
            ).fields(visitor, errors),
        ]
        if own.count > 1 {
            fields["specialists"] = Choice.field(
                "specialist", visitor.say("specialist"),
                [Choice("", visitor.say("day_all"))] + own.choices,
                selected: chosen?.id.description ?? "")
        }
        return fields
    }

    /// A visit as a line: what it is, and what there is to do.
    private struct Line {
        let fields: [String: Any]
        let isOver: Bool
    }

    /// Booked or held ones, in order of time; those of one day without its date.
    private static func all(
        _ visitor: Visitor, _ sold: [SoldInContract], state: BookingLife.Name? = nil,
        from: Instant?, until: Instant, on day: CalendarDate? = nil,
        of specialist: SpecialistID?
    ) async throws -> [Line] {
        let bookings = try await visitor.every {
            try await visitor.market.listBookings(
                visitor.asking("listBookings"), state: state, from: from, until: until, page: $0)
        }
        let wanted = bookings.filter { booking in
            ["booked", "closed"].contains(booking["state"]?.text)
                && (specialist.map { $0.description == booking["specialist"]?.text } ?? true)
        }
        let ids = try wanted.map { try BookingID(typeID: $0["id"]?.text ?? "") }
        let visits = try await visitor.market.visits(visitor.asking("getVisit"), ids)
        var lines: [(starts: Instant, id: String, line: Line)] = []
        for (id, booking) in zip(ids, wanted) {
            guard let agreed = visits[id] else { continue }
            let view = try VisitView(of: booking, agreed, visitor, sold: sold)
            var fields = view.row.fields
            fields["address"] = "/visits/\(view.row.id)"
            if let day {
                fields["moment"] = visitor.language.times(
                    try TimeSlot(start: view.row.starts, end: view.row.ends), on: day,
                    in: view.zone)
            }
            fields["todo"] = view.todo
            fields["is_live"] = view.mayJoin
            lines.append((view.row.starts, view.row.id, Line(fields: fields, isOver: view.isOver)))
        }
        return lines.sorted { ($0.starts, $0.id) < ($1.starts, $1.id) }.map(\.line)
    }
}
