import Marketplace
import MoneyAndTime
import Storage
import StrictJSON

/// What waits for this side's word: proposals of the other side, and booked visits for which nobody
/// has proposed yet; soonest deadline first.
enum ProposalPage {
    static func show(_ visitor: Visitor) async throws -> PageReply {
        let sold = try await SoldInContract.all(visitor)
        let waiting = try await all(visitor)
        let own = try visitor.signedIn.organisation.description
        let zone = try visitor.signedIn.zone
        var (asked, open): ([[String: Any]], [[String: Any]]) = ([], [])
        let part = try ListPart(of: waiting.count, visitor)
        for item in waiting[part.range] {
            let row = try BookingRow(item["booking"] ?? .null, visitor, sold: sold)
            let handshake = item["handshake"] ?? .null
            let deadline = try Instant(rfc3339: handshake["reply_by"]?.text ?? "")
            var fields = row.fields
            fields["deadline"] = visitor.language.moment(deadline, in: zone)
            fields["what"] = visitor.say("handshake_\(handshake["state"]?.text ?? "")")
            if let starts = handshake["offer"]?["starts"]?.text,
                let ends = handshake["offer"]?["ends"]?.text
            {
                fields["offered"] = visitor.language.span(
                    try Instant(rfc3339: starts), try Instant(rfc3339: ends), in: zone)
            }
            let side = item["booking"]?["seller"]?.text == own ? "seller" : "buyer"
            if handshake["awaited"]?.text == side {
                if let sequence = handshake["sequence"]?.integer {
                    fields["may_answer"] = ["sequence": "\(sequence + 1)"]
                }
                asked.append(fields)
            } else {
                open.append(fields)
            }
        }
        var fields: [String: Any] = ["has_none": waiting.isEmpty]
        if visitor.request.query.text("done") == "accepted" {
            fields["done"] = ["text": visitor.say("proposals_done_accepted")]
        }
        fields["part"] = part.links(visitor, address: "/proposals?")
        if !asked.isEmpty {
            fields["asked"] = [
                "caption": visitor.say("proposals_asked"), "rows": asked, "are_answered": true,
            ]
        }
        if !open.isEmpty {
            fields["open"] = ["caption": visitor.say("proposals_open"), "rows": open]
        }
        return try visitor.page("proposals", title: visitor.say("proposals_title"), fields)
    }

    private static func all(_ visitor: Visitor) async throws -> [JSON] {
        var items: [JSON] = []
        var after: WaitingHandshake.Place?
        repeat {
            let page = try await visitor.market.listHandshakes(
                visitor.asking("listHandshakes"), page: Page(after: after, limit: 200)
            ).body
            items += page["items"]?.elements ?? []
            after = try page["next"]?.text.map { try WaitingHandshake.Place(cursor: $0) }
        } while after != nil
        return items
    }
}
