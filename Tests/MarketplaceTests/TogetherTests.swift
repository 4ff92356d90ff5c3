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

/// Several specialists who begin at the same instant.
@Suite struct TogetherTests {
    /// Three specialists of one field with other hours each, some of whose time is taken.
    private struct Team {
        let life: LifeOfAVisit
        var test: TestMarket { life.test }
        var buyer: TestCaller { life.contract.buyer.scheduler }

        init(_ test: TestMarket) async throws {
            let contract = try await test.signedContract(
                seller: test.addOrganisation("Seller"), buyer: test.addOrganisation("Buyer"))
            life = try await LifeOfAVisit(under: contract)
            for (number, hours) in [("10:00", "12:30"), ("11:45", "13:00")].enumerated() {
                let colleague = try await test.addSpecialist(
                    to: contract.seller, label: "Specialist \(number + 2)",
                    specialty: contract.terms.rateCard.services[0].field.code)
                _ = try await test.market.publishAvailability(
                    contract.seller.scheduler.request("publishAvailability", key: "\(number)"),
                    .init(
                        specialist: colleague,
                        pattern: .once(CalendarDate(iso: "2027-03-08")),
                        from: TimeOfDay(hours.0), to: TimeOfDay(hours.1),
                        terms: OfferTerms(
                            grid: .fifteen, shortestMinutes: 10, longestMinutes: 90,
                            bufferAfterMinutes: 5)))
            }
            _ = try await life.booked("2027-03-08", at: "10:30")
        }

        func wish(_ minutes: Int64, of specialist: SpecialistID? = nil) throws -> FoundTime.Wish {
            var wish = FoundTime.Wish(
                from: try Instant(rfc3339: "2027-03-07T22:00:00Z"),
                until: try Instant(rfc3339: "2027-03-12T22:00:00Z"), minutes: minutes)
            wish.service = "psychiatrist-visit"
            wish.specialist = specialist
            return wish
        }

        func together(
            _ wishes: [FoundTime.Wish], after: Instant? = nil, limit: Int = 200
        ) async throws -> JSON {
            try await test.market.findTimesTogether(
                buyer.request("findTimesTogether"), wishes: wishes,
                page: Page(after: after, limit: limit)
            ).body
        }

        /// Who is found for one wish alone, by start.
        func alone(_ wish: FoundTime.Wish) async throws -> [String: Set<String>] {
            let found = try await test.market.findTimes(
                buyer.request("findTimes"), wish: wish, page: Page(after: nil, limit: 500))
            var starts: [String: Set<String>] = [:]
            for item in found.body["items"]?.elements ?? [] {
                starts[item["starts"]?.text ?? "", default: []]
                    .insert(item["specialist"]?.text ?? "")
            }
            return starts
        }

        func book(_ times: JSON, key: String) async throws -> JSON {
            let starts = try Instant(rfc3339: times["starts"]?.text ?? "")
            return try await test.market.bookTogether(
                buyer.request("bookTogether", key: key), at: starts,
                (times["visits"]?.elements ?? []).map { visit in
                    try .init(
                        contract: life.contract.id, service: "psychiatrist-visit",
                        specialist: SpecialistID(typeID: visit["specialist"]?.text ?? ""),
                        starts: starts, minutes: visit["minutes"]?.integer ?? 0, hold: false)
                }
            ).body
        }
    }

    /// A start is found where each visit can have somebody of its own, and nowhere else.
    @Test(arguments: [[30, 45], [45, 30], [30, 30, 30], [90, 60]] as [[Int64]])
    func whereAllAreFree(_ lengths: [Int64]) async throws {
        try await TestMarket.withMarket { test in
            let team = try await Team(test)
            let wishes = try lengths.map { try team.wish($0) }
            var alone: [[String: Set<String>]] = []
            for wish in wishes { alone.append(try await team.alone(wish)) }
            let expected = alone[0].keys.filter { start in
                Self.canAll(alone.map { $0[start] ?? [] })
            }.sorted()
            let found = try await team.together(wishes)
            let items = found["items"]?.elements ?? []
            #expect(items.compactMap { $0["starts"]?.text } == expected)
            #expect(found["next"] == .null && !expected.isEmpty)
            for item in items {
                let visits = item["visits"]?.elements ?? []
                #expect(visits.map { $0["minutes"]?.integer } == lengths)
                #expect(Set(visits.compactMap { $0["specialist"]?.text }).count == lengths.count)
                #expect(visits.allSatisfy { $0["starts"] == item["starts"] })
                let sum = try visits.compactMap { $0["price"]?.text }
                    .reduce(Money.zero) { try $0.adding(Money(decimal: $1)) }
                #expect(item["total"]?.text == sum.decimal)
            }
            var (pages, next): ([JSON], Instant?) = ([], nil)
            repeat {
                let page = try await team.together(wishes, after: next, limit: 2)
                pages += page["items"]?.elements ?? []
                next = try page["next"]?.text.map { try Instant(rfc3339: $0) }
            } while next != nil
            #expect(pages == items)
        }
    }

    /// Whether each set can give one that no other gives.
    private static func canAll(_ sets: [Set<String>], _ taken: Set<String> = []) -> Bool {
        guard let first = sets.first else { return true }
        return first.subtracting(taken).contains {
            canAll(Array(sets.dropFirst()), taken.union([$0]))
        }
    }

    @Test func allAreBookedOrNone() async throws {
        try await TestMarket.withMarket { test in
            let team = try await Team(test)
            let found = try await team.together([team.wish(30), team.wish(30)])
            let first = try #require(found["items"]?[0])
            let booked = try await team.book(first, key: "first")
            #expect(booked["booked"] == 2 && booked["mode"] == "all_or_none")
            // one of the two is taken: the other, who is free then, is not booked either
            let second = try #require(found["items"]?[1])
            let count = try await Self.bookings(test)
            let taken = await refusal { _ = try await team.book(second, key: "second") }
            #expect(taken == .seriesRefused)
            #expect(try await Self.bookings(test) == count)
            #expect(try await Verification.run(on: test.reader) == [])
        }
    }

    private static func bookings(_ test: TestMarket) async throws -> Int64 {
        try await test.owner.read(["select count(*) from booking"]).only().decode(0)
    }
}
