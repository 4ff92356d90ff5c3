import Marketplace
import MoneyAndTime
import Scheduling
import Storage
import StrictJSON

/// A booking as a line of a list, and as the head of its own page.
struct BookingRow {
    let id: String
    let state: String
    /// The code of the service in its contract.
    let service: String
    let starts: Instant
    let ends: Instant
    let isSeller: Bool
    let isOwn: Bool
    /// The session with others in which it has a place.
    let groupSession: String?
    /// By when a held one must be confirmed.
    let holdEnds: Instant?
    let fields: [String: Any]

    init(_ booking: JSON, _ visitor: Visitor, sold: [SoldInContract]) throws {
        let login = try visitor.signedIn
        let language = visitor.language
        id = booking["id"]?.text ?? ""
        state = booking["state"]?.text ?? ""
        starts = try Instant(rfc3339: booking["starts"]?.text ?? "")
        ends = try Instant(rfc3339: booking["ends"]?.text ?? "")
        service = booking["service"]?.text ?? ""
        let sold = sold.first(contract: booking["contract"]?.text, service: service)
        isSeller = booking["seller"]?.text == login.organisation.description
        isOwn = login.isOwn(booking)
        holdEnds = try booking["hold_expires_at"]?.text.map { try Instant(rfc3339: $0) }
        let quote = try Money(decimal: booking["quote"]?.text ?? "")
        var fields: [String: Any] = [
            "address": "/bookings/\(id)",
            "moment": language.span(starts, ends, in: login.zone),
            "length": language.length(seconds: try ends.seconds(since: starts)),
            "service": sold?.name ?? service,
            "specialist": booking["specialist_label"]?.text ?? "",
            "counterparty": (isSeller ? sold?.buyerName : sold?.sellerName) ?? "",
            "side": visitor.say(isSeller ? "side_seller" : "side_buyer"),
            "state": visitor.say("booking_\(state)"),
            "is_live": state == "booked" || state == "held",
            "price": language.money(quote),
        ]
        for name in [
            "patient_reference", "record_reference", "authorisation_reference",
            "diary_reference", "cancellation_reason",
        ] {
            if let text = booking[name]?.text { fields[name] = ["text": text] }
        }
        if let taken = booking["resources"]?.elements, !taken.isEmpty {
            let names = taken.compactMap { $0["name"]?.text }
            fields["taken_resources"] = ["text": names.joined(separator: ", ")]
        }
        if let series = booking["series"]?.text {
            fields["series"] = ["link": "/bookings?series=\(series)"]
        }
        if let block = booking["block"]?.text { fields["block"] = ["link": "/blocks/\(block)"] }
        groupSession = booking["group_session"]?.text
        if let groupSession {
            fields["group_session"] = ["link": "/sessions/\(groupSession)"]
        }
        if let fee = try booking["cancellation_fee"]?.text.map({ try Money(decimal: $0) }) {
            fields["cancellation_fee"] = ["text": language.money(fee)]
        }
        self.fields = fields
    }

    /// Whether it is held or booked, and not over.
    func isAhead(at now: Instant) -> Bool {
        (state == "booked" || state == "held") && ends > now
    }

    /// Those that are to come, the next first.
    static func ahead(_ visitor: Visitor, sold: [SoldInContract]) async throws -> [BookingRow] {
        let now = try visitor.signedIn.now
        // none is longer than a day
        return try await all(visitor, sold: sold, from: now.adding(seconds: -86_400))
            .filter { $0.isAhead(at: now) }
            .sorted { ($0.starts, $0.id) < ($1.starts, $1.id) }
    }

    /// The organisation's bookings that start in this time, page after page.
    static func all(
        _ visitor: Visitor, sold: [SoldInContract], from: Instant? = nil, until: Instant? = nil,
        series: SeriesID? = nil
    ) async throws -> [BookingRow] {
        try await visitor.every {
            try await visitor.market.listBookings(
                visitor.asking("listBookings"), state: nil, from: from, until: until,
                series: series, page: $0)
        }.map { try BookingRow($0, visitor, sold: sold) }
    }
}
