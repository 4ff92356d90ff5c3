import Crypto
import Marketplace
import MoneyAndTime
import Postgres
import Storage
import StrictJSON
import TestMarket
import Testing
import Visits

/// Which systems a visit can be held in, and which it is.
@Suite struct RoomProviderTests {
    private static let own = "https://video.example/rooms/{visit}"

    @Test func settingsNeverShowTheSecret() async throws {
        try await RoomWorld.with { world in
            let asked = world.seller.admin.request("getRoomSettings")
            let before = try await world.market.roomSettings(asked).body
            #expect(before["revision"] == 0 && before["hosts_built_in"] == true)
            #expect(before["joins"] == ["built_in", "jitsi", "own_link"])
            try await world.sets(world.seller, jitsi: RoomWorld.jitsi(), ownLink: Self.own)
            let after = try await world.market.roomSettings(asked).body
            #expect(!after.compactText.contains(RoomWorld.secret))
            #expect(after["jitsi"]?["domain"] == "meet.example" && after["revision"] == 1)
            let kept = try await world.test.owner.read([
                "select encode(sealed_secret, 'escape') as text from jitsi_server"
            ]).only()["text", String.self]
            #expect(!kept.contains("secret"))
            // another server, or another application, has to have a secret of its own
            for jitsi in [
                RoomWorld.jitsi("evil.example", secret: nil),
                .init(domain: "meet.example", appID: "other", secret: nil, prefix: ""),
            ] {
                await #expect(throws: InvalidInput.self) {
                    try await world.sets(world.seller, jitsi: jitsi, over: 1)
                }
            }
            try await world.sets(
                world.seller, jitsi: RoomWorld.jitsi(secret: nil), ownLink: Self.own, over: 1)
            let stale = await refusal { try await world.sets(world.seller, over: 1) }
            #expect(stale == .revisionDiffers)
        }
    }

    @Test(arguments: [
        ("https://video.example", true), ("https://video.example/r/{visit}?a=1", true),
        ("https://video.example/#/{visit}", true), ("http://video.example/{visit}", false),
        ("https://{visit}.video.example/", false), ("https://video.example/{visit}/{visit}", false),
        ("https://me@video.example/", false), ("https://video.example/{patient}", false),
        ("https://video.example/ä", false), ("javascript:alert(1)", false), ("", false),
    ])
    func ownLinks(_ address: String, _ isOne: Bool) {
        #expect(NewRoomSettings.isOwnLink(address) == isOne)
    }

    @Test func theHandshakeSettlesIt() async throws {
        try await RoomWorld.with { world in
            try await world.sets(world.seller, jitsi: RoomWorld.jitsi(), ownLink: Self.own)
            try await world.sets(world.buyer, joins: [.ownLink, .builtIn])
            let booking = try await world.life.booked("2027-03-08")
            #expect(try await world.providers(booking) == ["own_link", "built_in"])
            let jitsi = try WantedRoom(provider: .jitsi, link: nil)
            let refused = try await world.refused {
                try await world.says(.buyer, booking, 1, .propose, in: jitsi)
            }
            #expect(refused?.code == .roomNotJoined)
            #expect(refused?.figures["would_do"] == ["own_link", "built_in"])
            // what the protocol says against a message comes first
            let stale = await refusal {
                try await world.says(.buyer, booking, 5, .propose, in: jitsi)
            }
            #expect(stale == .staleSequence)
            let forged = try WantedRoom(provider: .ownLink, link: "https://evil.example/1")
            #expect(
                await refusal {
                    try await world.says(.buyer, booking, 1, .propose, in: forged)
                } == .roomLinkNotOfSeller)
            let own = try WantedRoom(provider: .ownLink, link: nil)
            let proposed = try await world.says(.buyer, booking, 1, .propose, in: own)
            let link = try #require(proposed["offer"]?["room"]?["link"]?.text)
            #expect(link.wholeMatch(of: /https:\/\/video\.example\/rooms\/[0-9a-f]{32}/) != nil)
            // the seller stops to host it before it accepts
            try await world.sets(world.seller, over: 1)
            let gone = try await world.refused {
                try await world.says(.seller, booking, 2, .accept)
            }
            #expect(gone?.code == .roomNotHosted)
            #expect(gone?.figures["would_do"] == ["built_in"])
            try await world.says(.seller, booking, 2, .counter, in: .builtIn)
            let agreed = try await world.says(.buyer, booking, 3, .accept)
            #expect(agreed["agreement"]?["room"]?["provider"] == "built_in")
        }
    }

    @Test func aRepeatedOfferIsTheSameWhateverTheSettingsSay() async throws {
        try await RoomWorld.with { world in
            try await world.sets(world.seller, ownLink: Self.own)
            let booking = try await world.life.booked("2027-03-08")
            let own = try WantedRoom(provider: .ownLink, link: nil)
            let first = try await world.says(.buyer, booking, 1, .propose, in: own)
            try await world.sets(world.seller, ownLink: "https://other.example/", over: 1)
            #expect(try await world.says(.buyer, booking, 1, .propose, in: own) == first)
            #expect(try await world.handshake(booking)["messages"]?.elements?.count == 1)
        }
    }

    @Test func whatIsAgreedStays() async throws {
        try await RoomWorld.with { world in
            try await world.sets(world.seller, jitsi: RoomWorld.jitsi(), ownLink: Self.own)
            let own = try WantedRoom(provider: .ownLink, link: nil)
            let booking = try await world.agreed(own)
            let room = try await world.handshake(booking)["agreement"]?["room"]
            try await world.sets(world.seller, ownLink: "https://new.example/{visit}", over: 1)
            #expect(try await world.handshake(booking)["agreement"]?["room"] == room)
            #expect(try await Verification.run(on: world.test.reader) == [])
            // a link that no longer works is countered
            let countered = try await world.says(.buyer, booking, 3, .counter, in: own)
            let link = countered["offer"]?["room"]?["link"]?.text
            #expect(link?.hasPrefix("https://new.example/") == true)
            let agreed = try await world.says(.seller, booking, 4, .accept)
            #expect(agreed["agreement"]?["room"]?["link"]?.text == link)
            let another = try WantedRoom(provider: .ownLink, link: "https://teams.example/1")
            let own2 = try await world.says(.seller, booking, 5, .counter, in: another)
            #expect(own2["offer"]?["room"]?["link"] == "https://teams.example/1")
        }
    }

    @Test func inAdvanceItIsTheFirstThatIsPossible() async throws {
        try await RoomWorld.with(inAdvance: true) { world in
            let first = try await world.life.booked("2027-03-08")
            #expect(
                try await world.handshake(first)["agreement"]?["room"]
                    == ["provider": "built_in", "link": nil])
            try await world.sets(world.seller, builtIn: false, jitsi: RoomWorld.jitsi())
            let second = try await world.life.booked("2027-03-09")
            let room = try await world.handshake(second)["agreement"]?["room"]
            #expect(room?["provider"] == "jitsi")
            #expect(room?["link"]?.text?.hasPrefix("https://meet.example/a-") == true)
            #expect(try await Verification.run(on: world.test.reader) == [])
        }
    }

    /// Whether or not it is agreed in advance: nobody could propose a room for it, and the clock
    /// would cancel it. What was agreed in advance keeps its room when it moves.
    @Test(arguments: [true, false])
    func nothingIsBookedWithoutARoomForIt(inAdvance: Bool) async throws {
        try await RoomWorld.with(inAdvance: inAdvance) { world in
            let before = try await world.life.booked("2027-03-09")
            let held = try await world.life.booked("2027-03-11", hold: true)
            try await world.sets(world.seller, builtIn: false, jitsi: RoomWorld.jitsi())
            try await world.sets(world.buyer, joins: [.builtIn])
            let refused = await refusal { _ = try await world.life.booked("2027-03-10") }
            #expect(refused == .noCommonRoom)
            let confirmed = await refusal {
                _ = try await world.market.confirmBooking(
                    world.buyer.scheduler.request("confirmBooking"), held)
            }
            #expect(confirmed == .noCommonRoom)
            let starts = try Instant(rfc3339: "2027-03-10T09:00:00Z")
            let moved = await refusal {
                _ = try await world.market.moveBooking(
                    world.buyer.scheduler.request("moveBooking"), before, revision: 1,
                    to: .init(starts: starts, specialist: nil))
            }
            #expect(moved == (inAdvance ? nil : .noCommonRoom))
            // nothing of it is left, and what was booked stands as it was
            #expect(try await world.test.owner.read(["select from booking"]).count == 2)
            let stands = try await world.market.booking(
                world.buyer.scheduler.request("getBooking"), before)
            #expect(stands.body["state"] == "booked" && stands.revision == (inAdvance ? 2 : 1))
            let room = try await world.handshake(before)["agreement"]?["room"]?["provider"]
            #expect(room == (inAdvance ? "built_in" : nil))
            try await world.sets(world.buyer, over: 1)
            _ = try await world.life.booked("2027-03-10")
            #expect(try await Verification.run(on: world.test.reader) == [])
        }
    }

    @Test func othersLearnNothing() async throws {
        try await RoomWorld.with { world in
            try await world.sets(world.seller, ownLink: Self.own)
            let booking = try await world.life.booked("2027-03-08")
            let other = try await world.test.addOrganisation("Other")
            let found = await refusal {
                _ = try await world.market.roomProviders(
                    other.scheduler.request("listRoomProviders"), booking)
            }
            #expect(found == .notFound)
        }
    }

    // MARK: Jitsi

    @Test func eachPersonGetsATokenOfItsOwn() async throws {
        try await RoomWorld.with { world in
            try await world.sets(world.seller, jitsi: RoomWorld.jitsi())
            let booking = try await world.agreed(WantedRoom(provider: .jitsi, link: nil))
            let link = try #require(
                try await world.handshake(booking)["agreement"]?["room"]?["link"]?.text)
            try await world.clock("07:40:00")
            let seller = try await world.life.joinToken(.seller, of: booking)
            let buyer = try await world.life.joinToken(.buyer, of: booking)
            #expect(
                await refusal { _ = try await world.market.enterRoom(seller) }
                    == .joinNotYetOpen)
            // what the settings say later changes nothing of what is agreed
            try await world.sets(world.seller, over: 1)
            try await world.clock("07:50:00")
            var users: [String] = []
            for (token, isModerator) in [(seller, "true"), (buyer, "false")] {
                let entrance = try await world.market.enterRoom(token).body
                let address = try #require(entrance["address"]?.text)
                let claims = try Self.claims(of: address, at: link)
                #expect(claims["room"]?.text == link.split(separator: "/").last.map(String.init))
                #expect(claims["sub"] == "meet.example" && claims["iss"] == "aikatori")
                #expect(claims["nbf"] == JSON(try Self.seconds("07:45:00")))
                #expect(claims["exp"] == JSON(try Self.seconds("09:30:00")))
                let user = claims["context"]?["user"]
                #expect(user?["moderator"]?.text == isModerator)
                #expect(user?["name"]?.text?.hasPrefix("Person of the") == true)
                users.append(user?["id"]?.text ?? "")
            }
            #expect(users[0] != users[1] && users.allSatisfy { $0.count == 32 })
            // nothing of it is kept
            let tables = try await world.test.owner.read([
                """
                select count(*) as found from (
                    select answer as text from idempotency union all
                    select facts::text from audit_fact union all
                    select data::text from event union all
                    select room::text from handshake) x
                where x.text like '%jwt%' or x.text like '%eyJ%'
                """
            ]).only()["found", Int64.self]
            #expect(tables == 0)
            try await world.clock("09:30:00")
            #expect(
                await refusal { _ = try await world.market.enterRoom(seller) } == .joinClosed)
        }
    }

    private static func seconds(_ time: String) throws -> Int64 {
        try Instant(rfc3339: "2027-03-08T\(time)Z").secondsSince1970
    }

    /// Of an address whose token the server's own secret has signed.
    private static func claims(of address: String, at link: String) throws -> JSON {
        #expect(address.hasPrefix("\(link)?jwt="))
        let token = address.dropFirst("\(link)?jwt=".count)
        let parts = token.split(separator: ".")
        let signed = parts.dropLast().joined(separator: ".")
        let key = SymmetricKey(data: Array(RoomWorld.secret.utf8))
        #expect(
            HMAC<SHA256>.isValidAuthenticationCode(
                try #require(Base64URL.decode(parts[2])), authenticating: Array(signed.utf8),
                using: key))
        return try JSON.parse(#require(Base64URL.decode(parts[1])))
    }
}
