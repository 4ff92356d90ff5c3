import MoneyAndTime
import Testing

@testable import Contracts

@Suite("Cancellation")
struct CancellationTests {
    @Test("The last free instant is free, and a millionth of a second later is not")
    func boundary() throws {
        let terms = try Example.cancellation(hours: 24, fee: "50")
        let quote = try Rating.quote(try Example.service(price: "3.60"), plannedSeconds: 2700)
        let starts = try Instant(rfc3339: "2027-03-09T07:00:00Z")
        let boundary = try terms.freeUntil(starts: starts)
        #expect(boundary.rfc3339 == "2027-03-08T07:00:00Z")
        let cases: [(offset: Int64, side: Side, fee: String)] = [
            (-1, .buyer, "0.00"), (0, .buyer, "0.00"), (1, .buyer, "81.00"),
            (1, .seller, "0.00"), (-1, .seller, "0.00"),
        ]
        for (offset, side, fee) in cases {
            let instant = Instant(microseconds: boundary.microseconds + offset)
            let cost = try terms.cost(
                quote: quote, starts: starts, cancelledBy: side, at: instant)
            #expect(cost.fee.decimal == fee, "\(offset) \(side)")
            #expect((cost.line == nil) == (fee == "0.00"))
            #expect(cost.freeUntil == boundary)
            #expect(!cost.trace.steps.isEmpty)
        }
    }

    @Test("The cost before is the charge after")
    func costIsCharge() throws {
        let terms = try Example.physician().terms
        let service = try #require(terms.rateCard.service("physician-visit"))
        let starts = try Instant(rfc3339: "2027-03-05T06:00:00Z")
        let at = try starts.adding(seconds: -600)
        let quote = try Rating.quote(service, plannedSeconds: 1200)
        let cost = try terms.cancellation.cost(
            quote: quote, starts: starts, cancelledBy: .buyer, at: at)
        let facts = VisitFacts(
            starts: starts, plannedMinutes: 20, outcome: .cancelled(by: .buyer, at: at))
        let rated = try Rating.rate(terms, service: service.code, facts)
        #expect(rated.total == cost.fee)
        #expect(rated.trace == cost.trace)
        #expect(cost.fee.decimal == "19.63")
    }
}
