import Marketplace
import MoneyAndTime
import Organisations
import Postgres
import Storage
import StrictJSON
import TestMarket
import Testing
import Visits

/// Alerts by mail: to proven addresses, as each member chose, and not more often.
@Suite struct AlertMailTests {
    /// A market that sends mail, which waits in line here.
    private func with(_ body: (AlertWorld, Market) async throws -> Void) async throws {
        try await AlertWorld.with(acceptedInAdvance: false) { world in
            let market = Market(
                database: world.test.app, keys: world.test.market.keys,
                logger: world.test.market.logger, surroundings: Surroundings(mail: .page))
            try await body(world, market)
        }
    }

    /// A visit that the buyer has proposed, of which the seller's scheduler may be mailed.
    private func withProposal(
        _ body: (AlertWorld, Market, TestCaller, BookingID) async throws -> Void
    ) async throws {
        try await with { world, market in
            let desk = world.seller.scheduler
            try await world.confirmed(desk)
            let booking = try await world.life.booked("2027-03-08")
            try await world.says(.buyer, booking, 1, .propose, at: "2027-03-08T08:00:00Z")
            try await world.raised()
            try await body(world, market, desk, booking)
        }
    }

    private func mailed(_ market: Market) async throws -> Int {
        var mails = 0
        let words: @Sendable (AlertMail) -> MailWords = { mail in
            MailWords(
                subject: mail.language,
                text: mail.lines.map { "\($0.kind.rawValue) \($0.counterpartyName ?? "")\n" }
                    .joined())
        }
        while try await market.mailNextAlerts(words: words) { mails += 1 }
        return mails
    }

    private func messages(_ world: AlertWorld) async throws -> [(to: String, text: String)] {
        try await world.test.superuser.read([
            "select recipient, body from outgoing_message order by id"
        ]).map { (try $0.decode("recipient"), try $0.decode("body")) }
    }

    @Test func onlyToAddressesThatAreProven() async throws {
        try await with { world, market in
            let booking = try await world.life.booked("2027-03-08")
            try await world.says(.buyer, booking, 1, .propose, at: "2027-03-08T08:00:00Z")
            try await world.raised()
            #expect(try await mailed(market) == 0)
            try await world.confirmed(world.seller.scheduler)
            try await world.says(.seller, booking, 2, .counter, at: "2027-03-08T09:00:00Z")
            try await world.says(.buyer, booking, 3, .counter, at: "2027-03-08T10:00:00Z")
            try await world.raised()
            #expect(try await mailed(market) == 1)
            let sent = try await messages(world)
            #expect(sent.map(\.to) == ["scheduler@example.org"])
            #expect(sent.map(\.text) == ["proposal_countered Buyer\n"])
            // another address is not proven, until it is
            try await world.change(
                """
                update member set email = 'new@example.org'
                where id = \(world.seller.scheduler.member)
                """)
            try await world.cancels(booking)
            try await world.raised()
            #expect(try await mailed(market) == 0)
        }
    }

    @Test func manyInOneAndNoMoreOftenThanChosen() async throws {
        try await with { world, market in
            let desk = world.seller.scheduler
            try await world.confirmed(desk)
            try await world.choose(desk, digest: 60, language: "sv")
            let first = try await world.life.booked("2027-03-08")
            let second = try await world.life.booked("2027-03-09")
            try await world.says(.buyer, first, 1, .propose, at: "2027-03-08T08:00:00Z")
            try await world.says(.buyer, second, 1, .propose, at: "2027-03-09T08:00:00Z")
            try await world.raised()
            #expect(try await mailed(market) == 1)
            let sent = try await messages(world)
            #expect(sent[0].text == "proposal_waits Buyer\nproposal_waits Buyer\n")
            // the next that is not urgent waits for its hour
            let third = try await world.life.booked("2027-03-10")
            try await world.says(.buyer, third, 1, .propose, at: "2027-03-10T08:00:00Z")
            try await world.raised()
            #expect(try await mailed(market) == 0)
            // what is urgent comes at once, and takes along what waits
            try await world.cancels(first)
            try await world.raised()
            #expect(try await mailed(market) == 1)
            #expect(
                try await messages(world).last?.text
                    == "proposal_waits Buyer\nvisit_cancelled Buyer\n")
            let fourth = try await world.life.booked("2027-03-11")
            try await world.says(.buyer, fourth, 1, .propose, at: "2027-03-11T08:00:00Z")
            try await world.raised()
            #expect(try await mailed(market) == 0)
            try await world.change(
                "update alert set mailed_at = mailed_at - interval '61 minutes'")
            #expect(try await mailed(market) == 1)
        }
    }

    @Test func whatWasReadOrNotChosenIsNotMailed() async throws {
        try await withProposal { world, market, desk, booking in
            _ = try await world.market.markAlertsRead(
                desk.request("markAlertsRead", key: "1"), nil)
            #expect(try await mailed(market) == 0)
            try await world.choose(
                desk,
                [
                    .visitCancelled: .init(bell: true, mail: false),
                    .visitBooked: .init(bell: false, mail: true),
                    .proposalWaits: .init(bell: false, mail: false),
                ])
            try await world.cancels(booking)
            let other = try await world.life.booked("2027-03-09")
            try await world.says(.buyer, other, 1, .propose, at: "2027-03-09T08:00:00Z")
            try await world.raised()
            try await world.change("update alert set mailed_at = mailed_at - interval '1 day'")
            #expect(try await mailed(market) == 1)
            #expect(try await messages(world).map(\.text) == ["visit_booked Buyer\n"])
            let shown = try await world.kinds(of: desk)
            #expect(shown == ["visit_cancelled", "proposal_waits", "visit_booked"])
        }
    }

    /// A mail of fifty, with what is urgent in it; the rest in the next one, and nothing is lost.
    @Test func whatDoesNotFitComesNext() async throws {
        try await withProposal { world, market, desk, booking in
            try await world.change(
                """
                insert into alert (organisation, member, kind, subject_kind, subject, cause,
                    in_bell, by_mail, made_at)
                select organisation, member, kind, subject_kind, subject, 'again ' || n, true, true,
                    made_at
                from alert, generate_series(1, 59) n
                where kind = 'proposal_waits' and member = \(desk.member)
                """)
            try await world.cancels(booking)
            try await world.raised()
            #expect(try await mailed(market) == 1)
            let first = try await messages(world)[0].text.split(separator: "\n")
            #expect(first.count == 50 && first.contains("visit_cancelled Buyer"))
            try await world.change("update alert set mailed_at = mailed_at - interval '1 day'")
            #expect(try await mailed(market) == 1)
            #expect(try await messages(world)[1].text.split(separator: "\n").count == 11)
            #expect(try await mailed(market) == 0)
        }
    }

    @Test func whatHasWaitedForDaysIsNotMailed() async throws {
        try await withProposal { world, market, desk, booking in
            try await world.change("update alert set made_at = made_at - interval '49 hours'")
            #expect(try await mailed(market) == 0)
            // and whoever is no scheduler any more is not told of proposals
            try await world.cancels(booking)
            try await world.raised()
            try await world.change(
                "update member set roles = array['finance'] where id = \(desk.member)")
            #expect(try await mailed(market) == 0)
        }
    }

    @Test func twoWhoChooseAtOnce() async throws {
        try await with { world, _ in
            let desk = world.seller.scheduler
            try await world.choose(desk)
            let stale = await refusal { try await world.choose(desk, over: 0) }
            #expect(stale == .revisionDiffers)
            try await world.choose(desk, reminders: [15], over: 1)
            let read = try await world.market.alertSettings(desk.request("getAlertSettings")).body
            #expect(read["revision"] == 2)
            #expect(read["reminders"] == [15])
            // a colleague's are as they were
            let other = try await world.market.alertSettings(
                world.seller.specialist.request("getAlertSettings")
            ).body
            #expect(other["revision"] == 0)
        }
    }
}
