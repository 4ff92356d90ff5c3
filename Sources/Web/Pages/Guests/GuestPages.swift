import Marketplace
import MoneyAndTime
import SignIn
import Storage
import StrictJSON
import Visits

/// The pages of a guest, who has no account: coming, waiting, being in, and having been there. One
/// address shows the one that fits.
enum GuestPages {
    static func show(_ visitor: Visitor, _ parameter: String) async throws -> PageReply {
        let visit = try await GuestVisit(visitor, parameter)
        return switch visit.state {
        case .waiting: try wait(visit)
        case .in: try await room(visit)
        case .left: try done(visit)
        default: try start(visit)
        }
    }

    // MARK: Coming

    private static func start(_ visit: GuestVisit) throws -> PageReply {
        let (visitor, link) = (visit.visitor, visit.link)
        let say = { visitor.say($0) }
        var fields: [String: Any] = [
            "lead": visitor.say("guest_lead_\(link.kind.rawValue)", link.host)
        ]
        switch link.standing {
        case .open:
            fields["may_come"] = [
                "button": say(visit.state == nil ? "guest_come" : "guest_come_again")
            ]
            if let state = visit.state {
                fields["reason"] = ["text": say("guest_ended_\(state.rawValue)")]
            }
        case .early:
            fields["reason"] = ["text": visitor.say("guest_early", visit.time(link.opens))]
            fields["may_check"] = true
            fields["refresh"] = ["seconds": "60"]
        case .over, .revoked, .cancelled, .notAgreed:
            fields["reason"] = ["text": say("guest_standing_\(link.standing.rawValue)")]
        }
        if link.standing == .open { fields["may_check"] = true }
        return try visit.page("guest", title: "guest_title", fields)
    }

    /// A browser comes to the door. One that waits or is in already stays who it is.
    static func come(_ visitor: Visitor, _ parameter: String) async throws -> PageReply {
        let visit = try await GuestVisit(visitor, parameter)
        var reply = PageReply.see(visit.address)
        if let state = visit.state, !state.hasEnded { return reply }
        // the same for a form that comes twice
        let key = visitor.request.form.text("key") ?? ""
        guard
            let secret = OneTimeSecret(
                presented: visitor.browser.derived(for: "guest \(key)", about: visit.secret))
        else { throw InvalidLink() }
        do {
            try await visitor.market.guestComes(by: visit.secret, as: secret)
        } catch let refusal as Refusal where refusal.code == .guestLinkNotOpen {
            // the page says how it stands
            return reply
        } catch let refusal as Refusal where refusal.code == .guestLinkInUse {
            let reason = ["text": visit.visitor.say("guest_in_use")]
            return try visit.page(
                "guest", title: "guest_title",
                [
                    "reason": reason,
                    "lead": visit.visitor.say(
                        "guest_lead_\(visit.link.kind.rawValue)", visit.link.host),
                ], status: 409)
        }
        reply.cookies = [visitor.request.keepingGuest(secret, at: visit.address)]
        return reply
    }

    // MARK: Waiting

    private static func wait(_ visit: GuestVisit) throws -> PageReply {
        var fields: [String: Any] = [
            "refresh": ["seconds": "15"], "script": ["address": "/static/guest.js"],
        ]
        if let guest = visit.guest {
            fields["since"] = visit.visitor.say("guest_since", visit.time(guest.cameAt))
            if guest.others > 0 { fields["elsewhere"] = true }
        }
        return try visit.page("guest_wait", title: "guest_wait_title", fields)
    }

    /// Where the guest stands, as it changes.
    static func follow(_ visitor: Visitor, _ parameter: String) async throws -> PageReply {
        let visit = try await GuestVisit(visitor, parameter)
        var reply = PageReply(mediaType: "text/event-stream; charset=utf-8")
        reply.stream = GuestStream(
            market: visitor.market, streams: visitor.pages.guests,
            secret: try visit.atDoor().digest)
        return reply
    }

    /// A sign of life, or a farewell.
    static func say(_ visitor: Visitor, _ parameter: String) async throws -> PageReply {
        let visit = try await GuestVisit(visitor, parameter)
        let secret = try visit.atDoor()
        switch visitor.request.form.text("kind") {
        // to ask where the guest stands was the sign of life
        case "heartbeat": return PageReply(status: visit.state == .in ? 204 : 409)
        case "leave":
            try await visitor.market.guestLeaves(secret)
            return .see(visit.address)
        default: throw InvalidLink()
        }
    }

    private static func done(_ visit: GuestVisit) throws -> PageReply {
        var fields: [String: Any] = [:]
        if visit.link.standing == .open { fields["may_come"] = true }
        return try visit.page("guest_done", title: "guest_done_title", fields)
    }

    // MARK: In the room

    private static func room(_ visit: GuestVisit) async throws -> PageReply {
        let visitor = visit.visitor
        guard let guest = visit.guest, let session = visit.session else { throw InvalidLink() }
        let people = try await visitor.market.people(with: session)
        let words = PeopleWords(visitor: visitor, zone: visit.zone)
        var fields: [String: Any] = ["people": people.map(words.fields)]
        if try await !visitor.market.isInBuiltInRoom(guest: session) {
            fields["other_room"] = OtherRoom.fields(visit)
            fields["script"] = [["address": "/static/guest.js"]]
        } else {
            fields["room_here"] = try RoomPages.fields(
                visitor, signals: "\(visit.address)/room", as: guest.id.description)
            fields["script"] = [["address": "/static/room.js"], ["address": "/static/guest.js"]]
        }
        if let at = guest.letInAt, let name = guest.byName {
            fields["let_in"] = ["text": visitor.say("guest_let_in", visit.time(at), name)]
            let seconds = max(0, try guest.now.seconds(since: at))
            fields["lasting"] = [
                "seconds": "\(seconds)", "running": "yes",
                "since": visit.time(at),
                "text": visitor.language.length(seconds: seconds / 60 * 60),
            ]
        }
        return try visit.page("guest_room", title: "guest_room_title", fields)
    }

    /// What the others say, as long as the guest is in.
    static func followRoom(_ visitor: Visitor, _ parameter: String) async throws -> PageReply {
        let visit = try await GuestVisit(visitor, parameter)
        let token = visitor.market.roomToken(ofGuest: try visit.atDoor())
        guard let session = RoomPages.session(visitor.request.query.text("session")) else {
            throw InvalidLink()
        }
        let place = try await visitor.market.roomPlace(token)
        var reply = PageReply(mediaType: "text/event-stream; charset=utf-8")
        reply.stream = RoomStream(
            market: visitor.market, streams: visitor.pages.rooms, token: token, session: session,
            after: visitor.request.lastEventID.flatMap { Int64($0) } ?? place,
            // what ends a guest's stay ends its token
            isAllowed: { true })
        return reply
    }

    static func sayInRoom(_ visitor: Visitor, _ parameter: String) async throws -> PageReply {
        let visit = try await GuestVisit(visitor, parameter)
        let token = visitor.market.roomToken(ofGuest: try visit.atDoor())
        let signal = try RoomPages.signal(visitor.request.form)
        let isHeard = try await visitor.market.sendRoomSignal(
            token, session: signal.session, to: signal.recipient, signal.body)
        return PageReply(status: isHeard ? 204 : 429)
    }
}
