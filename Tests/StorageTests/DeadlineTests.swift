import MoneyAndTime
import Postgres
import Storage
import TestMarket
import Testing

/// What is due is taken in order, once, by one worker at a time.
@Suite struct DeadlineTests {
    private static let now = "2027-03-01T08:00:00Z"

    /// Three holds, made a minute apart, each for ten minutes.
    private func holds(_ test: TestMarket) async throws -> (StandingClock, [BookingID]) {
        let life = try await LifeOfAVisit(
            under: test.signedContract(
                seller: test.addOrganisation("Seller"), buyer: test.addOrganisation("Buyer")))
        let start = try Instant(rfc3339: Self.now)
        let clock = try await StandingClock(test, at: start)
        var holds: [BookingID] = []
        for (minute, time) in ["12:00", "10:00", "11:00"].enumerated() {
            try await clock.set(to: start.adding(seconds: Int64(minute) * 60))
            holds.append(try await life.made("2027-03-08", time, hold: true))
        }
        return (clock, holds)
    }

    private func take(in transaction: Transaction) async throws -> Deadline? {
        try await transaction.query(Deadline.take).atMostOne().map { try Deadline(row: $0) }
    }

    @Test func areTakenInOrderWhenTheyAreDue() async throws {
        try await TestMarket.withMarket { test in
            let (clock, holds) = try await holds(test)
            let due = try Instant(rfc3339: "2027-03-01T08:10:00Z")
            try await clock.set(to: Instant(microseconds: due.microseconds - 1))
            let early = try await test.app.read([Deadline.take])
            #expect(early.isEmpty)
            try await clock.set(to: due.adding(seconds: 120))
            for hold in holds {
                try await test.app.pool.transaction { transaction in
                    let taken = try await take(in: transaction)
                    #expect(taken?.booking == hold)
                    guard let taken else { return }
                    try await transaction.each([taken.enter, Deadline.expireHold(hold), taken.drop])
                }
            }
            #expect(try await test.app.read([Deadline.take]).isEmpty)
            let expired = try await test.owner.read(["select from booking where state = 'expired'"])
            #expect(expired.count == 3)
        }
    }

    /// Two workers have two different ones; what one gives up, another takes.
    @Test func areTakenByOneAtATime() async throws {
        try await TestMarket.withMarket { test in
            let (clock, holds) = try await holds(test)
            try await clock.set(to: Instant(rfc3339: "2027-03-01T08:20:00Z"))
            let seen = try await test.app.pool.undone { first in
                let one = try await take(in: first)
                let other = try await test.app.pool.undone { second in
                    try await take(in: second)
                }
                return [one?.booking, other?.booking]
            }
            #expect(seen == [holds[0], holds[1]])
            let postponed = try await test.app.pool.transaction { transaction in
                let taken = try await take(in: transaction)
                #expect(taken?.booking == holds[0])
                guard let taken else { return false }
                try await transaction.query(taken.postpone)
                return true
            }
            #expect(postponed)
            let next = try await test.app.pool.undone { try await take(in: $0)?.booking }
            #expect(next == holds[1])
            let due: Instant = try await test.owner.read(["select max(due_at) from deadline"])
                .only().decode(0)
            #expect(due.rfc3339 == "2027-03-01T08:21:00Z")
        }
    }
}

extension Deadline {
    /// The hold that it is about.
    fileprivate var booking: BookingID? {
        guard case .expireHold(let booking) = duty else { return nil }
        return booking
    }
}
