import Marketplace
import MoneyAndTime
import Postgres
import Storage
import TestMarket
import Testing

/// Bookings that come at the same time share calls of `book`, and each gets its own answer.
@Suite struct BookingWritersTests {
    private static let times = [
        "09:00", "09:45", "10:30", "11:15", "12:00", "12:45", "13:30", "14:15",
    ]

    private struct Trade {
        let lives: [LifeOfAVisit]

        /// Several sellers, each with one buyer.
        init(_ test: TestMarket, count: Int) async throws {
            var lives: [LifeOfAVisit] = []
            for number in 1...count {
                let contract = try await test.signedContract(
                    seller: test.addOrganisation("Seller \(number)"),
                    buyer: test.addOrganisation("Buyer \(number)"))
                lives.append(try await LifeOfAVisit(under: contract))
            }
            self.lives = lives
        }

        func calls(_ times: [String], on day: String = "2027-03-08") throws -> [BookingCall] {
            try lives.flatMap { life in
                try times.map { time in
                    try life.contract.call(life.specialist, at: life.instant(day, time))
                }
            }
        }
    }

    private func outcomes(
        _ calls: [BookingCall], _ writers: BookingWriters
    ) async throws -> [Result<BookingCall.Outcome, any Error>] {
        await withTaskGroup(of: (Int, Result<BookingCall.Outcome, any Error>).self) { group in
            for (place, call) in calls.enumerated() {
                group.addTask { await (place, Self.outcome(of: call, writers)) }
            }
            return await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
                .sorted { $0.key < $1.key }.map(\.value)
        }
    }

    private static func outcome(
        of call: BookingCall, _ writers: BookingWriters
    ) async -> Result<BookingCall.Outcome, any Error> {
        do {
            return .success(try await writers.book(call))
        } catch {
            return .failure(error)
        }
    }

    /// Thirty-two of four buyers under four contracts: all are booked, each is told of its own
    /// booking, and they took fewer transactions than one each.
    @Test func manyShareACall() async throws {
        try await TestMarket.withMarket { test in
            let calls = try await Trade(test, count: 4).calls(Self.times)
            let outcomes = try await outcomes(calls, BookingWriters(test.app))
            for (call, outcome) in zip(calls, outcomes) {
                #expect(try outcome.get().booking() == call.booking)
            }
            let rows = try await test.owner.read([
                """
                select count(*) as bookings, count(distinct xmin::text) as transactions,
                    count(distinct buyer) as buyers
                from booking
                """
            ]).only()
            #expect(try rows["bookings", Int64.self] == 32)
            #expect(try rows["buyers", Int64.self] == 4)
            #expect(try rows["transactions", Int64.self] < 16)
        }
    }

    /// A booking that the database cannot even read fails alone.
    @Test func whoIsAtFaultFailsAlone() async throws {
        try await TestMarket.withMarket { test in
            let trade = try await Trade(test, count: 1)
            var calls = try trade.calls(Self.times)
            let life = trade.lives[0]
            let starts = try life.instant("2027-03-09", "09:00")
            calls.insert(
                life.contract.call(life.specialist, at: starts, minutes: 3_000_000_000), at: 5)
            let outcomes = try await outcomes(calls, BookingWriters(test.app))
            for (place, (call, outcome)) in zip(calls, outcomes).enumerated() {
                if place == 5 {
                    #expect(throws: PostgresError.self) { try outcome.get() }
                } else {
                    #expect(try outcome.get().booking() == call.booking)
                }
            }
        }
    }

    /// One key at the same time, from one login and from two of one organisation: one booking, and
    /// nobody is told that its own time is taken.
    @Test func oneKeyBooksOnce() async throws {
        try await TestMarket.withMarket { test in
            let trade = try await Trade(test, count: 1)
            let first = try trade.calls(["09:00"])[0]
            let same = (0..<8).map { _ in first.repeated() }
            let outcomes = try await outcomes(
                try trade.calls(["10:00", "11:00"]) + same, BookingWriters(test.app))
            #expect(try Set(outcomes.dropFirst(2).map { try $0.get().booking() }).count == 1)
            // two of one organisation in one call: SQL itself tells them apart
            let again = try trade.calls(["12:00"])[0]
            let rows = try await test.app.write([
                BookingCall.book([again, again.repeated()])
            ])
            let codes = try rows.map { try BookingCall.Outcome(row: $0).code }
            #expect(codes == [nil, "idempotency_key_in_progress"])
        }
    }

    /// Nobody waits longer than its own time behind a locked budget, and then all goes on.
    @Test func eachHasItsOwnDeadline() async throws {
        try await TestMarket.withMarket { test in
            let trade = try await Trade(test, count: 1)
            let writers = BookingWriters(test.app, patience: .seconds(6))
            let calls = try trade.calls(["09:00", "10:00", "11:00", "12:00"])
            #expect(try await writers.book(calls[0]).code == nil)
            try await test.owner.pool.transaction { transaction in
                try await transaction.query("select from budget_counter for update")
                let late = try await outcomes([calls[1], calls[2]], writers)
                // the one that was sent: nobody knows what became of it, unless the server said
                let error = #expect(throws: PostgresError.self) { try late[0].get() }
                #expect(
                    error == .outcomeUnknown(.deadline) || error?.state == .queryCanceled,
                    "\(String(describing: error))")
                #expect(throws: PostgresError.self) { try late[1].get() }
            }
            #expect(try await writers.book(calls[3]).code == nil)
        }
    }
}
