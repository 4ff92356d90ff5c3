import Testing
import Visits

@Suite struct RoomChoicesTests {
    private static let name = "0f8e2d1c4b5a69788796a5b4c3d2e1f0"
    private static let usual = "https://video.example/rooms/\(name)"

    private static func choice(
        _ provider: Room.Provider, _ place: Int64?
    ) -> RoomChoices.Choice {
        switch provider {
        case .builtIn: .init(provider: .builtIn, name: nil, address: nil, place: place)
        case .jitsi:
            .init(
                provider: .jitsi, name: "meet.example", address: "https://meet.example/a-{visit}",
                place: place)
        case .ownLink:
            .init(
                provider: .ownLink, name: "Video", address: "https://video.example/rooms/{visit}",
                place: place)
        }
    }

    /// Every set of what is hosted with every order of what is joined, against the same said in an
    /// obvious way.
    @Test func whatIsPossible() {
        let all = Room.Provider.allCases
        let sets = (0..<8).map { bits in all.indices.filter { bits & 1 << $0 != 0 }.map { all[$0] }
        }
        let orders: [[Room.Provider]] =
            [[]] + all.map { [$0] }
            + all.flatMap { one in all.filter { $0 != one }.map { [one, $0] } }
            + all.flatMap { one in
                all.filter { $0 != one }.map { two in
                    [one, two] + all.filter { $0 != one && $0 != two }
                }
            }
        #expect(orders.count == 16)
        for hosts in sets {
            for joins in orders {
                let choices = RoomChoices(
                    hosted: hosts.map { provider in
                        Self.choice(provider, joins.firstIndex(of: provider).map { Int64($0 + 1) })
                    })
                let wouldDo = joins.filter(hosts.contains)
                #expect(choices.possible.map(\.provider) == wouldDo)
                for provider in all {
                    var refusal: RoomRefusal?
                    do throws(RoomRefusal) {
                        _ = try choices.requirePossible(provider)
                    } catch {
                        refusal = error
                    }
                    let expected: RoomRefusal? =
                        !hosts.contains(provider)
                        ? .notHosted(wouldDo: wouldDo)
                        : !joins.contains(provider) ? .notJoined(wouldDo: wouldDo) : nil
                    #expect(refusal == expected)
                }
            }
        }
    }

    private static let choices = RoomChoices(
        hosted: [choice(.builtIn, 1), choice(.jitsi, 2), choice(.ownLink, 3)])

    @Test func theAddressIsTheSellers() throws {
        for side in Side.allCases {
            let settle = { (wanted: WantedRoom) in
                try Self.choices.settle(wanted, by: side, name: Self.name, earlier: [])
            }
            #expect(try settle(.builtIn) == .builtIn)
            #expect(
                try settle(WantedRoom(provider: .jitsi, link: nil))
                    == Room(provider: .jitsi, link: "https://meet.example/a-\(Self.name)"))
            let own = try Room(provider: .ownLink, link: Self.usual)
            #expect(try settle(WantedRoom(provider: .ownLink, link: nil)) == own)
            #expect(try settle(WantedRoom(provider: .ownLink, link: Self.usual)) == own)
        }
    }

    @Test func onlyTheSellerGivesAnotherAddress() throws {
        let other = try Room(provider: .ownLink, link: "https://video.example/another")
        let wanted = try WantedRoom(provider: .ownLink, link: other.link)
        func settled(_ side: Side, _ earlier: [Room]) throws(RoomRefusal) -> Room {
            try Self.choices.settle(wanted, by: side, name: Self.name, earlier: earlier)
        }
        #expect(try settled(.seller, []) == other)
        #expect(throws: RoomRefusal.linkNotOfSeller) { try settled(.buyer, []) }
        #expect(throws: RoomRefusal.linkNotOfSeller) {
            try settled(.buyer, [.builtIn, Room(provider: .ownLink, link: Self.usual)])
        }
        // what the seller has offered, the buyer may take up again
        #expect(try settled(.buyer, [other]) == other)
    }

    @Test func wantedRooms() {
        for link in ["http://video.example", "https://me@video.example", "javascript:alert(1)"] {
            #expect(throws: Room.LinkRefused.self) {
                try WantedRoom(provider: .ownLink, link: link)
            }
        }
        for provider in [Room.Provider.builtIn, .jitsi] {
            #expect(throws: Room.LinkRefused.self) {
                try WantedRoom(provider: provider, link: Self.usual)
            }
        }
    }
}
