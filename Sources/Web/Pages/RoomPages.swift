import Foundation
import Marketplace
import MoneyAndTime
import Storage
import StrictJSON
import Visits

/// The built-in room on the page of a visit: what it begins with, and what its open pages say to
/// each other.
enum RoomPages {
    /// What the room's script needs; nil where the visit is not in the built-in room.
    static func fields(
        _ visitor: Visitor, _ id: BookingID, _ handshake: JSON
    ) throws -> [String: Any]? {
        guard isBuiltIn(handshake) else { return nil }
        return try fields(
            visitor, signals: "/visits/\(id)/room",
            as: visitor.signedIn.member.description)
    }

    static func isBuiltIn(_ handshake: JSON) -> Bool {
        handshake["agreement"]?["room"]?["provider"]?.text == Room.Provider.builtIn.rawValue
    }

    /// The same for whoever signals there under such a name.
    static func fields(
        _ visitor: Visitor, signals: String, as participant: String
    ) throws -> [String: Any] {
        let relay = visitor.market.surroundings.relay
        return [
            "signals": signals,
            "servers": servers(visitor, for: participant),
            "participant": participant,
            "policy": relay?.isOnlyWay == true ? "relay" : "all",
            "words": JSON.object(
                JSONObject(
                    scriptWords.map { ($0, JSON(visitor.say("room_\($0)"))) }
                        + GuestKind.allCases.map {
                            ($0.rawValue, JSON(visitor.say("guest_kind_\($0.rawValue)")))
                        })
            ).compactText,
        ]
    }

    /// Relays for one person, as the room's script reads them.
    static func servers(_ visitor: Visitor, for participant: String) -> String {
        let servers =
            visitor.market.surroundings.relay?.servers(
                for: participant, now: Int64(Date().timeIntervalSince1970)) ?? []
        return JSON.array(servers).compactText
    }

    /// What the script says as things change.
    private static let scriptWords = [
        "asking", "alone", "connecting", "connected", "broken", "over", "replaced", "quality_full",
        "quality_low", "quality_sound", "somebody",
    ]

    /// What the others say from now on, or from where the browser's line broke.
    static func follow(_ visitor: Visitor, _ parameter: String) async throws -> PageReply {
        let token = try await token(visitor, parameter)
        guard let session = session(visitor.request.query.text("session")) else {
            throw InvalidLink()
        }
        var reply = PageReply(mediaType: "text/event-stream; charset=utf-8")
        let place = try await visitor.market.roomPlace(token)
        reply.stream = RoomStream(
            market: visitor.market, streams: visitor.pages.rooms,
            token: try visitor.market.roomToken(token), session: session,
            after: visitor.request.lastEventID.flatMap { Int64($0) } ?? place,
            isAllowed: try signedIn(visitor, parameter))
        return reply
    }

    static func say(_ visitor: Visitor, _ parameter: String) async throws -> PageReply {
        let token = try await token(visitor, parameter)
        let signal = try signal(visitor.request.form)
        let isHeard = try await visitor.market.sendRoomSignal(
            token, session: signal.session, to: signal.recipient, signal.body)
        return PageReply(status: isHeard ? 204 : 429)
    }

    /// What a page's script says to the others.
    static func signal(
        _ form: FormFields
    ) throws(InvalidLink) -> (session: String, recipient: String?, body: String) {
        let recipient = session(form.text("to"))
        guard let session = session(form.text("session")), let body = form.text("body"),
            body.unicodeScalars.count <= RoomSignal.longestBody,
            (form.text("to") == nil) == (recipient == nil)
        else { throw InvalidLink() }
        return (session, recipient, body)
    }

    /// Whether the login still lives, and sees the visit.
    private static func signedIn(
        _ visitor: Visitor, _ parameter: String
    ) throws -> @Sendable () async throws -> Bool {
        let (market, asking) = (visitor.market, try visitor.asking("getVisit"))
        let booking = try BookingPages.id(parameter)
        return {
            do {
                _ = try await market.visit(asking, booking)
                return true
            } catch is Refusal {
                return false
            } catch is Unavailable {
                // the database comes back; so does the news
                return true
            }
        }
    }

    /// Whoever may not be in a visit at all is told so, token or not.
    private static func token(_ visitor: Visitor, _ parameter: String) async throws -> String {
        let id = try BookingPages.id(parameter)
        guard let token = visitor.joinToken(of: id) else {
            _ = try await visitor.market.visit(visitor.asking("issueJoinToken"), id)
            throw Refusal(.joinTokenUnknown)
        }
        return token
    }

    static func session(_ text: String?) -> String? {
        guard let text, text.wholeMatch(of: /[A-Za-z0-9\-]{1,40}/) != nil else { return nil }
        return text
    }
}
