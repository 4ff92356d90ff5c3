import MoneyAndTime
import Postgres
import Storage
import TestMarket
import Testing

/// What the database itself holds of guests, against one who writes to the tables directly.
@Suite struct GuestTableTests {
    /// A visit on 2027-03-08 from 08:00 to 08:30 UTC, agreed in advance, at 07:50, with a link of
    /// the buyer's.
    private struct Trade {
        let life: LifeOfAVisit
        let booking: BookingID
        let link: GuestLinkID = newID()

        var test: TestMarket { life.test }
        var seller: TestCaller { life.contract.seller.specialist }
        var buyer: TestCaller { life.contract.buyer.specialist }

        init(_ test: TestMarket) async throws {
            life = try await LifeOfAVisit(
                under: test.signedContract(
                    seller: test.addOrganisation("Seller"), buyer: test.addOrganisation("Buyer")))
            booking = try await life.made("2027-03-08")
            try await test.clock.set(to: Instant(rfc3339: "2027-03-08T07:50:00Z"))
            try await test.asked(by: buyer, makes(link, "link"))
        }

        func tries(_ query: Query, by caller: TestCaller) async -> String? {
            await refused { try await test.asked(by: caller, query) }
        }

        static func digest(_ name: String) -> Query { "sha256(\(Array(name.utf8)))" }

        func makes(_ id: GuestLinkID, _ name: String, side: String = "buyer") -> Query {
            """
            insert into guest_link (id, digest, booking, seller, buyer, side, kind, language,
                credential)
            select \(id), \(Self.digest(name)), id, seller, buyer, \(side), 'patient', 'fi',
                uuid_v7()
            from booking where id = \(booking)
            """
        }

        /// A browser with this secret comes by the link.
        func comes(_ name: String) async throws -> GuestID {
            let id: GuestID = newID()
            let (link, secret) = (Self.digest("link"), Self.digest(name))
            return try await test.app.write(["select guest_comes(\(link), \(id), \(secret)) as g"])
                .only().decode("g")
        }

        func token(_ name: String, of guest: GuestID) -> Query {
            """
            insert into join_token (digest, booking, seller, buyer, side, participant, label,
                opens, closes, credential, guest)
            select \(Self.digest(name)), id, seller, buyer, 'guest', 'guest-1', 'patient',
                '2027-03-08 07:45Z', '2027-03-08 09:30Z', uuid_v7(), \(guest)
            from booking where id = \(booking)
            """
        }

        func admission(
            of guest: GuestID, by organisation: TestOrganisation, _ how: String = "not_identified"
        ) -> Query {
            """
            insert into guest_admission (guest, booking, seller, buyer, identification,
                organisation, by_name, credential)
            select \(guest), id, seller, buyer, \(how), \(organisation.id), 'Nurse', uuid_v7()
            from booking where id = \(booking)
            """
        }
    }

    @Test func linksAreOnesOwnSidesAndTwenty() async throws {
        try await TestMarket.withMarket { test in
            let trade = try await Trade(test)
            let theirs = await trade.tries(
                trade.makes(newID(), "a", side: "seller"), by: trade.buyer)
            #expect(theirs == "not_your_side")
            let revoke: Query = "update guest_link set revoked_at = market_now()"
            #expect(await trade.tries(revoke, by: trade.seller) == "not_your_side")
            for number in 2...20 {
                let made = await trade.tries(trade.makes(newID(), "\(number)"), by: trade.buyer)
                #expect(made == nil)
            }
            let more = await trade.tries(trade.makes(newID(), "21"), by: trade.buyer)
            #expect(more == "too_many_guest_links")
            let change: Query = "update guest_link set language = 'sv'"
            #expect(await trade.tries(change, by: trade.buyer) == "42501")
        }
    }

    @Test("nobody is in the room who was not let in, and only once for each guest")
    func tokensOfGuests() async throws {
        try await TestMarket.withMarket { test in
            let trade = try await Trade(test)
            let (seller, buyer) = (trade.life.contract.seller, trade.life.contract.buyer)
            let guest = try await trade.comes("secret")
            #expect(try await trade.comes("secret") == guest, "the same browser twice")
            let attempts: [(Query, String?)] = [
                (trade.token("secret", of: guest), "guest_not_waiting"),
                (trade.admission(of: guest, by: seller), "not_your_side"),
                (trade.admission(of: guest, by: buyer, "by_sight"), "23514"),
                (trade.admission(of: guest, by: buyer), nil),
                (trade.admission(of: guest, by: buyer), "23505"),
                (trade.token("another", of: guest), "guest_not_waiting"),
                (trade.token("secret", of: guest), nil),
                ("update guest_admission set by_name = 'Nobody'", "42501"),
                ("update guest set seen_at = market_now()", "42501"),
                ("delete from guest", "42501"),
                ("update guest set ended_at = market_now(), ending = 'left'", nil),
                ("update guest set ended_at = null, ending = null", "append_only"),
            ]
            for (attempt, expected) in attempts {
                #expect(await trade.tries(attempt, by: trade.buyer) == expected, "\(attempt)")
            }
            // the end of a stay is the end of its token
            let left: Int64 = try await test.superuser.read([
                "select count(*) from join_token where revoked_at is null"
            ]).only().decode(0)
            #expect(left == 0)
            let later = try await trade.comes("later")
            #expect(later != guest)
            let owner = await refused {
                try await test.owner.write(["update guest_admission set by_name = 'Nobody'"])
            }
            #expect(owner == "append_only")
        }
    }

    @Test("a guest's secret records no attendance, and moving the visit ends the stay")
    func guestsAreOfNeitherSide() async throws {
        try await TestMarket.withMarket { test in
            let trade = try await Trade(test)
            let guest = try await trade.comes("secret")
            for query in [
                trade.admission(of: guest, by: trade.life.contract.buyer),
                trade.token("secret", of: guest),
            ] {
                try await test.asked(by: trade.buyer, query)
            }
            let (secret, observation) = (Trade.digest("secret"), newID(ObservationTag.self))
            let observed = await refused {
                try await test.app.write([
                    "select observe(\(secret), \(observation), 'join')"
                ])
            }
            #expect(observed == "join_token_unknown")
            let side = await refused {
                try await test.owner.write([
                    """
                    insert into observation (id, booking, seller, buyer, side, participant, kind,
                        at)
                    select \(observation), id, seller, buyer, 'guest', 'g', 'join', market_now()
                    from booking where id = \(trade.booking)
                    """
                ])
            }
            #expect(side == "23514")
            try await test.asked(by: trade.buyer, JoinTokenDigest.revokeAll(of: trade.booking))
            let ending: String? = try await test.superuser.read([
                "select ending from guest where id = \(guest)"
            ]).only().decode("ending")
            #expect(ending == "moved")
        }
    }
}
