import Marketplace
import MoneyAndTime
import Storage
import StrictJSON

/// Beside the free times that a search finds: sessions in which places are left, and full ones in
/// which one can wait for a place.
enum FindSessions {
    private static let most = 20
    /// Where a cursor of this list stands in the query.
    private static let after = "after_session"

    static func result(
        _ visitor: Visitor, from first: CalendarDate, hours: FoundTime.Hours?,
        sold: [SoldInContract]
    ) async throws -> [String: Any] {
        let zone = try visitor.signedIn.zone
        let query = visitor.request.query
        var wish = FoundSession.Wish(
            from: zone.instant(first, try TimeOfDay("00:00")),
            until: zone.instant(try first.adding(days: 14), try TimeOfDay("00:00")))
        wish.service = query.text("service")
        wish.specialty = query.text("specialty")
        wish.language = ChosenTime.language(query)
        wish.weekdays = FindPages.weekdays(query)
        wish.hours = hours
        wish.places = 0
        let found = try await visitor.market.findGroupSessions(
            visitor.asking("findGroupSessions"), wish: wish,
            page: Page(
                after: query.text(after).map { try FoundSession.Place(cursor: $0) }, limit: most)
        ).body
        let items = found["items"]?.elements ?? []
        guard !items.isEmpty else { return ["no_session": true] }
        var fields: [String: Any] = [
            "table": [
                "rows": try items.map { try row($0, visitor, sold) },
                "caption": visitor.say("find_sessions"),
            ]
        ]
        if let next = found["next"]?.text {
            let kept = FindPages.keptQuery(visitor) + ["\(after)=\(next.inQuery)"]
            fields["more"] = ["address": "/find?" + kept.joined(separator: "&")]
        }
        return fields
    }

    private static func row(
        _ found: JSON, _ visitor: Visitor, _ sold: [SoldInContract]
    ) throws -> [String: Any] {
        let language = visitor.language
        let service = sold.first(
            contract: found["contract"]?.text, service: found["service"]?.text)
        let (places, free) = (found["places"]?.integer ?? 0, found["free"]?.integer ?? 0)
        return [
            "address": "/sessions/\(found["group_session"]?.text ?? "")",
            "moment": language.span(
                try Instant(rfc3339: found["starts"]?.text ?? ""),
                try Instant(rfc3339: found["ends"]?.text ?? ""), in: try visitor.signedIn.zone),
            "service": service?.name ?? found["service"]?.text ?? "",
            "specialist": found["specialist_label"]?.text ?? "",
            "seller": ["text": found["seller_name"]?.text ?? ""],
            "taken": visitor.say(
                "session_taken", language.number("\(places - free)"),
                language.number("\(places)")),
            "own": language.number("\(found["own"]?.integer ?? 0)"),
            "price": [
                "share": language.money(try Money(decimal: found["share"]?.text ?? "")),
                "most": language.money(try Money(decimal: found["price"]?.text ?? "")),
            ],
            "state": visitor.say(free > 0 ? "session_state_open" : "session_state_full"),
            "is_live": free > 0,
        ]
    }
}
