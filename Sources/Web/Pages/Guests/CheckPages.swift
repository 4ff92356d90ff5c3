import Marketplace
import MoneyAndTime
import Organisations
import Storage
import StrictJSON
import Visits

/// The check before a call: camera, microphone, sound and the line, each with plain advice. Without
/// script it says what is needed.
enum CheckPages {
    /// For a member; who has passed it can say that the side is ready.
    static func show(_ visitor: Visitor, _ parameter: String) async throws -> PageReply {
        let id = try BookingPages.id(parameter)
        try visitor.require([.scheduler, .specialist])
        guard let agreed = try await visitor.market.visits(visitor.asking("getVisit"), [id])[id]
        else { throw Refusal(.notFound) }
        var fields = check(visitor, for: try visitor.signedIn.member.description)
        fields["back"] = ["address": "/visits/\(id)", "text": visitor.say("back_to_visits")]
        let state = agreed.handshake["state"]?.text
        let ends = try Instant(rfc3339: agreed.visit["planned"]?["ends"]?.text ?? "")
        if state == "agreed" || state == "ready", try visitor.signedIn.now < ends {
            let next = (agreed.handshake["sequence"]?.integer ?? 0) + 1
            fields["ready"] = [
                "address": "/bookings/\(id)/handshake", "sequence": "\(next)",
                "record": HandshakeForms.checks(visitor, FieldErrors()),
            ]
        }
        return try visitor.page("check", title: visitor.say("check_title"), fields)
    }

    /// For a guest, before it comes to the door or while it waits.
    static func showToGuest(_ visitor: Visitor, _ parameter: String) async throws -> PageReply {
        let visit = try await GuestVisit(visitor, parameter)
        // a relay is for visits that are to come
        guard [.open, .early].contains(visit.link.standing) else { return .see(visit.address) }
        var fields = check(visit.visitor, for: visit.link.id.description)
        fields["back"] = [
            "address": visit.address, "text": visit.visitor.say("guest_back"),
        ]
        return try visit.page("check", title: "check_title", fields)
    }

    private static func check(_ visitor: Visitor, for person: String) -> [String: Any] {
        let relay = visitor.market.surroundings.relay
        var fields: [String: Any] = [
            "script": ["address": "/static/check.js"],
            "servers": RoomPages.servers(visitor, for: person),
            "words": JSON.object(
                JSONObject(words.map { ($0, JSON(visitor.say("check_says_\($0)"))) })
            ).compactText,
            "parts": ["camera", "microphone", "line"].map { part($0, visitor) },
        ]
        if relay != nil { fields["relay"] = part("relay", visitor) }
        return fields
    }

    private static func part(_ name: String, _ visitor: Visitor) -> [String: Any] {
        [
            "part": name, "title": visitor.say("check_part_\(name)"),
            "needed": visitor.say("check_needs_\(name)"),
        ]
    }

    /// What the script says of each part.
    private static let words = [
        "running", "no_browser", "insecure", "denied", "missing", "busy", "other",
        "camera_good", "microphone_good", "microphone_silent", "line_good", "line_slow",
        "line_none", "relay_good", "relay_none", "passed", "not_passed",
    ]
}
