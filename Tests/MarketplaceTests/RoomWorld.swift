import Marketplace
import MoneyAndTime
import Storage
import StrictJSON
import TestMarket
import Visits

/// Two who trade, and what each says of the video systems that it hosts and joins.
struct RoomWorld {
    static let secret = "an-example-of-a-secret-of-40-characters!"
    /// 10:00 in Helsinki.
    static let starts = "2027-03-08T08:00:00Z"

    let life: LifeOfAVisit

    var test: TestMarket { life.test }
    var market: Market { life.test.market }
    var seller: TestOrganisation { life.contract.seller }
    var buyer: TestOrganisation { life.contract.buyer }

    static func with(
        inAdvance: Bool = false, _ body: (RoomWorld) async throws -> Void
    ) async throws {
        try await TestMarket.withMarket { test in
            let contract = try await test.signedContract(
                seller: test.addOrganisation("Seller"), buyer: test.addOrganisation("Buyer"),
                acceptedInAdvance: inAdvance)
            try await body(RoomWorld(life: LifeOfAVisit(under: contract)))
        }
    }

    @discardableResult
    func sets(
        _ organisation: TestOrganisation, builtIn: Bool = true,
        jitsi: NewRoomSettings.Jitsi? = nil, ownLink: String? = nil,
        joins: [Room.Provider] = Room.Provider.allCases, over revision: Int64 = 0
    ) async throws -> JSON {
        try await market.updateRoomSettings(
            organisation.admin.request("updateRoomSettings"), revision: revision,
            NewRoomSettings(
                hostsBuiltIn: builtIn, jitsi: jitsi,
                ownLink: ownLink.map { .init(name: "Hospital Video", address: $0) },
                joins: joins)
        ).body
    }

    static func jitsi(
        _ domain: String = "meet.example", secret: String? = secret
    ) -> NewRoomSettings.Jitsi {
        .init(domain: domain, appID: "aikatori", secret: secret, prefix: "a-")
    }

    @discardableResult
    func says(
        _ side: Visits.Side, _ booking: BookingID, _ sequence: Int64,
        _ kind: HandshakeMessage.Kind, in room: WantedRoom? = nil
    ) async throws -> JSON {
        let organisation = side == .seller ? seller : buyer
        let starts = try Instant(rfc3339: Self.starts)
        return try await market.sendHandshakeMessage(
            organisation.scheduler.request("sendHandshakeMessage"), booking,
            .init(
                kind: kind, sequence: sequence, cause: nil,
                offer: room.map {
                    .init(starts: starts, room: $0, needs: [], deadline: starts)
                }, checks: nil)
        ).body
    }

    func agreed(_ room: WantedRoom) async throws -> BookingID {
        let booking = try await life.booked("2027-03-08")
        try await says(.buyer, booking, 1, .propose, in: room)
        try await says(.seller, booking, 2, .accept)
        return booking
    }

    func handshake(_ booking: BookingID) async throws -> JSON {
        try await market.handshake(seller.scheduler.request("getHandshake"), booking).body
    }

    func providers(_ booking: BookingID) async throws -> [String] {
        try await market.roomProviders(
            buyer.scheduler.request("listRoomProviders"), booking
        ).body["items"]?.elements?.compactMap { $0["provider"]?.text } ?? []
    }

    func clock(_ time: String) async throws {
        try await test.clock.set(to: Instant(rfc3339: "2027-03-08T\(time)Z"))
    }

    /// The refusal with its figures.
    func refused(_ body: () async throws -> Void) async throws -> Refusal? {
        do {
            try await body()
            return nil
        } catch let refusal as Refusal {
            return refusal
        }
    }
}
