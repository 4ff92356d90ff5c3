import MoneyAndTime
import StrictJSON
import Testing

@testable import Contracts

@Suite("Rating")
struct RatingTests {
    @Test("More seconds never cost less, and never less than they would without steps")
    func monotone() throws {
        var generator = SplitMix64(seed: 1)
        for _ in 0..<100 {
            let terms = try randomTerms(&generator)
            var last = Money.zero
            var seconds: Int64 = 0
            for _ in 0..<20 {
                let rated = try Example.rate(terms, seconds: seconds)
                #expect(rated.total >= last)
                #expect(rated.billedSeconds >= seconds)
                #expect(rated.billedSeconds % 3 == 0)
                last = rated.total
                seconds += Int64.random(in: 1...200, using: &generator)
            }
        }
    }

    @Test("The trace multiplies out to the amount, as a pocket calculator would")
    func traceMultipliesOut() throws {
        var generator = SplitMix64(seed: 2)
        for _ in 0..<200 {
            let terms = try randomTerms(&generator)
            let seconds = Int64.random(in: 1...20_000, using: &generator)
            let rated = try Example.rate(terms, seconds: seconds)
            let steps = rated.trace.steps
            let price = try #require(steps.first { $0.code == .price })
            let minutes = hundredths(try #require(price.figure("minutes")), places: 2)
            let perMinute = hundredths(try #require(price.figure("price_per_minute")), places: 4)
            let exact = hundredths(try #require(price.figure("exact")), places: 6)
            #expect(minutes * perMinute == exact)
            // 10^-6 euros to cents, half up.
            let cents = (exact + 5_000) / 10_000
            let rounding = try #require(steps.last)
            #expect(rounding.code == .rounding)
            #expect(rounding.figure("amount") == Money(minorUnits: cents).decimal)
            #expect(rated.total.minorUnits == cents)
        }
    }

    @Test("The trace of a visit names each figure in order, and in words")
    func traceInWords() throws {
        let terms = try Example.terms(price: "2.4533", first: 30, next: 6, minimum: 300)
        let rated = try Example.rate(terms, seconds: 754)
        #expect(
            rated.trace.steps.map(\.words) == [
                "Both sides were present together for 754 seconds.",
                "The first 30 seconds are billed whole; the other 724 seconds begin 121 steps "
                    + "of 6: 30 + 121 × 6 = 756 seconds.",
                "At least 300 seconds are billed, and 756 are.",
                "756 seconds ÷ 60 = 12.6 minutes.",
                "visit: 12.6 minutes × 2.4533 euros = 30.91158 euros.",
                "30.91158 euros, rounded to whole cents: 30.91 euros.",
            ])
        #expect(
            rated.trace.steps.map(\.code) == [
                .present, .increments, .minimum, .minutes, .price, .rounding,
            ])
        let json = rated.trace.json
        #expect(json["format"]?.text == "aikatori.trace/1")
        #expect(json["steps"]?[4]?["figures"]?["exact"]?.text == "30.91158")
        #expect(try !json.canonical().isEmpty)
    }

    @Test("Exact amounts of one month, rounded once, differ from the sum of rounded lines")
    func exactSum() throws {
        let terms = try Example.terms(price: "2.4533")
        let line = try #require(try Example.rate(terms, seconds: 1020).lines.first)
        #expect(try Money.sum(of: Array(repeating: line.amount, count: 42)).decimal == "1751.82")
        let exact = line.exact.numerator * 42
        let cents = try Rounding.halfUp.divide(exact, by: ExactAmount.denominator)
        #expect(Money(minorUnits: cents).decimal == "1751.66")
    }

    @Test("Amounts that do not fit are an error", arguments: [Int64.max, 1 << 62])
    func overflow(seconds: Int64) throws {
        let terms = try Example.terms(price: "99999.9999")
        #expect(throws: ArithmeticFailure.overflow) {
            try Example.rate(terms, seconds: seconds)
        }
        #expect(throws: ArithmeticFailure.overflow) {
            try Rating.quote(
                terms, service: Example.service, starts: Instant(microseconds: 0),
                plannedMinutes: seconds)
        }
    }

    @Test("No time has no price", arguments: [-1, Int64.min])
    func negative(seconds: Int64) throws {
        let terms = try Example.terms()
        #expect(throws: RatingRefusal.noTime) { try Example.rate(terms, seconds: seconds) }
        #expect(throws: RatingRefusal.noTime) {
            try Rating.quote(
                terms, service: Example.service, starts: Instant(microseconds: 0),
                plannedMinutes: 0)
        }
    }

    @Test("A service that the contract does not sell has no price, nor a commitment of none")
    func unknown() throws {
        let terms = try Example.terms()
        #expect(throws: RatingRefusal.unknownService("surgeon-visit")) {
            try Rating.rate(
                terms, service: "surgeon-visit",
                try Example.facts(.held(HeldVisit(billableSeconds: 60))))
        }
        #expect(throws: RatingRefusal.noCommitment) {
            try Rating.shortfall(terms, billedSeconds: 0)
        }
    }

    @Test("Of a cut period only the ruled days are owed, and not what the seller did not give")
    func cutPeriod() throws {
        let terms = try Example.terms(["commitment": Self.commitment])
        func rated(_ days: RuledDays?, billed: Int64, ofSeller: Int64 = 0) throws -> RatedVisit {
            try Rating.shortfall(terms, billedSeconds: billed, ofSeller: ofSeller, in: days)
        }
        // 1200 × 22 ÷ 31 = 851.6: 851 whole minutes, at 2.00
        let cut = RuledDays(ruled: 22, all: 31)
        #expect(try rated(cut, billed: 0).total == Money(decimal: "1702.00"))
        #expect(try rated(cut, billed: 60 * 800, ofSeller: 60 * 50).total == Money(decimal: "2.00"))
        #expect(try rated(cut, billed: 60 * 800, ofSeller: 60 * 51).lines.isEmpty)
        #expect(try rated(cut, billed: 0, ofSeller: 60 * 900).lines.isEmpty)
        let whole = try rated(RuledDays(ruled: 31, all: 31), billed: 0)
        #expect(try whole == rated(nil, billed: 0))
        #expect(whole.trace.steps.map(\.code.rawValue) == ["commitment", "price", "rounding"])
        let steps = try rated(cut, billed: 0, ofSeller: 60).trace.steps
        #expect(
            steps.map(\.code.rawValue).prefix(3)
                == ["commitment_days", "commitment_seller", "commitment"])
        #expect(throws: ArithmeticFailure.self) {
            try rated(RuledDays(ruled: .max, all: 31), billed: 0)
        }
    }

    private static let commitment: JSON = ["minutes_per_period": 1200, "price_per_minute": "2.00"]

    @Test("The shares of a group session add up to its price, whatever is shared (invariant 17)")
    func shares() throws {
        var generator = SplitMix64(seed: 3)
        for _ in 0..<2_000 {
            let whole = Money(minorUnits: .random(in: 0...1_000_000, using: &generator))
            let all = Int64.random(in: 1...100, using: &generator)
            var before: Int64 = 0
            var shares: [Money] = []
            while before < all {
                let places = Int64.random(in: 1...(all - before), using: &generator)
                shares.append(
                    try GroupShare(places: places, placesBefore: before, placesInAll: all)
                        .of(whole))
                before += places
            }
            #expect(try Money.sum(of: shares) == whole)
            #expect(shares.allSatisfy { $0 >= .zero })
        }
    }

    private func randomTerms(_ generator: inout SplitMix64) throws -> Terms {
        let price = try UnitPrice(tenThousandths: .random(in: 0...200_000, using: &generator))
        return try Example.terms(
            price: price.decimal, first: 3 * .random(in: 1...60, using: &generator),
            next: 3 * .random(in: 1...60, using: &generator),
            minimum: 3 * .random(in: 0...300, using: &generator))
    }

    /// A decimal as an integer of 10^-`places`, read in its own way.
    private func hundredths(_ decimal: String, places: Int) -> Int64 {
        let parts = decimal.split(separator: ".")
        let fraction = parts.count > 1 ? String(parts[1]) : ""
        let padded = fraction + String(repeating: "0", count: places - fraction.count)
        return Int64(String(parts[0]) + padded) ?? -1
    }
}
