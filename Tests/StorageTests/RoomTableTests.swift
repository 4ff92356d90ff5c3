import MoneyAndTime
import Postgres
import Storage
import StrictJSON
import TestMarket
import Testing
import Visits

/// What the database itself holds of the rooms of other systems, against one who writes to the
/// tables directly.
@Suite struct RoomTableTests {
    private struct Trade {
        let life: LifeOfAVisit
        let booking: BookingID

        var test: TestMarket { life.test }
        var seller: TestOrganisation { life.contract.seller }
        var buyer: TestOrganisation { life.contract.buyer }

        /// A booked visit on 2027-03-08 from 08:00 UTC.
        init(_ test: TestMarket, inAdvance: Bool) async throws {
            life = try await LifeOfAVisit(
                under: test.signedContract(
                    seller: test.addOrganisation("Seller"), buyer: test.addOrganisation("Buyer"),
                    acceptedInAdvance: inAdvance))
            booking = try await life.made("2027-03-08")
        }

        func tries(_ query: Query, by caller: TestCaller) async -> String? {
            await refused { try await test.asked(by: caller, query) }
        }

        func set(hosts: Set<Room.Provider>, joins: [Room.Provider]) async throws {
            let jitsi = hosts.contains(.jitsi) ? "meet.example" : nil
            let own = hosts.contains(.ownLink) ? "https://video.example/{visit}" : nil
            try await test.withoutTriggers(
                "delete from room_settings", "delete from handshake_message",
                """
                insert into room_settings (organisation, hosts_built_in, jitsi_domain,
                    jitsi_prefix, own_link, own_link_name, joins)
                values (\(seller.id), \(hosts.contains(.builtIn)), \(jitsi),
                        \(jitsi.map { _ in "a-" }), \(own), \(own.map { _ in "Video" }), '{}'),
                    (\(buyer.id), true, null, null, null, null, \(joins.map(\.rawValue)))
                """)
        }

        func says(
            _ kind: String, _ sequence: Int, by caller: TestOrganisation, _ room: JSON
        ) -> Query {
            let message: JSON = [
                "offer": ["deadline": "2027-03-08T08:00:00Z", "room": room]
            ]
            return """
                insert into handshake_message
                    (booking, sequence, seller, buyer, sender, kind, message, recorded_at)
                select id, \(sequence), seller, buyer, \(caller.id), \(kind),
                    \(JSONText(message.compactText)), market_now()
                from booking where id = \(booking)
                """
        }

        func hosted() async throws -> RoomChoices {
            try await RoomChoices(
                hosted: test.asked(by: buyer.admin, RoomChoices.Choice.all(of: booking))
                    .map(RoomChoices.Choice.init(row:)))
        }
    }

    private static let orders: [[Room.Provider]] = [
        [], [.builtIn], [.jitsi], [.ownLink, .builtIn], [.jitsi, .ownLink],
        [.ownLink, .jitsi, .builtIn],
    ]

    /// For every set of what is hosted and some orders of what is joined, the trigger refuses what
    /// the rule refuses, and what is in force in advance is the rule's first.
    @Test func theDatabaseSaysWhatTheRuleSays() async throws {
        try await TestMarket.withMarket { test in
            let trade = try await Trade(test, inAdvance: false)
            let name = try await test.asked(
                by: trade.seller.admin, RoomChoices.Choice.name(of: trade.booking)
            ).only()["name", String.self]
            for bits in 0..<8 {
                let hosts = Set(
                    Room.Provider.allCases.enumerated().filter { bits & 1 << $0.offset != 0 }
                        .map(\.element))
                for joins in Self.orders {
                    try await trade.set(hosts: hosts, joins: joins)
                    let choices = try await trade.hosted()
                    #expect(choices.possible.map(\.provider) == joins.filter(hosts.contains))
                    for provider in Room.Provider.allCases {
                        var expected: String?
                        var room: JSON = ["provider": JSON(provider.rawValue), "link": nil]
                        do throws(RoomRefusal) {
                            room =
                                try choices.settle(
                                    WantedRoom.of(provider), by: .buyer, name: name, earlier: []
                                ).json
                        } catch {
                            expected = error.code
                        }
                        let said = await trade.tries(
                            trade.says("propose", 1, by: trade.buyer, room),
                            by: trade.buyer.scheduler)
                        #expect(said == expected, "\(hosts) \(joins) \(provider)")
                        try await test.withoutTriggers("delete from handshake_message")
                    }
                }
            }
        }
    }

    @Test func acceptingIsDecidedBySettingsOfTheMoment() async throws {
        try await TestMarket.withMarket { test in
            let trade = try await Trade(test, inAdvance: false)
            try await trade.set(hosts: [.builtIn, .ownLink], joins: [.ownLink])
            let own: JSON = ["provider": "own_link", "link": "https://teams.example/1"]
            // the buyer makes no address up; the seller may
            #expect(
                await trade.tries(
                    trade.says("propose", 1, by: trade.buyer, own), by: trade.buyer.scheduler)
                    == "room_link_not_of_seller")
            #expect(
                await trade.tries(
                    trade.says("propose", 1, by: trade.seller, own), by: trade.seller.scheduler)
                    == nil)
            let accept = trade.says("accept", 2, by: trade.buyer, nil)
            try await test.withoutTriggers(
                "update room_settings set own_link = null, own_link_name = null")
            #expect(await trade.tries(accept, by: trade.buyer.scheduler) == "room_not_hosted")
            try await test.withoutTriggers(
                """
                update room_settings set own_link = 'https://a.example', own_link_name = 'A',
                    joins = '{jitsi}'
                """)
            #expect(await trade.tries(accept, by: trade.buyer.scheduler) == "room_not_joined")
            try await test.withoutTriggers("update room_settings set joins = '{own_link}'")
            // what the seller offered, the buyer may offer again
            #expect(
                await trade.tries(
                    trade.says("counter", 2, by: trade.buyer, own), by: trade.buyer.scheduler)
                    == nil)
        }
    }

    @Test func othersLearnNothing() async throws {
        try await TestMarket.withMarket { test in
            let trade = try await Trade(test, inAdvance: true)
            try await trade.set(hosts: [.jitsi], joins: [.jitsi])
            _ = try await test.asked(
                by: trade.seller.admin, RoomChoices.Choice.name(of: trade.booking))
            let other = try await test.addOrganisation("Other")
            for question in [
                "select from rooms_between(\(trade.booking))", "select from room_settings",
                "select from room_name", "select from jitsi_server",
                "select from (select room_name_of(\(trade.booking)) as name) n where name <> ''",
            ] as [Query] {
                #expect(try await test.asked(by: other.admin, question).isEmpty)
            }
            // and of each other the names, and no settings
            let seen = try await test.asked(
                by: trade.buyer.admin, "select from room_settings where hosts_built_in is not null")
            #expect(seen.count == 1)
            for forbidden in ["hosted_by", "joined_by"] {
                let code = await trade.tries(
                    "select \(trusted: forbidden)(\(trade.seller.id))", by: trade.buyer.admin)
                #expect(code == "42501")
            }
        }
    }

    @Test func callLogsAreOfWhatCanHaveBeen() async throws {
        try await TestMarket.withMarket { test in
            let trade = try await Trade(test, inAdvance: true)
            try await test.clock.set(to: Instant(rfc3339: "2027-03-08T08:20:00Z"))
            func tries(
                _ from: String, _ to: String, as importer: String = "seller"
            ) async -> String? {
                await trade.tries(
                    """
                    insert into call_log_entry (booking, seller, buyer, importer, side, during,
                        credential, imported_at)
                    select id, seller, buyer, \(importer), 'buyer', tstzrange(
                            \("2027-03-08 \(from)Z")::text::timestamptz,
                            \("2027-03-08 \(to)Z")::text::timestamptz), uuid_v7(), market_now()
                    from booking where id = \(trade.booking)
                    """, by: trade.seller.scheduler)
            }
            #expect(await tries("07:30:00", "07:45:00") == "outside_join_window")
            #expect(await tries("09:45:00", "09:50:00") == "outside_join_window")
            #expect(await tries("07:30:00", "07:45:01") == nil)
            #expect(await tries("08:10:00", "08:50:00") == "time_in_the_future")
            #expect(await tries("08:00:00", "08:10:00", as: "buyer") == "not_your_side")
            #expect(await tries("08:00:00", "08:10:00") == nil)
            #expect(
                await trade.tries(
                    "update call_log_entry set side = 'seller'", by: trade.seller.admin)
                    == "42501")
            try await test.withoutTriggers("update handshake set state = 'none'")
            #expect(await tries("08:01:00", "08:10:00") == "visit_not_agreed")
            try await test.withoutTriggers("update booking set state = 'closed'")
            #expect(await tries("08:01:00", "08:10:00") == "minutes_agreed")
        }
    }
}

extension WantedRoom {
    fileprivate static func of(_ provider: Room.Provider) -> WantedRoom {
        (try? WantedRoom(provider: provider, link: nil)) ?? .builtIn
    }
}

extension RoomRefusal {
    fileprivate var code: String {
        switch self {
        case .notHosted: "room_not_hosted"
        case .notJoined: "room_not_joined"
        case .linkNotOfSeller: "room_link_not_of_seller"
        }
    }
}
