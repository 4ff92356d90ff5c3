import Marketplace
import MoneyAndTime
import Storage
import StrictJSON
import Visits

/// A visit in another system than the built-in room: the page notes that one is there, and leads
/// there by a plain link in a new tab. What opens the room is made when the link is followed.
enum OtherRoom {
    /// What the page of a visit shows; nil in the built-in room.
    static func fields(
        _ visitor: Visitor, _ id: BookingID, _ handshake: JSON
    ) -> [String: Any]? {
        guard let room = handshake["agreement"]?["room"], let link = room["link"]?.text else {
            return nil
        }
        let kind = visitor.say("room_\(room["provider"]?.text ?? "")")
        return [
            "where": visitor.say("room_at", kind, host(link)),
            "entrance": "/visits/\(id)/enter",
            "text": visitor.say("other_room_text"), "stay": visitor.say("other_room_stay"),
        ]
    }

    /// What a guest sees who was let in: nothing of whose system it is.
    static func fields(_ visit: GuestVisit) -> [String: Any] {
        let visitor = visit.visitor
        return [
            "where": visitor.say("room_title"), "entrance": "\(visit.address)/enter",
            "text": visitor.say("other_room_guest"),
            "stay": visitor.say("other_room_guest_stay"),
        ]
    }

    /// What of an address a person recognises.
    static func host(_ link: String) -> String {
        String(link.dropFirst("https://".count).prefix { !"/?#".contains($0) })
    }

    /// Leads who is in the visit to its room.
    static func enter(_ visitor: Visitor, _ parameter: String) async throws -> PageReply {
        let id = try BookingPages.id(parameter)
        _ = try await visitor.market.visit(visitor.asking("issueJoinToken"), id)
        guard let token = visitor.joinToken(of: id),
            let address = try await visitor.market.enterRoom(token).body["address"]?.text
        else { return .see("/visits/\(id)") }
        return .see(address)
    }

    static func enterAsGuest(_ visitor: Visitor, _ parameter: String) async throws -> PageReply {
        let visit = try await GuestVisit(visitor, parameter)
        guard visit.state == .in, let session = visit.session,
            let address = try await visitor.market.roomAddress(
                ofGuest: session,
                name: visit.visitor.say("guest_kind_\(visit.link.kind.rawValue)"))
        else { return .see(visit.address) }
        return .see(address)
    }
}
