import MoneyAndTime
import StrictJSON
import Testing

@testable import Contracts

@Suite("Rating")
struct RatingTests {
    @Test("More seconds never cost less, and never less than they would without steps")
    func monotone() throws {
        var generator = SplitMix64(seed: 1)
        for _ in 0..<300 {
            let service = try randomService(&generator)
            var last = Money.zero
            var seconds: Int64 = 0
            for _ in 0..<20 {
                let rated = try Example.rate(service, seconds: seconds)
                #expect(rated.total >= last)
                if case .time(let billed, _)? = rated.lines.first?.basis {
                    #expect(billed >= seconds)
                    #expect(billed >= service.minimumSeconds)
                    #expect(billed % 3 == 0)
                }
                last = rated.total
                seconds += Int64.random(in: 1...200, using: &generator)
            }
        }
    }

    @Test("The trace multiplies out to the amount, as a pocket calculator would")
    func traceMultipliesOut() throws {
        var generator = SplitMix64(seed: 2)
        for _ in 0..<500 {
            let service = try randomService(&generator)
            let seconds = Int64.random(in: 1...20_000, using: &generator)
            let rated = try Example.rate(service, seconds: seconds)
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
        let service = try Example.service(price: "2.4533", first: 30, next: 6, minimum: 300)
        let rated = try Example.rate(service, seconds: 754)
        #expect(
            rated.trace.steps.map(\.words) == [
                "Both sides were present together for 754 seconds.",
                "The first 30 seconds are billed whole; the other 724 seconds begin 121 steps "
                    + "of 6: 30 + 121 × 6 = 756 seconds.",
                "At least 300 seconds are billed, and 756 are.",
                "756 seconds ÷ 60 = 12.6 minutes.",
                "12.6 minutes × 2.4533 euros = 30.91158 euros.",
                "30.91158 euros, rounded to whole cents, half a cent up: 30.91 euros.",
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

    @Test("A late cancellation's trace holds the notice, the quote and the share")
    func cancellationTrace() throws {
        let service = try Example.service(price: "3.60")
        let starts = try Instant(rfc3339: "2027-03-09T07:00:00Z")
        let facts = VisitFacts(
            starts: starts, plannedMinutes: 45,
            outcome: .cancelled(by: .buyer, at: try starts.adding(seconds: -86_399)))
        let rated = try Rating.rate(
            service, facts, cancellation: try Example.cancellation(hours: 24, fee: "50"),
            rounding: .halfUp)
        let codes = rated.trace.steps.map(\.code)
        #expect(
            codes == [
                .notice, .planned, .increments, .minutes, .price, .rounding, .fee, .rounding,
            ])
        #expect(rated.trace.steps[0].figure("given_seconds") == "86399")
        #expect(rated.trace.steps[0].figure("asked_seconds") == "86400")
        #expect(rated.total.decimal == "81.00")
        #expect(rated.lines.map(\.minutes) == [nil])
    }

    @Test("Exact amounts of one month, rounded once, differ from the sum of rounded lines")
    func exactSum() throws {
        let service = try Example.service(price: "2.4533")
        var exact = ExactAmount(numerator: 0)
        var rounded: [Money] = []
        for _ in 0..<42 {
            let line = try #require(try Example.rate(service, seconds: 1020).lines.first)
            exact = try exact.adding(line.exact)
            rounded.append(line.amount)
        }
        #expect(try Money.sum(of: rounded).decimal == "1751.82")
        #expect(try exact.rounded(.halfUp).decimal == "1751.66")
    }

    @Test("Amounts that do not fit are an error", arguments: [Int64.max, 1 << 50, 1 << 22])
    func overflow(seconds: Int64) throws {
        let service = try Example.service(price: "99999.9999")
        #expect(throws: ArithmeticFailure.overflow) {
            try Example.rate(service, seconds: seconds)
        }
        #expect(throws: ArithmeticFailure.overflow) {
            try Rating.quote(service, plannedSeconds: seconds)
        }
    }

    @Test("A cancellation whose figures do not fit is an error")
    func cancellationOverflow() throws {
        let service = try Example.service(price: "99999.9999")
        let early = Instant(microseconds: .min)
        let terms = try Example.cancellation(hours: .max, fee: "50")
        for minutes in [30, Int64.max] {
            let facts = VisitFacts(
                starts: early, plannedMinutes: minutes,
                outcome: .cancelled(by: .buyer, at: early))
            #expect(throws: ArithmeticFailure.overflow) {
                try Rating.rate(service, facts, cancellation: terms, rounding: .halfUp)
            }
        }
    }

    @Test("No time has no price", arguments: [-1, Int64.min])
    func negative(seconds: Int64) throws {
        let service = try Example.service(price: "3.60")
        #expect(throws: RatingRefusal.noTime) { try Example.rate(service, seconds: seconds) }
        #expect(throws: RatingRefusal.noTime) {
            try Rating.quote(service, plannedSeconds: seconds)
        }
        #expect(throws: RatingRefusal.noTime) { try Rating.quote(service, plannedSeconds: 0) }
    }

    @Test("A service that the contract does not sell has no price")
    func unknownService() throws {
        let terms = try Example.psychiatrist().terms
        #expect(throws: RatingRefusal.unknownService("surgeon-visit")) {
            try Rating.rate(terms, service: "surgeon-visit", try Example.held(60))
        }
    }

    private func randomService(_ generator: inout SplitMix64) throws -> SoldService {
        let price = try UnitPrice(tenThousandths: .random(in: 0...200_000, using: &generator))
        return try Example.service(
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
