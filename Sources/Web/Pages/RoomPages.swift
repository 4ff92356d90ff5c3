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
        guard handshake["agreement"]?["room"]?["provider"]?.text == Room.Provider.builtIn.rawValue
        else { return nil }
        let relay = visitor.market.surroundings.relay
        let servers =
            try relay?.servers(
                for: visitor.signedIn.member.description, now: Int64(Date().timeIntervalSince1970))
            ?? []
        return [
            "signals": "/visits/\(id)/room",
            "servers": JSON.array(servers).compactText,
            "participant": try visitor.signedIn.member.description,
            "policy": relay?.isOnlyWay == true ? "relay" : "all",
            "words": JSON.object(
                JSONObject(scriptWords.map { ($0, JSON(visitor.say("room_\($0)"))) })
            ).compactText,
        ]
    }

    /// What the script says as things change.
    private static let scriptWords = [
        "asking", "alone", "connecting", "connected", "broken", "over", "replaced", "quality_full",
        "quality_low", "quality_sound",
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
            asking: try visitor.asking("getVisit"), booking: try BookingPages.id(parameter))
        return reply
    }

    static func say(_ visitor: Visitor, _ parameter: String) async throws -> PageReply {
        let token = try await token(visitor, parameter)
        let form = visitor.request.form
        let recipient = session(form.text("to"))
        guard let session = session(form.text("session")), let body = form.text("body"),
            body.unicodeScalars.count <= RoomSignal.longestBody,
            (form.text("to") == nil) == (recipient == nil)
        else { throw InvalidLink() }
        let isHeard = try await visitor.market.sendRoomSignal(
            token, session: session, to: recipient, body)
        return PageReply(status: isHeard ? 204 : 429)
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

    private static func session(_ text: String?) -> String? {
        guard let text, text.wholeMatch(of: /[A-Za-z0-9\-]{1,40}/) != nil else { return nil }
        return text
    }
}
