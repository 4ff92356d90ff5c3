import Marketplace
import MoneyAndTime
import Postgres
import Storage
import TestMarket
import Testing

/// Invariant 31, where two connections meet.
@Suite struct IdempotencyTests {
    private func begin(_ key: String, body: UInt8 = 1) -> Query {
        let digest = [UInt8](repeating: body, count: 32)
        return "select answer from idempotency_begin('createUnit', \(key), \(digest))"
    }

    private func keep(_ key: String, _ caller: TestOrganisation) -> Query {
        """
        insert into idempotency (organisation, operation, key, body_digest, status, answer)
        values (\(caller.id), 'createUnit', \(key), \([UInt8](repeating: 1, count: 32)), 200,
            'first')
        """
    }

    @Test func oneRunsAndTheOtherIsToldSo() async throws {
        try await TestMarket.withMarket { test in
            let one = try await test.addOrganisation("One")
            let other = try await test.addOrganisation("Other")
            let (mine, theirs) = (one.admin.entering("createUnit"), other.admin)
            try await test.app.pool.transaction { first in
                try await first.query(mine)
                #expect(try await first.query(begin("key")).isEmpty)
                let meanwhile = await refused { _ = try await test.app.read([mine, begin("key")]) }
                #expect(meanwhile == "idempotency_key_in_progress")
                // the key is this organisation's, for this operation
                try await test.asked(by: theirs, begin("key"))
                try await test.asked(by: one.admin, begin("other key"))
                try await first.query(keep("key", one))
            }
            let answer = try await test.app.read([mine, begin("key")])
            #expect(try answer.only()["answer", String.self] == "first")
            let another = await refused {
                _ = try await test.app.read([mine, begin("key", body: 2)])
            }
            #expect(another == "idempotency_key_reused")
            #expect(try await test.asked(by: theirs, begin("key")).isEmpty)
        }
    }

    /// What was rolled back was no answer.
    @Test func aFailedFirstTryLeavesNothing() async throws {
        try await TestMarket.withMarket { test in
            let one = try await test.addOrganisation("One")
            let mine = one.admin.entering("createUnit")
            _ = try await test.app.pool.undone { first in
                try await first.query(mine)
                try await first.query(begin("key"))
                return try await first.query(keep("key", one))
            }
            #expect(try await test.app.read([mine, begin("key", body: 2)]).isEmpty)
        }
    }

    /// Twenty at once with one key: one booking, and everybody who is answered gets that one.
    @Test func repeatedAtOnceItBooksOnce() async throws {
        try await TestMarket.withMarket { test in
            let contract = try await test.signedContract(
                seller: test.addOrganisation("Seller"), buyer: test.addOrganisation("Buyer"))
            let life = try await LifeOfAVisit(under: contract)
            let first = try contract.call(life.specialist, at: life.instant("2027-03-08"))
            let outcomes = try await test.withConnections(8) { app in
                try await withThrowingTaskGroup(of: BookingCall.Outcome.self) { group in
                    for _ in 0..<20 {
                        group.addTask { try await app.book(first.repeated()) }
                    }
                    return try await group.reduce(into: []) { $0.append($1) }
                }
            }
            let codes = Set(outcomes.compactMap(\.code))
            #expect(codes.isSubset(of: ["idempotency_key_in_progress"]))
            let booked = try Set(outcomes.filter { $0.code == nil }.map { try $0.booking() })
            #expect(booked.count == 1)
            let again = try await test.app.book(first.repeated())
            #expect(try again.booking() == booked.first)
            let other = try await test.app.book(first.repeated(body: 2))
            #expect(other.code == "idempotency_key_reused")
            let rows = try await test.owner.read(["select from booking"])
            #expect(rows.count == 1)
        }
    }

    /// After the life of a key the same one may come again.
    @Test func answersAreForgotten() async throws {
        try await TestMarket.withMarket { test in
            let one = try await test.addOrganisation("One")
            let mine = one.admin.entering("createUnit")
            try await test.app.write([mine, keep("key", one)])
            let forget: Query = "select forget_answers(interval '24 hours') as gone"
            #expect(try await test.app.write([forget]).only()["gone", Int64.self] == 0)
            try await test.owner.write([
                "update idempotency set recorded_at = clock_timestamp() - interval '25 hours'"
            ])
            #expect(try await test.app.write([forget]).only()["gone", Int64.self] == 1)
            #expect(try await test.app.read([mine, begin("key", body: 2)]).isEmpty)
        }
    }
}

extension BookingCall {
    /// The same request once more, as a server would send it: with new identifiers.
    func repeated(body: UInt8 = 1) -> BookingCall {
        BookingCall(
            credential: credential, operation: operation, key: key,
            bodyDigest: [UInt8](repeating: body, count: 32), booking: newID(),
            reservation: newID(), contract: contract, service: service, specialist: specialist,
            starts: starts, minutes: minutes, hold: hold, handOver: handOver)
    }
}
