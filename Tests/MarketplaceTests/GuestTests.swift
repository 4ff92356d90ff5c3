import Marketplace
import MoneyAndTime
import Organisations
import Postgres
import SignIn
import Storage
import StrictJSON
import TestMarket
import Testing
import Visits

/// Guests of a visit: how they come, who lets them in, and what they may not before.
@Suite struct GuestTests {
    /// A visit on 2027-03-08 from 08:00 to 08:30 UTC, that both sides may be in from 07:45 on.
    private struct Door {
        let life: LifeOfAVisit
        let booking: BookingID
        /// On the same day at 10:45 (UTC+2).
        let other: BookingID

        var test: TestMarket { life.test }
        var market: Market { life.test.market }

        init(_ test: TestMarket, at time: String = "07:50") async throws {
            life = try await LifeOfAVisit(
                under: test.signedContract(
                    seller: test.addOrganisation("Seller"), buyer: test.addOrganisation("Buyer")))
            booking = try await life.booked("2027-03-08")
            other = try await life.booked("2027-03-08", at: "10:45")
            try await clock(time)
        }

        func clock(_ time: String) async throws {
            try await test.clock.set(to: Instant(rfc3339: "2027-03-08T\(time):00Z"))
        }

        func caller(_ side: Visits.Side) -> TestCaller {
            side == .seller
                ? life.contract.seller.specialist : life.contract.buyer.specialist
        }

        func link(
            of side: Visits.Side = .buyer, for kind: GuestKind = .patient,
            to booking: BookingID? = nil
        ) async throws -> (id: GuestLinkID, secret: OneTimeSecret) {
            let made = try await market.issueGuestLink(
                caller(side).request("issueGuestLink"), booking ?? self.booking, for: kind,
                language: "fi"
            ).body
            return try (
                GuestLinkID(typeID: made["id"]?.text ?? ""),
                #require(OneTimeSecret(presented: made["token"]?.text ?? ""))
            )
        }

        /// A browser that comes by a link.
        func guest(by link: OneTimeSecret) async throws -> OneTimeSecret {
            var random = SystemRandomNumberGenerator()
            let secret = OneTimeSecret(using: &random)
            try await market.guestComes(by: link, as: secret)
            return secret
        }

        func state(_ guest: OneTimeSecret) async throws -> GuestState? {
            try await market.guestsAtDoor([guest.digest]).first?.state
        }

        func id(_ guest: OneTimeSecret) async throws -> GuestID {
            try #require(try await market.guestsAtDoor([guest.digest]).first).id
        }

        func letIn(
            _ guest: OneTimeSecret, by side: Visits.Side = .seller,
            _ identification: Identification = .identityDocument
        ) async throws {
            _ = try await market.letGuestIn(
                caller(side).request("letGuestIn"), id(guest), identified: identification)
        }

        func putOut(_ guest: OneTimeSecret) async throws {
            _ = try await market.putGuestOut(
                caller(.buyer).request("putGuestOut"), id(guest))
        }

        func say(_ body: String, by guest: OneTimeSecret, as page: String) async throws {
            _ = try await market.sendRoomSignal(
                market.roomToken(ofGuest: guest), session: page, to: nil, body)
        }

        /// What each of these hears that has heard nothing yet.
        func heard(_ tokens: [JoinTokenDigest]) async throws -> [String] {
            var heard = tokens.map { _ in "" }
            for each in try await market.roomSignals(after: tokens.map { ($0, 0) }) {
                switch each.heard {
                case .ended(let ending): heard[each.listener] += ending.rawValue
                case .signal(let signal): heard[each.listener] += "\(signal.body);"
                }
            }
            return heard
        }

        func visit() async throws -> JSON {
            try await market.visit(caller(.seller).request("getVisit"), booking).body
        }
    }

    private func refusal(_ body: () async throws -> Void) async -> RefusalCode? {
        do {
            try await body()
            return nil
        } catch {
            return (error as? Refusal)?.code
        }
    }

    @Test func aGuestWaitsIsLetInAndLeaves() async throws {
        try await TestMarket.withMarket { test in
            let door = try await Door(test)
            let link = try await door.link()
            let seen = try #require(try await door.market.guestLink(link.secret))
            #expect(seen.standing == .open && seen.kind == .patient && seen.language == "fi")
            #expect(seen.host == "Buyer")
            let guest = try await door.guest(by: link.secret)
            #expect(try await door.state(guest) == .waiting)
            try await door.letIn(guest, by: .buyer, .knownInPerson)
            #expect(try await door.state(guest) == .in)
            let shown = try await door.visit()["guests"]?[0]
            #expect(shown?["state"]?.text == "in" && shown?["kind"]?.text == "patient")
            #expect(shown?["let_in"]?["identification"]?.text == "known_in_person")
            #expect(shown?["let_in"]?["side"]?.text == "buyer")
            #expect(shown?["let_in"]?["by"]?.text == "Test member")
            // twice is once
            let again = await refusal { try await door.letIn(guest) }
            #expect(again == .guestNotWaiting)
            let people = try await door.market.people(with: guest)
            #expect(people.map(\.identification) == [.knownInPerson])
            try await door.market.guestLeaves(guest)
            #expect(try await door.state(guest) == .left)
            #expect(await refusal { try await door.say("x", by: guest, as: "g") } != nil)
            let after = await refusal { try await door.letIn(guest) }
            #expect(after == .guestNotWaiting)
        }
    }

    @Test("only who was let in says and hears something, and of its own visit")
    func signals() async throws {
        try await TestMarket.withMarket { test in
            let door = try await Door(test)
            let seller = try await door.life.joinToken(.seller, of: door.booking)
            let market = door.market
            let guest = try await door.guest(by: door.link().secret)
            let token = market.roomToken(ofGuest: guest)
            _ = try await market.sendRoomSignal(seller, session: "s", to: nil, "before")
            // who waits
            #expect(
                await refusal { try await door.say("x", by: guest, as: "g") } == .joinTokenUnknown)
            #expect(await refusal { _ = try await market.roomPlace(token) } == .joinTokenUnknown)
            #expect(await refusal { _ = try await market.people(with: guest) } == .joinTokenUnknown)
            #expect(try await door.heard([token]) == ["over"])
            try await door.letIn(guest)
            _ = try await market.sendRoomSignal(seller, session: "s", to: nil, "hello")
            _ = try await market.sendRoomSignal(seller, session: "s", to: "other", "secret")
            try await door.say("here", by: guest, as: "g")
            // nothing from before it came in, and nothing that was said to another's page
            #expect(try await door.heard([token]) == ["hello;here;"])
            // nor may it take another's page for its own
            let taken = await refusal { try await door.say("x", by: guest, as: "s") }
            #expect(taken == .roomPageTaken)
            let own = try await door.heard([market.roomToken(seller)])
            #expect(own == ["before;hello;here;"])
            // who was put out
            try await door.putOut(guest)
            #expect(try await door.heard([token]) == ["replaced"])
            #expect(
                await refusal { try await door.say("x", by: guest, as: "g") } == .joinTokenRevoked)
            // a guest of another visit is not in this one
            try await door.clock("08:35")
            let elsewhere = try await door.guest(by: door.link(to: door.other).secret)
            _ = try await market.letGuestIn(
                door.caller(.seller).request("letGuestIn"), door.id(elsewhere),
                identified: .notIdentified)
            #expect(try await door.heard([market.roomToken(ofGuest: elsewhere)]) == [""])
        }
    }

    @Test func whoWasPutOutWaitsAgainAndIsLetInAgain() async throws {
        try await TestMarket.withMarket { test in
            let door = try await Door(test)
            let link = try await door.link().secret
            let guest = try await door.guest(by: link)
            try await door.letIn(guest)
            try await door.putOut(guest)
            #expect(try await door.state(guest) == .putOut)
            // its old secret makes nobody of it
            let replay = await refusal {
                try await door.market.guestComes(by: link, as: guest)
            }
            #expect(replay == nil || replay == .guestNotWaiting)
            #expect(try await door.state(guest) == .putOut)
            let again = try await door.guest(by: link)
            #expect(try await door.state(again) == .waiting)
            let early = await refusal { try await door.say("x", by: again, as: "g") }
            #expect(early == .joinTokenUnknown)
            try await door.letIn(again)
            #expect(try await door.state(again) == .in)
        }
    }

    @Test func aLinkInTwoPlacesLetsOneIn() async throws {
        try await TestMarket.withMarket { test in
            let door = try await Door(test)
            let link = try await door.link().secret
            let first = try await door.guest(by: link)
            try await door.letIn(first)
            let second = try await door.guest(by: link)
            let known = try await door.market.guestsAtDoor([second.digest, first.digest])
            #expect(known.map(\.others) == [1, 1])
            // the one in the room stays until somebody lets the other in
            #expect(try await door.state(first) == .in)
            try await door.letIn(second)
            #expect(try await door.state(first) == .replaced)
            #expect(try await door.state(second) == .in)
            for _ in 0..<3 { _ = try await door.guest(by: link) }
            let full = await refusal { _ = try await door.guest(by: link) }
            #expect(full == .guestLinkInUse)
        }
    }

    @Test func aLinkOpensAndClosesWithItsVisitAndIsRevoked() async throws {
        try await TestMarket.withMarket { test in
            let door = try await Door(test, at: "07:40")
            let (id, link) = try await door.link(of: .seller)
            func standing() async throws -> GuestLinkStanding? {
                try await door.market.guestLink(link)?.standing
            }
            #expect(try await standing() == .early)
            #expect(await refusal { _ = try await door.guest(by: link) } == .guestLinkNotOpen)
            try await door.clock("07:45")
            let guest = try await door.guest(by: link)
            try await door.letIn(guest)
            // the other side does not revoke it
            let theirs = await refusal {
                _ = try await door.market.revokeGuestLink(
                    door.caller(.buyer).request("revokeGuestLink"), id)
            }
            #expect(theirs == .notYourSide)
            #expect(try await door.state(guest) == .in)
            _ = try await door.market.revokeGuestLink(
                door.caller(.seller).request("revokeGuestLink"), id)
            #expect(try await standing() == .revoked)
            #expect(try await door.state(guest) == .putOut)
            #expect(
                await refusal { try await door.say("x", by: guest, as: "g") } == .joinTokenRevoked)
            #expect(await refusal { _ = try await door.guest(by: link) } == .guestLinkNotOpen)
            // and one that nobody revoked ends with the visit
            let other = try await door.link().secret
            let late = try await door.guest(by: other)
            try await door.letIn(late)
            try await door.clock("09:30")
            #expect(try await door.state(late) == .over)
            #expect(await refusal { try await door.say("x", by: late, as: "g") } == .joinClosed)
            #expect(await refusal { _ = try await door.link() } == .joinClosed)
            var random = SystemRandomNumberGenerator()
            #expect(try await door.market.guestLink(OneTimeSecret(using: &random)) == nil)
        }
    }

    @Test func aCancelledVisitLetsNobodyIn() async throws {
        try await TestMarket.withMarket { test in
            let door = try await Door(test, at: "07:50")
            let link = try await door.link().secret
            let guest = try await door.guest(by: link)
            let scheduler = door.life.contract.seller.scheduler
            _ = try await door.market.sendHandshakeMessage(
                scheduler.request("sendHandshakeMessage"), door.booking,
                .init(kind: .withdraw, sequence: 1, cause: "Ill.", offer: nil, checks: nil))
            #expect(try await door.market.guestLink(link)?.standing == .cancelled)
            #expect(try await door.state(guest) == .cancelled)
            #expect(await refusal { try await door.letIn(guest) } == .guestNotWaiting)
        }
    }

    @Test("a guest makes no minutes, whoever is there with it")
    func noMinutes() async throws {
        try await TestMarket.withMarket { test in
            let door = try await Door(test, at: "08:00")
            let guest = try await door.guest(by: door.link().secret)
            try await door.letIn(guest)
            let seller = try await door.life.joinToken(.seller, of: door.booking)
            let start = try Instant(rfc3339: "2027-03-08T08:00:00Z")
            for minute in 1...5 {
                try await door.life.observe(
                    seller, minute == 1 ? .join : .heartbeat,
                    at: start.adding(seconds: Int64(minute) * 60))
                #expect(try await door.state(guest) == .in)
            }
            #expect(try await door.life.measured(door.booking) == 0)
            let present = try await door.visit()["present"]
            #expect(present?["buyer"]?.elements == [])
            // its secret is nothing to the interface by which sides report
            let asSide = await refusal {
                _ = try await door.market.recordAttendance(
                    guest.text, door.market.anObservation(), kind: .join)
            }
            #expect(asSide == .joinTokenUnknown)
            var random = SystemRandomNumberGenerator()
            let observation = ObservationID(at: start, using: &random)
            await #expect(throws: (any Error).self) {
                _ = try await test.app.write([
                    StoredObservation.observe(
                        door.market.roomToken(ofGuest: guest), observation, kind: "join",
                        source: .program)
                ])
            }
        }
    }

    @Test func othersSeeNothingOfIt() async throws {
        try await TestMarket.withMarket { test in
            let door = try await Door(test)
            let outsider = try await test.addOrganisation("Outsider")
            let link = try await door.link()
            let guest = try await door.guest(by: link.secret)
            let id = try await door.id(guest)
            let attempts: [() async throws -> Void] = [
                {
                    _ = try await door.market.letGuestIn(
                        outsider.specialist.request("letGuestIn"), id, identified: .notIdentified)
                },
                {
                    _ = try await door.market.putGuestOut(
                        outsider.specialist.request("putGuestOut"), id)
                },
                {
                    _ = try await door.market.revokeGuestLink(
                        outsider.specialist.request("revokeGuestLink"), link.id)
                },
                {
                    _ = try await door.market.issueGuestLink(
                        outsider.specialist.request("issueGuestLink"), door.booking,
                        for: .patient, language: "fi")
                },
            ]
            for attempt in attempts { #expect(await refusal(attempt) == .notFound) }
            let people = try await door.market.peopleInRoom(
                outsider.specialist.request("getVisit"), door.booking)
            #expect(people.isEmpty)
            #expect(try await door.state(guest) == .waiting)
        }
    }
}

extension Market {
    fileprivate func anObservation() -> ObservationID {
        var random = SystemRandomNumberGenerator()
        return ObservationID(at: Instant(microseconds: 1_800_000_000_000_000), using: &random)
    }
}
