import Marketplace
import MoneyAndTime
import Postgres
import Storage
import TestMarket
import Testing

/// Invariant 32 as far as the store holds it: what is read is in order, and none is passed over.
@Suite struct EventTests {
    private static func announce(_ organisation: OrganisationID, _ revision: Int64) -> Query {
        "select announce('unit.told', 'unit', \(organisation), \(revision), \(organisation), null)"
    }

    private func page(
        _ test: TestMarket, _ caller: TestCaller, after: RecordPosition?, limit: Int = 200
    ) async throws -> [StoredEvent] {
        try await test.asked(by: caller, StoredEvent.page(after: after, limit: limit))
            .map(StoredEvent.init(row:))
    }

    /// A hold that is confirmed and cancelled, on ten times at once.
    private func lives(of life: LifeOfAVisit) async throws {
        let (test, contract) = (life.test, life.contract)
        let scheduler = contract.buyer.scheduler
        try await withThrowingTaskGroup(of: Void.self) { group in
            for day in 8...12 {
                for time in ["10:00", "12:00"] {
                    let starts = try life.instant("2027-03-\(day < 10 ? "0" : "")\(day)", time)
                    group.addTask {
                        let id = try await test.app.book(
                            contract.call(life.specialist, at: starts, hold: true)
                        ).booking()
                        _ = try await test.market.confirmBooking(
                            scheduler.request("confirmBooking"), id)
                        _ = try await test.market.cancelBooking(
                            scheduler.request("cancelBooking"), id, expectedFee: .zero,
                            reason: nil)
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    /// A reader that follows, three at a time, while others write: it sees every event once, and
    /// those of one subject in their order.
    @Test(.timeLimit(.minutes(30))) func noneIsPassedOver() async throws {
        try await TestMarket.withMarket { test in
            let contract = try await test.signedContract(
                seller: test.addOrganisation("Seller"), buyer: test.addOrganisation("Buyer"))
            let life = try await LifeOfAVisit(under: contract)
            async let writing: Void = lives(of: life)
            var seen: [StoredEvent] = []
            while seen.count(where: { $0.subjectKind == "booking" }) < 30 {
                seen += try await page(
                    test, contract.buyer.auditor, after: seen.last?.place, limit: 3)
            }
            try await writing
            let all = try await test.owner.read([
                """
                select id from event
                where \(contract.buyer.id) in (organisation, counterparty) order by xid, position
                """
            ]).map { try $0["id", EventID.self] }
            #expect(seen.map(\.id) == all)
            let bySubject = Dictionary(grouping: seen, by: \.subject)
            for own in bySubject.values {
                #expect(own.map(\.revision) == Array(1...Int64(own.count)))
            }
            let kinds = bySubject.values.map { $0.map(\.kind) }
            #expect(
                kinds.count { $0 == ["booking.held", "booking.booked", "booking.cancelled"] }
                    == 10)
        }
    }

    /// What was written by one who is still at work would come before what is committed already.
    @Test func waitsForThoseWhoBeganBefore() async throws {
        try await TestMarket.withMarket { test in
            let one = try await test.addOrganisation("One")
            let caller = one.auditor
            try await test.horizonToPass()
            let place = try await page(test, caller, after: nil).last?.place
            try await test.app.pool.transaction { transaction in
                try await transaction.each([one.admin.entering(), Self.announce(one.id, 101)])
                try await test.asked(by: one.admin, Self.announce(one.id, 102))
                #expect(try await page(test, caller, after: place).isEmpty)
            }
            try await test.horizonToPass()
            let revisions = try await page(test, caller, after: place).map(\.revision)
            #expect(revisions == [101, 102])
        }
    }

    @Test func aRevisionIsToldOnceAndByThoseConcerned() async throws {
        try await TestMarket.withMarket { test in
            let one = try await test.addOrganisation("One")
            let other = try await test.addOrganisation("Other")
            let again = await refused {
                try await test.asked(by: one.admin, Self.announce(one.id, 1))
                try await test.asked(by: one.admin, Self.announce(one.id, 1))
            }
            #expect(again == "23505")
            let foreign = await refused {
                try await test.asked(by: other.admin, Self.announce(one.id, 2))
            }
            #expect(foreign == "42501")
        }
    }
}
