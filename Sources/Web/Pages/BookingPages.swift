import Marketplace
import MoneyAndTime
import Organisations
import Scheduling
import Storage
import StrictJSON

/// The organisation's bookings, and one of them: held to be confirmed, or booked with its
/// handshake.
enum BookingPages {
    /// The bookings of a month: those that are to come, and those of which nothing more comes.
    static func list(_ visitor: Visitor) async throws -> PageReply {
        let login = try visitor.signedIn
        if let text = visitor.request.query.text("series") {
            guard let series = try? SeriesID(typeID: text) else { throw InvalidLink() }
            return try await list(visitor, of: series)
        }
        let today = login.zone.date(of: login.now)
        let asked = visitor.request.query.text("month").flatMap {
            try? CalendarDate(iso: "\($0)-01")
        }
        let first = asked ?? today.firstOfMonth
        guard let next = try? first.adding(months: 1), let last = try? first.adding(months: -1)
        else { throw InvalidLink() }
        let midnight = try TimeOfDay("00:00")
        let rows = try await BookingRow.all(
            visitor, sold: try await SoldInContract.all(visitor),
            from: login.zone.instant(first, midnight), until: login.zone.instant(next, midnight))
        let ordered =
            rows.filter { $0.isAhead(at: login.now) }
            .sorted { ($0.starts, $0.id) < ($1.starts, $1.id) }
            + rows.filter { !$0.isAhead(at: login.now) }
            .sorted { ($0.starts, $0.id) > ($1.starts, $1.id) }
        let part = try ListPart(of: rows.count, visitor)
        let ahead = ordered[part.range].filter { $0.isAhead(at: login.now) }
        let past = ordered[part.range].filter { !$0.isAhead(at: login.now) }
        func table(_ rows: [BookingRow], _ caption: String) -> [String: Any] {
            ["rows": rows.map(\.fields), "caption": visitor.say(caption)]
        }
        func month(_ day: CalendarDate) -> [String: Any] {
            [
                "address": "/bookings?month=\(day.iso.prefix(7))",
                "name": visitor.language.month(of: day),
            ]
        }
        var fields: [String: Any] = [
            "month": visitor.language.month(of: first), "earlier": month(last),
            "later": month(next),
        ]
        if first != today.firstOfMonth { fields["now"] = month(today.firstOfMonth) }
        if !ahead.isEmpty { fields["ahead"] = table(ahead, "bookings_ahead") }
        if !past.isEmpty { fields["past"] = table(past, "bookings_past") }
        if rows.isEmpty { fields["none"] = true }
        fields["part"] = part.links(
            visitor, address: "/bookings?month=\(first.iso.prefix(7))&")
        return try visitor.page("bookings", title: visitor.say("bookings_title"), fields)
    }

    /// What was booked together, in order.
    private static func list(_ visitor: Visitor, of series: SeriesID) async throws -> PageReply {
        let rows = try await BookingRow.all(
            visitor, sold: try await SoldInContract.all(visitor), series: series
        ).sorted { ($0.starts, $0.id) < ($1.starts, $1.id) }
        guard !rows.isEmpty else { throw InvalidLink() }
        var fields: [String: Any] = [
            "month": visitor.say("series_booked"),
            "ahead": ["rows": rows.map(\.fields), "caption": visitor.say("series_visits")],
            "whole": true,
        ]
        if visitor.request.query.text("done") == "booked" {
            fields["done"] = [
                "text":
                    rows.count == 1
                    ? visitor.say("series_done_one") : visitor.say("series_done", "\(rows.count)")
            ]
        }
        return try visitor.page("bookings", title: visitor.say("bookings_title"), fields)
    }

    static func show(_ visitor: Visitor, _ parameter: String) async throws -> PageReply {
        try await show(visitor, id(parameter))
    }

    static func show(
        _ visitor: Visitor, _ id: BookingID, errors: FieldErrors = FieldErrors(), status: Int = 200
    ) async throws -> PageReply {
        let login = try visitor.signedIn
        let booking = try await visitor.market.booking(visitor.asking("getBooking"), id).body
        let sold = try await SoldInContract.all(visitor)
        let row = try BookingRow(booking, visitor, sold: sold)
        let isBuyer = booking["buyer"]?.text == login.organisation.description
        let maySchedule = login.roles.contains(.scheduler)
        let service = sold.first(
            contract: booking["contract"]?.text, service: booking["service"]?.text)
        var fields = row.fields
        fields["booked_for"] = try await BookedFor.shown(booking, visitor)
        if let text = booking["preparation_instructions"]?[visitor.language.rawValue]?.text {
            fields["instructions"] = ["text": text]
        }
        fields["block_place"] = try await visitor.blockPlace(of: booking)
        if isBuyer, maySchedule, row.isAhead(at: login.now) {
            let choices = try await ResourceChoice(visitor).fields(visitor, of: booking)
            if let choices { fields["own_resources"] = ["choices_of_own": choices] }
            fields["patient_contact"] = try await TextPages.contactForm(visitor, of: id)
        }
        if row.state == "held" {
            let end = try booking["hold_expires_at"]?.text.map { try Instant(rfc3339: $0) }
            if let end, end > login.now {
                fields["held"] = [
                    "until": visitor.language.moment(end, in: login.zone),
                    "may_confirm": isBuyer && maySchedule,
                    "hidden": ChosenTime.hidden(
                        language: ChosenTime.language(visitor.request.query)),
                ]
            } else {
                fields["run_out"] = true
            }
        }
        if row.state == "booked" || row.state == "closed" {
            fields["visit_address"] = ["link": "/visits/\(id)"]
        }
        if row.state == "booked" {
            if let service { fields["rule"] = ["text": visitor.priceRule(of: service)] }
            if maySchedule, row.starts > login.now {
                fields["may_cancel"] = true
                if isBuyer, row.groupSession == nil { fields["may_move"] = true }
            }
        }
        if let handshake = try await handshake(visitor, id) {
            fields["calendar_links"] = visitor.calendarLinks(id, handshake)
            fields["handshake"] = try HandshakeView(
                handshake, rooms: try await rooms(visitor, id), visitor, isSeller: !isBuyer,
                isBooked: row.state == "booked",
                moves: row.groupSession == nil, replyMinutes: service?.replyMinutes ?? 0,
                errors: errors
            ).fields
        }
        switch visitor.request.query.text("done") {
        case "booked": fields["done"] = ["text": visitor.say("booking_done_booked")]
        case "cancelled": fields["done"] = ["text": visitor.say("booking_done_cancelled")]
        case "moved": fields["done"] = ["text": visitor.say("booking_done_moved")]
        case "resources": fields["done"] = ["text": visitor.say("resources_done_chosen")]
        case "contact": fields["done"] = ["text": visitor.say("alerts_done_saved")]
        case "said": fields["done"] = ["text": visitor.say("handshake_done")]
        default: break
        }
        return try visitor.page(
            "booking",
            title: visitor.say(row.state == "held" ? "booking_held_title" : "booking_title"),
            fields, status: status, errors: errors)
    }

    /// What the seller hosts and the buyer joins.
    private static func rooms(_ visitor: Visitor, _ id: BookingID) async throws -> JSON {
        try await visitor.market.roomProviders(visitor.asking("listRoomProviders"), id).body
    }

    /// Nil where there is none yet: the booking is not confirmed.
    private static func handshake(_ visitor: Visitor, _ id: BookingID) async throws -> JSON? {
        do {
            return try await visitor.market.handshake(visitor.asking("getHandshake"), id).body
        } catch let refusal as Refusal where refusal.code == .notFound {
            return nil
        }
    }

    static func confirm(_ visitor: Visitor, _ parameter: String) async throws -> PageReply {
        let id = try id(parameter)
        _ = try await visitor.market.confirmBooking(visitor.asking("confirmBooking"), id)
        return .see("/bookings/\(id)?done=booked")
    }

    static func release(_ visitor: Visitor, _ parameter: String) async throws -> PageReply {
        let id = try id(parameter)
        let zone = try visitor.signedIn.zone
        let booking = try await visitor.market.booking(visitor.asking("getBooking"), id).body
        let row = try BookingRow(booking, visitor, sold: [])
        _ = try await visitor.market.releaseBooking(visitor.asking("releaseBooking"), id)
        let search = ChosenTime.search(
            of: row.service, from: zone.date(of: row.starts),
            minutes: try row.ends.seconds(since: row.starts) / 60,
            in: ChosenTime.language(visitor.request.form))
        return .see("\(search)&done=released")
    }

    static func id(_ parameter: String) throws(InvalidLink) -> BookingID {
        guard let id = try? BookingID(typeID: parameter) else { throw InvalidLink() }
        return id
    }
}
