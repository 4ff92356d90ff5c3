import Contracts
import Marketplace
import MoneyAndTime
import Organisations
import Postgres
import Scheduling
import Storage
import StrictJSON
import TestMarket
import Testing

/// Waiting for time that is sold: what comes free is held for one after another.
@Suite struct WaitingListTests {
    /// Two buyers of one specialist, whose Monday from ten to a quarter to eleven is all there is.
    struct Queue {
        let test: TestMarket
        let lives: [LifeOfAVisit]
        /// What stands in the way.
        let taken: BookingID

        init(_ test: TestMarket) async throws {
            self.test = test
            let seller = try await test.addOrganisation("Seller")
            let first = try await LifeOfAVisit(
                under: test.signedContract(
                    seller: seller, buyer: test.addOrganisation("First buyer")))
            let second = try await LifeOfAVisit(
                under: test.signedContract(
                    seller: seller, buyer: test.addOrganisation("Second buyer")),
                sharing: first)
            lives = [first, second]
            taken = try await first.booked("2027-03-08", at: "10:00")
        }

        /// Waits for a start from ten to a quarter past.
        func joins(
            _ life: LifeOfAVisit, until: String = "2027-03-08T08:15:00Z", minutes: Int64 = 45,
            patient: String? = nil, language: String? = nil, hours: FoundTime.Hours? = nil
        ) async throws -> WaitingEntryID {
            let joined = try await test.market.joinWaitingList(
                life.contract.buyer.scheduler.request("joinWaitingList"),
                .init(
                    contract: life.contract.id, service: "psychiatrist-visit",
                    specialist: nil, minutes: minutes,
                    wanted: TimeSlot(
                        start: Instant(rfc3339: "2027-03-08T08:00:00Z"),
                        end: Instant(rfc3339: until)),
                    language: language, hours: hours,
                    handOver: HandOver(
                        patient: PatientReference(
                            patient ?? "HC-\(UInt64.random(in: 0 ... .max))"))))
            return try WaitingEntryID(typeID: joined.body["id"]?.text ?? "")
        }

        func seen(_ entry: WaitingEntryID, by life: LifeOfAVisit) async throws -> JSON {
            try await test.market.waitingEntry(
                life.contract.buyer.scheduler.request("getWaitingEntry"), entry
            ).body
        }

        func offered(_ entry: WaitingEntryID, to life: LifeOfAVisit) async throws -> BookingID {
            let shown = try await seen(entry, by: life)
            #expect(shown["state"] == "offered", "\(shown)")
            return try BookingID(typeID: shown["offer"]?["booking"]?.text ?? "")
        }

        func cancels(_ life: LifeOfAVisit, _ booking: BookingID) async throws {
            _ = try await test.market.cancelBooking(
                life.contract.buyer.scheduler.request("cancelBooking"), booking,
                expectedFee: Money(decimal: "0.00"), reason: nil)
        }

        func releases(_ life: LifeOfAVisit, _ booking: BookingID) async throws {
            _ = try await test.market.releaseBooking(
                life.contract.buyer.scheduler.request("releaseBooking"), booking)
        }

        /// All that is due now.
        func works() async throws {
            while try await test.market.actOnWhatIsDue(most: 20) == 20 {}
        }
    }

    @Test func freedTimeIsHeldForTheFirstInLine() async throws {
        try await TestMarket.withMarket { test in
            let queue = try await Queue(test)
            let (first, second) = (queue.lives[0], queue.lives[1])
            let mine = try await queue.joins(second)
            let later = try await queue.joins(first)
            #expect(try await queue.seen(mine, by: second)["ahead"] == 0)
            // the first buyer has got nothing through the list either: age decides
            #expect(try await queue.seen(later, by: first)["ahead"] == 1)
            #expect(try await queue.seen(mine, by: second)["offer"] == .null)
            try await queue.cancels(first, queue.taken)
            try await queue.works()
            let shown = try await queue.seen(mine, by: second)
            #expect(shown["state"] == "offered" && shown["ahead"] == .null)
            #expect(shown["offer"]?["starts"] == "2027-03-08T08:00:00Z")
            // ten days ahead, two hours are given
            let replyBy = try Instant(rfc3339: shown["offer"]?["reply_by"]?.text ?? "")
            let given = try replyBy.seconds(since: Instant(rfc3339: "2027-02-26T08:00:00Z"))
            #expect((7_200...7_260).contains(given), "\(given)")
            #expect(try await queue.seen(later, by: first)["state"] == "waiting")
            let hold = try await queue.offered(mine, to: second)
            _ = try await test.market.confirmBooking(
                second.contract.buyer.scheduler.request("confirmBooking"), hold)
            #expect(try await queue.seen(mine, by: second)["state"] == "served")
            try await queue.works()
            #expect(try await queue.seen(later, by: first)["state"] == "waiting")
            let told = try await test.owner.read([
                "select kind from event where kind like 'waiting.%' order by position"
            ]).map { try $0.decode(0, as: String.self) }
            #expect(
                told == ["waiting.joined", "waiting.joined", "waiting.offered", "waiting.served"])
        }
    }

    @Test func whoLetsItGoIsNotAskedAgainAndTheNextIs() async throws {
        try await TestMarket.withMarket { test in
            let queue = try await Queue(test)
            let (first, second) = (queue.lives[0], queue.lives[1])
            let mine = try await queue.joins(second)
            let later = try await queue.joins(first)
            try await queue.cancels(first, queue.taken)
            try await queue.works()
            try await queue.releases(second, queue.offered(mine, to: second))
            #expect(try await queue.seen(mine, by: second)["state"] == "waiting")
            try await queue.works()
            let hold = try await queue.offered(later, to: first)
            // the hold runs out: nobody is left who was not asked, and the time is on sale
            try await test.clock.set(to: Instant(rfc3339: "2027-02-26T10:01:00Z"))
            try await queue.works()
            #expect(try await queue.seen(later, by: first)["state"] == "waiting")
            #expect(try await queue.seen(mine, by: second)["state"] == "waiting")
            let gone = try await test.market.booking(
                first.contract.buyer.scheduler.request("getBooking"), hold)
            #expect(gone.body["state"] == "expired")
            _ = try await second.booked("2027-03-08", at: "10:00")
        }
    }

    /// A run in which many starts fit: who lets the first go is not asked again before the next.
    @Test func nobodyIsAskedTwiceBeforeTheNext() async throws {
        try await TestMarket.withMarket { test in
            let queue = try await Queue(test)
            let (first, second) = (queue.lives[0], queue.lives[1])
            // with the visit at ten, all of the morning from half past nine is taken
            let more = [
                try await first.booked("2027-03-08", at: "09:15"),
                try await first.booked("2027-03-08", at: "10:45"),
                try await first.booked("2027-03-08", at: "12:00"),
            ]
            let mine = try await queue.joins(second, until: "2027-03-08T09:30:00Z")
            let later = try await queue.joins(first, until: "2027-03-08T09:30:00Z")
            for booking in [queue.taken, more[1]] { try await queue.cancels(first, booking) }
            try await queue.works()
            let hold = try await queue.offered(mine, to: second)
            // there is room for both
            _ = try await queue.offered(later, to: first)
            try await queue.releases(second, hold)
            try await queue.works()
            #expect(try await queue.seen(mine, by: second)["state"] == "waiting")
        }
    }

    /// Time that is on sale comes nearer than the contract's horizon: nothing tells that.
    @Test func whatBecomesBookableByItselfIsOffered() async throws {
        try await TestMarket.withMarket { test in
            let queue = try await Queue(test)
            let second = queue.lives[1]
            let joined = try await test.market.joinWaitingList(
                second.contract.buyer.scheduler.request("joinWaitingList"),
                .init(
                    contract: second.contract.id, service: "psychiatrist-visit",
                    specialist: second.specialist, minutes: 45,
                    wanted: TimeSlot(
                        start: Instant(rfc3339: "2027-08-02T06:00:00Z"),
                        end: Instant(rfc3339: "2027-08-02T12:00:00Z"))))
            let entry = try WaitingEntryID(typeID: joined.body["id"]?.text ?? "")
            try await queue.works()
            #expect(try await queue.seen(entry, by: second)["state"] == "waiting")
            try await test.clock.set(to: Instant(rfc3339: "2027-07-30T06:00:00Z"))
            try await queue.works()
            #expect(try await queue.seen(entry, by: second)["state"] == "offered")
            let stranger = await refusal {
                _ = try await test.market.joinWaitingList(
                    second.contract.buyer.scheduler.request("joinWaitingList"),
                    .init(
                        contract: second.contract.id, service: "psychiatrist-visit",
                        specialist: SpecialistID(
                            typeID: "specialist_01j0000000e008000000000014"), minutes: 45,
                        wanted: TimeSlot(
                            start: Instant(rfc3339: "2027-08-03T06:00:00Z"),
                            end: Instant(rfc3339: "2027-08-03T12:00:00Z"))))
            }
            #expect(stranger == .specialistNotOffered)
        }
    }

    @Test func theBuyerThatGotLeastIsAskedFirst() async throws {
        try await TestMarket.withMarket { test in
            let queue = try await Queue(test)
            let (first, second) = (queue.lives[0], queue.lives[1])
            // the second buyer was early with two patients
            let entries = [try await queue.joins(second), try await queue.joins(second)]
            let other = try await queue.joins(first)
            try await queue.cancels(first, queue.taken)
            try await queue.works()
            let hold = try await queue.offered(entries[0], to: second)
            #expect(try await queue.seen(other, by: first)["ahead"] == 0)
            #expect(try await queue.seen(entries[1], by: second)["ahead"] == 1)
            _ = try await test.market.confirmBooking(
                second.contract.buyer.scheduler.request("confirmBooking"), hold)
            try await queue.cancels(second, hold)
            // what was given back counts no more: age decides again
            #expect(try await queue.seen(entries[1], by: second)["ahead"] == 0)
            try await queue.works()
            let next = try await queue.offered(entries[1], to: second)
            #expect(next != hold)
        }
    }

    @Test func whatIsFreeIsBookedAndNotWaitedFor() async throws {
        try await TestMarket.withMarket { test in
            let queue = try await Queue(test)
            let second = queue.lives[1]
            do {
                _ = try await queue.joins(second, until: "2027-03-08T10:00:00Z")
                Issue.record("nothing was free")
            } catch let refusal as Refusal {
                #expect(refusal.code == .timeAvailable)
                // a visit of 45 minutes and its buffer of five, on a grid of a quarter of an hour
                #expect(refusal.figures["starts"] == "2027-03-08T08:45:00Z", "\(refusal)")
            }
            let short = await refusal { _ = try await queue.joins(second, minutes: 7) }
            #expect(short == .lengthNotAllowed)
        }
    }

    @Test func anEntryIsLeftOnceAndLapsesByItself() async throws {
        try await TestMarket.withMarket { test in
            let queue = try await Queue(test)
            let second = queue.lives[1]
            let (left, kept) = (try await queue.joins(second), try await queue.joins(second))
            let leave = { (entry: WaitingEntryID) in
                try await test.market.leaveWaitingList(
                    second.contract.buyer.scheduler.request("leaveWaitingList"), entry)
            }
            #expect(try await leave(left).body["state"] == "left")
            #expect(await refusal { _ = try await leave(left) } == .notWaiting)
            try await queue.cancels(queue.lives[0], queue.taken)
            try await queue.works()
            #expect(await refusal { _ = try await leave(kept) } == .notWaiting, "it is offered")
            try await queue.releases(second, queue.offered(kept, to: second))
            try await test.clock.set(to: Instant(rfc3339: "2027-03-08T08:15:00Z"))
            try await queue.works()
            #expect(try await queue.seen(kept, by: second)["state"] == "lapsed")
            #expect(try await queue.seen(left, by: second)["state"] == "left")
        }
    }

    @Test func newTimeIsOfferedToo() async throws {
        try await TestMarket.withMarket { test in
            let queue = try await Queue(test)
            let second = queue.lives[1]
            let mine = try await queue.joins(second)
            let colleague = try await test.addSpecialist(
                to: second.contract.seller, label: "Specialist 2",
                specialty: second.contract.terms.rateCard.services[0].field.code)
            _ = try await test.market.publishAvailability(
                second.contract.seller.scheduler.request("publishAvailability"),
                .init(
                    specialist: colleague, pattern: .once(CalendarDate(iso: "2027-03-08")),
                    from: TimeOfDay("10:00"), to: TimeOfDay("11:00"),
                    terms: OfferTerms(
                        grid: .fifteen, shortestMinutes: 10, longestMinutes: 90,
                        bufferAfterMinutes: 0)))
            try await queue.works()
            #expect(
                try await queue.seen(mine, by: second)["offer"]?["specialist"]
                    == JSON(colleague.description))
        }
    }

    @Test func nearTheVisitTheAnswerIsDueSoonerAndAtLastNobodyIsAsked() async throws {
        for (now, replyBy) in [
            // two hours' notice: five hours are left, and a quarter of them is given
            ("2027-03-08T01:00:00Z", "2027-03-08T02:15:00Z"),
            // 39 minutes are left, and a quarter of them is less than the hold of ten
            ("2027-03-08T05:21:00Z", nil),
        ] {
            try await TestMarket.withMarket { test in
                let queue = try await Queue(test)
                let (first, second) = (queue.lives[0], queue.lives[1])
                let entry = try await queue.joins(second)
                try await test.clock.set(to: Instant(rfc3339: now))
                // the seller gives it back: its buyer would pay for it by now
                _ = try await test.market.cancelBooking(
                    first.contract.seller.scheduler.request("cancelBooking"), queue.taken,
                    expectedFee: Money(decimal: "0.00"), reason: "The specialist is ill.")
                try await queue.works()
                let shown = try await queue.seen(entry, by: second)
                let end = try shown["offer"]?["reply_by"]?.text.map { try Instant(rfc3339: $0) }
                let wanted = try replyBy.map { try Instant(rfc3339: $0) }
                #expect((end == nil) == (wanted == nil), "\(shown)")
                if let end, let wanted {
                    // the clock runs on meanwhile
                    #expect(abs(try end.seconds(since: wanted)) < 60, "\(end.rfc3339)")
                }
            }
        }
    }

    // MARK: In the database

    @Test func theDatabaseKeepsEntriesAsTheyAre() async throws {
        try await TestMarket.withMarket { test in
            let queue = try await Queue(test)
            let entry = try await queue.joins(queue.lives[1])
            try await queue.cancels(queue.lives[0], queue.taken)
            try await queue.works()
            let changes: [Query] = [
                "update waiting_entry set minutes = 15, state = 'waiting', booking = null",
                """
                update waiting_entry set wanted = tstzrange('2027-03-09', '2027-03-10'),
                    state = 'waiting', booking = null
                """,
                "update waiting_entry set state = 'served', booking = null",
                "update waiting_entry set specialist = uuid_v7(), state = 'served'",
                "update waiting_offer set starts = now()",
                "delete from waiting_offer", "delete from waiting_entry",
                "truncate waiting_entry cascade",
            ]
            for change in changes {
                await #expect(throws: (any Error).self, "\(change)") {
                    try await test.owner.write([change])
                }
            }
            #expect(try await queue.seen(entry, by: queue.lives[1])["state"] == "offered")
        }
    }
}
