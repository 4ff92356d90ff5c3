import Marketplace
import MoneyAndTime
import Organisations
import Storage
import StrictJSON
import Visits

/// A handshake as one side reads it: where it stands, whose turn it is, what was said, and the
/// forms for what this side may say now.
struct HandshakeView {
    let fields: [String: Any]

    /// `moves`: whether another time may be offered; a place in a group session has none. `rooms`:
    /// what the seller hosts and the buyer joins.
    init(
        _ handshake: JSON, rooms: JSON?, _ visitor: Visitor, isSeller: Bool, isBooked: Bool,
        moves: Bool, replyMinutes: Int64, errors: FieldErrors
    ) throws {
        let login = try visitor.signedIn
        let language = visitor.language
        let side = isSeller ? "seller" : "buyer"
        let state = handshake["state"]?.text ?? ""
        let awaited = handshake["awaited"]?.text
        let deadline = try handshake["reply_by"]?.text.map { try Instant(rfc3339: $0) }
        var fields: [String: Any] = [
            "state": visitor.say("handshake_\(state)"),
            "sequence": "\((handshake["sequence"]?.integer ?? 0) + 1)",
            "messages": try (handshake["messages"]?.elements ?? []).map {
                try Self.message($0, visitor, zone: login.zone)
            },
        ]
        if let deadline {
            let moment = language.moment(deadline, in: login.zone)
            let key =
                awaited == nil
                ? "handshake_by_either"
                : awaited == side ? "handshake_by_us" : "handshake_by_them"
            fields["deadline"] = ["text": visitor.say(key, moment)]
        }
        if let offer = handshake["offer"], offer["starts"]?.text != nil {
            fields["offer"] = try Self.meeting(offer, visitor, zone: login.zone)
        }
        if let agreement = handshake["agreement"], agreement["starts"]?.text != nil {
            fields["agreement"] = try Self.meeting(agreement, visitor, zone: login.zone)
            fields["has_readiness"] = true
            fields["readiness"] = ["seller", "buyer"].map { side -> [String: Any] in
                let said = handshake["readiness"]?[side]?.text ?? "unsaid"
                return [
                    "who": visitor.say("sender_\(side)"), "said": visitor.say("readiness_\(said)"),
                    "is_ready": said == "ready",
                ]
            }
        }
        if !login.roles.isDisjoint(with: [.scheduler, .specialist]), isBooked {
            let starts = try Instant(rfc3339: handshake["starts"]?.text ?? "")
            let ends = try Instant(rfc3339: handshake["ends"]?.text ?? "")
            let last = [handshake["offer"], handshake["agreement"]].first { $0?["room"] != nil }
            let forms = try HandshakeForms(
                visitor: visitor, zone: login.zone, errors: errors, state: state,
                isAwaited: awaited == side, starts: starts,
                deadline: Self.deadline(after: login.now, replyMinutes, starts: starts),
                isSeller: isSeller, rooms: Self.choices(rooms, visitor),
                room: Self.room(last??["room"]), needs: Self.needs(last??["needs"]))
            if starts > login.now, moves { forms.addTalk(to: &fields) }
            if ends > login.now { forms.addReadiness(to: &fields) }
        }
        self.fields = fields
    }

    /// The whole time to answer that the contract gives, with some minutes for filling in the form,
    /// at a quarter of an hour; or until the start where that is sooner.
    private static func deadline(
        after now: Instant, _ replyMinutes: Int64, starts: Instant
    ) throws -> Instant {
        let quarter: Int64 = 900
        let soonest = try now.adding(seconds: replyMinutes * 60 + 2 * quarter).secondsSince1970
        return min(starts, try Instant(secondsSince1970: soonest / quarter * quarter))
    }

    private static func room(_ json: JSON?) -> Room? {
        guard let provider = json?["provider"]?.text.flatMap(Room.Provider.init(rawValue:)) else {
            return nil
        }
        return try? Room(provider: provider, link: json?["link"]?.text)
    }

    private static func choices(_ rooms: JSON?, _ visitor: Visitor) -> [Choice] {
        (rooms?["items"]?.elements ?? []).map { item in
            let provider = item["provider"]?.text ?? ""
            let kind = visitor.say("room_\(provider)")
            return Choice(
                provider, item["name"]?.text.map { visitor.say("room_at", kind, $0) } ?? kind)
        }
    }

    private static func needs(_ json: JSON?) -> Set<Proposal.Need> {
        Set((json?.elements ?? []).compactMap { $0.text.flatMap(Proposal.Need.init(rawValue:)) })
    }

    /// When, where and with what at hand.
    private static func meeting(
        _ json: JSON, _ visitor: Visitor, zone: WallClock
    ) throws -> [String: Any] {
        let room = room(json["room"]) ?? .builtIn
        let kind = visitor.say("room_\(room.provider.rawValue)")
        var fields: [String: Any] = [
            "moment": visitor.language.span(
                try Instant(rfc3339: json["starts"]?.text ?? ""),
                try Instant(rfc3339: json["ends"]?.text ?? ""), in: zone),
            "room": room.link.map { visitor.say("room_at", kind, OtherRoom.host($0)) } ?? kind,
        ]
        // that of a Jitsi room opens with a token only
        if room.provider == .ownLink, let link = room.link {
            fields["room_link"] = ["link": link]
        }
        let needs = needs(json["needs"])
        let named = Proposal.Need.allCases.filter(needs.contains)
            .map { visitor.say("need_\($0.rawValue)") }
        if !named.isEmpty { fields["asks"] = ["text": named.joined(separator: ", ")] }
        return fields
    }

    private static func message(
        _ message: JSON, _ visitor: Visitor, zone: WallClock
    ) throws -> [String: Any] {
        let kind = message["kind"]?.text ?? ""
        var fields: [String: Any] = [
            "who": visitor.say("sender_\(message["sender"]?.text ?? "")"),
            "what": visitor.say("message_\(kind)"),
            "at": visitor.language.moment(
                try Instant(rfc3339: message["at"]?.text ?? ""), in: zone),
        ]
        if let offer = message["offer"], offer["starts"]?.text != nil {
            fields["offered"] = try meeting(offer, visitor, zone: zone)
        }
        if let cause = message["cause"]?.text { fields["cause"] = ["text": cause] }
        return fields
    }
}
