import Contracts
import MoneyAndTime
import Postgres
import Storage
import TestMarket
import Testing

/// A search reads about what it shows, however much time others have on sale.
@Suite struct SearchPlanTests {
    @Test func aSearchReadsWhatItShows() async throws {
        try await TestMarket.withMarket { test in
            let buyer = try await test.addOrganisation("Buyer")
            var lives: [LifeOfAVisit] = []
            for number in 1...3 {
                let contract = try await test.signedContract(
                    seller: test.addOrganisation("Seller \(number)"),
                    buyer: number == 1 ? buyer : test.addOrganisation("Buyer \(number)"))
                lives.append(try await LifeOfAVisit(under: contract))
            }
            try await test.owner.write(["analyze"])
            let all: Int64 = try await test.owner.read(["select count(*) from start_time"])
                .only().decode(0)
            #expect(all > 10_000)
            var wish = FoundTime.Wish(
                from: try Instant(rfc3339: "2027-03-01T00:00:00Z"),
                until: try Instant(rfc3339: "2027-05-01T00:00:00Z"), minutes: 30)
            wish.specialty = lives[0].contract.terms.rateCard.services[0].field.code
            let before = try await entriesRead(test)
            let found = try await test.withConnections(1) { app in
                try await app.pool.withConnection { session in
                    try await session.query("begin")
                    try await session.query(buyer.scheduler.entering("findTimes"))
                    let rows = try await session.query(
                        FoundTime.find(wish, after: nil, limit: 20))
                    try await session.query("commit")
                    try await session.query("select pg_stat_force_next_flush()")
                    return rows.count
                }
            }
            #expect(found == 20)
            let read = try await entriesRead(test) - before
            #expect(read >= 20 && read <= 60, "\(read) of \(all) entries were read")
        }
    }

    /// Entries of the index of free time that were read until now.
    private func entriesRead(_ test: TestMarket) async throws -> Int64 {
        try await test.owner.read([
            """
            select idx_tup_read from pg_stat_user_indexes
            where indexrelname = 'start_time_open'
            """
        ]).only().decode(0)
    }
}
