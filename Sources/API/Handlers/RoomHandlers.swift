import Marketplace
import MoneyAndTime
import Storage
import StrictJSON
import Visits

/// The video systems that an organisation can host and join, and the way into a room of another
/// system.
enum RoomHandlers {
    static func getSettings(_ call: Call) async throws -> Reply {
        try await .json(call.market.roomSettings(call.request))
    }

    static func updateSettings(_ call: Call) async throws -> Reply {
        let settings = try call.object { fields in
            let joins = try fields.array("joins", max: Room.Provider.allCases.count) {
                try $0.enumeration(as: Room.Provider.self)
            }
            guard Set(joins).count == joins.count else {
                throw fields.problem("joins", .pattern, "must name each once")
            }
            return try NewRoomSettings(
                hostsBuiltIn: fields.bool("hosts_built_in"),
                jitsi: fields.optionalNested("jitsi", jitsi),
                ownLink: fields.optionalNested("own_link", ownLink), joins: joins)
        }
        return try await .json(
            call.market.updateRoomSettings(call.request, revision: call.ifMatch, settings))
    }

    static func listProviders(_ call: Call) async throws -> Reply {
        try await .json(call.market.roomProviders(call.request, call.id("booking")))
    }

    static func enter(_ call: Call) async throws -> Reply {
        try await .json(call.market.enterRoom(call.joinToken))
    }

    private static func jitsi(_ fields: inout JSONFields) throws -> NewRoomSettings.Jitsi {
        let domain = try fields.string("domain", min: 1, max: 253)
        guard NewRoomSettings.Jitsi.isDomain(domain) else {
            throw fields.problem("domain", .pattern, "must be a host such as meet.example")
        }
        let appID = try fields.string("app_id", min: 1, max: 200)
        guard NewRoomSettings.Jitsi.isAppID(appID) else {
            throw fields.problem("app_id", .pattern, "must be visible ASCII characters")
        }
        let secret = try fields.optionalString(
            "secret", min: JitsiToken.shortestSecret, max: 1_000)
        guard secret.map(NewRoomSettings.Jitsi.isSecret) ?? true else {
            throw fields.problem("secret", .pattern, "must be visible ASCII characters")
        }
        let prefix = try fields.optionalString("room_prefix", min: 1, max: 40) ?? ""
        guard NewRoomSettings.Jitsi.isPrefix(prefix) else {
            throw fields.problem("room_prefix", .pattern, "must be of a-z 0-9 - only")
        }
        return NewRoomSettings.Jitsi(
            domain: domain, appID: appID, secret: secret, prefix: prefix)
    }

    private static func ownLink(
        _ fields: inout JSONFields
    ) throws -> StoredRoomSettings.OwnLink {
        let address = try fields.string("address", min: 1, max: 400)
        guard NewRoomSettings.isOwnLink(address) else {
            throw fields.problem(
                "address", .pattern,
                "must be an https address, with {visit} at most once and behind the host")
        }
        return try .init(name: fields.words("name", max: 80), address: address)
    }
}
