import MoneyAndTime
import Postgres
import Storage
import TestMarket
import Testing

/// What one party of two could say or do in the other's name, or in the clock's, with direct access
/// to the tables.
@Suite struct OwnNameTests {
    private struct Trade {
        let life: LifeOfAVisit
        let booking: BookingID

        var test: TestMarket { life.test }
        var seller: TestOrganisation { life.contract.seller }
        var buyer: TestOrganisation { life.contract.buyer }

        init(_ test: TestMarket, acceptedInAdvance: Bool = true) async throws {
            life = try await LifeOfAVisit(
                under: test.signedContract(
                    seller: test.addOrganisation("Seller"), buyer: test.addOrganisation("Buyer"),
                    acceptedInAdvance: acceptedInAdvance))
            booking = try await life.made("2027-03-08")
        }

        func tries(_ side: TestOrganisation, _ queries: Query...) async -> String? {
            await refused {
                try await test.app.write(Segment([side.scheduler.entering()] + queries))
            }
        }

        func cancel(by organisation: TestOrganisation?, fee: Int64) -> Query {
            """
            update booking set state = 'cancelled', cancelled_by = \(organisation?.id),
                cancellation_fee = \(fee)
            where id = \(booking)
            """
        }

        /// An offer that stands until `deadline`, or any other message.
        func message(
            _ sequence: Int, from sender: TestOrganisation?, _ kind: String,
            deadline: String? = nil, ago: String = "0 s"
        ) -> Query {
            """
            insert into handshake_message
                (booking, sequence, seller, buyer, sender, kind, message, recorded_at)
            select id, \(sequence), seller, buyer, \(sender?.id), \(kind), jsonb_build_object(
                'offer', jsonb_build_object('deadline', \(deadline)::text,
                        'room', jsonb_build_object('provider', 'built_in', 'link', null))),
                market_now() - \(ago)::text::interval
            from booking where id = \(booking)
            """
        }
    }

    @Test func nobodyCancelsForTheOther() async throws {
        try await TestMarket.withMarket { test in
            let trade = try await Trade(test)
            let (seller, buyer) = (trade.seller, trade.buyer)
            // above the quote of 108.00
            let dear = await trade.tries(seller, trade.cancel(by: seller, fee: 10_801))
            #expect(dear == "23514")
            for (side, other) in [(seller, buyer), (buyer, seller)] {
                let forOther = await trade.tries(side, trade.cancel(by: other, fee: 10_800))
                #expect(forOther == "not_your_side")
                let forNobody = await trade.tries(side, trade.cancel(by: nil, fee: 0))
                #expect(forNobody == "not_your_side")
            }
            #expect(await trade.tries(seller, trade.cancel(by: seller, fee: 0)) == nil)
            // and what it cost stays
            for change: Query in [
                "update booking set cancellation_fee = 10800",
                "update booking set cancelled_by = buyer",
                "update booking set cancellation_reason = 'another'",
            ] {
                #expect(await trade.tries(seller, change) == "booking_frozen")
            }
        }
    }

    /// The clock speaks when the time has come, and not when somebody says so.
    @Test func nobodySpeaksForTheClock() async throws {
        try await TestMarket.withMarket { test in
            let trade = try await Trade(test, acceptedInAdvance: false)
            let (seller, buyer) = (trade.seller, trade.buyer)
            let reply: Instant = try await test.owner.read([
                "select opened_reply_by from handshake"
            ]).only().decode(0)
            let early = await trade.tries(buyer, trade.message(1, from: nil, "expire"))
            #expect(early == "deadline_not_reached")
            let pretended = await trade.tries(
                buyer, "update handshake set reply_by = market_now() - interval '1 day'",
                trade.message(1, from: nil, "expire"))
            #expect(pretended == "deadline_not_reached")
            let past = await trade.tries(
                seller, trade.message(1, from: seller, "propose", deadline: "2027-02-26T08:00:00Z")
            )
            #expect(past == "deadline_in_the_past")
            let backdated = await trade.tries(
                seller,
                trade.message(
                    1, from: seller, "propose", deadline: "2027-03-01T08:00:00Z", ago: "1 hour"))
            #expect(backdated == "recorded_in_the_past")
            try await test.clock.set(to: reply.adding(seconds: 1))
            #expect(await trade.tries(buyer, trade.message(1, from: nil, "expire")) == nil)
            // nothing is open any more
            let again = await trade.tries(buyer, trade.message(2, from: nil, "expire"))
            #expect(again == "no_deadline")
            // neither side had proposed: neither pays
            let other = await trade.tries(buyer, trade.cancel(by: seller, fee: 0))
            #expect(other == "not_your_side")
            #expect(await trade.tries(buyer, trade.cancel(by: nil, fee: 1)) == "not_your_side")
            #expect(await trade.tries(buyer, trade.cancel(by: nil, fee: 0)) == nil)
        }
    }

    /// Silence counts against the side that was asked, or against the one that asked too late.
    @Test(arguments: [true, false])
    func silenceCountsAgainstOne(_ inTime: Bool) async throws {
        try await TestMarket.withMarket { test in
            let trade = try await Trade(test, acceptedInAdvance: false)
            let (seller, buyer) = (trade.seller, trade.buyer)
            // four hours to answer, or a minute less
            let made: Instant = try await test.owner.read(["select market_now()"]).only()
                .decode(0)
            let deadline = try made.adding(seconds: inTime ? 14_460 : 14_340)
            let proposed = await trade.tries(
                seller, trade.message(1, from: seller, "propose", deadline: deadline.rfc3339))
            #expect(proposed == nil)
            try await test.clock.set(to: deadline.adding(seconds: 1))
            #expect(await trade.tries(seller, trade.message(2, from: nil, "expire")) == nil)
            let (owing, caller) = inTime ? (buyer, seller) : (seller, buyer)
            #expect(await trade.tries(caller, trade.cancel(by: nil, fee: 0)) == "not_your_side")
            #expect(await trade.tries(caller, trade.cancel(by: owing, fee: 0)) == nil)
        }
    }

    @Test func theBudgetIsNobodysToWrite() async throws {
        try await TestMarket.withMarket { test in
            let trade = try await Trade(test)
            for attack: Query in [
                "update budget_counter set reserved = 0",
                "update budget_counter set used = used + 1",
                "update budget_counter set visits = 0", "update budget_counter set minutes = 0",
                "update budget_counter set period = '2027-09'",
                """
                insert into budget_counter (contract, period, seller, buyer, reserved)
                select contract, '2027-09', seller, buyer, 1000000 from budget_counter
                """,
                """
                insert into budget_counter (contract, period, seller, buyer)
                select contract, '2027-09', seller, buyer from budget_counter
                """,
                "delete from budget_counter",
            ] {
                #expect(await trade.tries(trade.seller, attack) == "42501", "\(attack.sql)")
            }
            // what gives back is the state of the booking, and only once
            #expect(
                await trade.tries(
                    trade.seller, trade.cancel(by: trade.seller, fee: 0),
                    "update booking set revision = revision + 1") == nil)
            let counter = try await test.owner.read(["select reserved, used from budget_counter"])
                .only()
            #expect(try counter["reserved", Int64.self] == 0)
            #expect(try counter["used", Int64.self] == 0)
        }
    }

    @Test func nobodyRecordsInTheOthersName() async throws {
        try await TestMarket.withMarket { test in
            let trade = try await Trade(test)
            let (seller, buyer) = (trade.seller, trade.buyer)
            func event(of organisation: TestOrganisation, _ other: TestOrganisation) -> Query {
                """
                insert into event (kind, subject_kind, subject, revision, organisation,
                    counterparty)
                values ('unit.told', 'unit', uuid_v7(), 1, \(organisation.id), \(other.id))
                """
            }
            func fact(
                of organisation: TestOrganisation, _ other: TestOrganisation,
                by caller: TestCaller? = nil
            ) -> Query {
                let caller = caller ?? organisation.scheduler
                return """
                    insert into audit_fact (organisation, counterparty, credential, member,
                        operation, subject_kind, subject)
                    values (\(organisation.id), \(other.id), \(caller.credential),
                        \(caller.member), 'bookTime', 'unit', uuid_v7())
                    """
            }
            #expect(await trade.tries(seller, event(of: buyer, seller)) == "42501")
            #expect(await trade.tries(seller, event(of: seller, buyer)) == nil)
            #expect(await trade.tries(seller, fact(of: buyer, seller)) == "42501")
            let byColleague = await trade.tries(
                seller, fact(of: seller, buyer, by: seller.finance))
            #expect(byColleague == "42501")
            #expect(await trade.tries(seller, fact(of: seller, buyer)) == nil)
        }
    }
}
