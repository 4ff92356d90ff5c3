import Marketplace
import MoneyAndTime
import Scheduling
import Storage
import StrictJSON

/// The visits of a day, and, on the day that it is, earlier ones whose minutes wait for a word. For
/// a member who is a specialist, first the own ones, with those that the organisation buys: its
/// specialists attest them too.
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
        let whose = try Whose(query.text("specialist"), own, login)
        let sold = try await SoldInContract.all(visitor)
        let midnight = try TimeOfDay("00:00")
        let start = login.zone.instant(day, midnight)
        let visits = try await all(
            visitor, sold, from: start, until: login.zone.instant(next, midnight),
            on: day, of: whose)
        var fields = frame(visitor, own, whose, day: day, errors)
        fields["previous"] = whose.address(previous)
        fields["next"] = whose.address(next)
        if day != today { fields["now"] = ["address": whose.address(today)] }
        fields["visits"] = visits.filter { !$0.isBesides }.map(\.fields)
        let besides = visits.filter(\.isBesides)
        if !besides.isEmpty { fields["besides"] = ["visits": besides.map(\.fields)] }
        if sold.contains(where: \.isOnDemand) { fields["asks_now"] = true }
        if day == today, let chosen = own.first(where: { $0.id == whose.chosen }) {
            fields["presence"] = try await PresencePart.fields(visitor, of: chosen, sold)
        }
        if day == today {
            let earlier = try await all(
                visitor, sold, state: .booked, from: nil, until: start, of: whose
            ).filter(\.isOver)
            if !earlier.isEmpty { fields["earlier"] = ["visits": earlier.map(\.fields)] }
        }
        return try visitor.page(
            "day", title: visitor.say(visitor.dayTitle), fields,
            status: errors.isEmpty ? 200 : 422, errors: errors)
    }

    /// Whose visits are shown: those of one, or all. `all` in an address asks for all where the
    /// page would open on the visitor's own.
    private struct Whose {
        static let everybody = "all"

        let chosen: SpecialistID?
        /// Whether it is the visitor.
        let isVisitor: Bool
        /// Whether the page opens on one specialist's visits.
        let hasOwn: Bool

        init(_ asked: String?, _ own: [OwnSpecialist], _ login: Login) throws(InvalidLink) {
            hasOwn = login.specialist != nil
            if asked == Self.everybody {
                chosen = nil
            } else if let asked {
                chosen = try own.chosen(by: asked)?.id
            } else {
                chosen = login.specialist
            }
            isVisitor = chosen != nil && chosen == login.specialist
        }

        func address(_ day: CalendarDate) -> String {
            "/day?date=\(day.iso)&specialist=\(chosen?.description ?? Self.everybody)"
        }
    }

    private static func frame(
        _ visitor: Visitor, _ own: [OwnSpecialist], _ whose: Whose, day: CalendarDate,
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
                [Choice(Whose.everybody, visitor.say("day_all"))] + own.choices,
                selected: whose.chosen?.description ?? Whose.everybody)
        }
        if whose.hasOwn {
            let all = "/day?date=\(day.iso)&specialist=\(Whose.everybody)"
            fields["whose"] = [
                "label_of_tabs": visitor.say("day_whose"),
                "tabs": [
                    tab("/day?date=\(day.iso)", visitor.say("day_own"), whose.isVisitor),
                    tab(all, visitor.say("day_everybodys"), whose.chosen == nil),
                ],
            ]
        }
        return fields
    }

    private static func tab(_ address: String, _ text: String, _ isHere: Bool) -> [String: Any] {
        var tab: [String: Any] = ["address": address, "text": text]
        if isHere { tab["current"] = true }
        return tab
    }

    /// A visit as a line: what it is, and what there is to do.
    private struct Line {
        let fields: [String: Any]
        let isOver: Bool
        /// Whether it is shown besides the visitor's own.
        let isBesides: Bool
    }

    /// Booked or held ones, in order of time; those of one day without its date.
    private static func all(
        _ visitor: Visitor, _ sold: [SoldInContract], state: BookingLife.Name? = nil,
        from: Instant?, until: Instant, on day: CalendarDate? = nil, of whose: Whose
    ) async throws -> [Line] {
        let login = try visitor.signedIn
        let wanted = try await visitor.every {
            try await visitor.market.listBookings(
                visitor.asking("listBookings"), state: state, from: from, until: until, page: $0)
        }.filter { booking in
            let isOfChosen = whose.chosen.map { booking.isOf($0) } ?? true
            return ["booked", "closed"].contains(booking["state"]?.text)
                && (isOfChosen || whose.isVisitor && login.isOwn(booking))
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
            let isBesides = whose.chosen.map { !booking.isOf($0) } ?? false
            let line = Line(fields: fields, isOver: view.isOver, isBesides: isBesides)
            lines.append((view.row.starts, view.row.id, line))
        }
        return lines.sorted { ($0.starts, $0.id) < ($1.starts, $1.id) }.map(\.line)
    }
}

extension JSON {
    /// Whether a booking takes this specialist's time.
    fileprivate func isOf(_ specialist: SpecialistID) -> Bool {
        self["specialist"]?.text == specialist.description
    }
}

extension Login {
    /// Whether a booking is the member's own to look after: of the specialist who the member is, or
    /// one that the organisation buys; every one for a member who is no specialist.
    func isOwn(_ booking: JSON) -> Bool {
        guard let specialist else { return true }
        return booking.isOf(specialist) || booking["buyer"]?.text == organisation.description
    }
}
