import MoneyAndTime
import StrictJSON
import Testing

@testable import Contracts

@Suite("Cancellation")
struct CancellationTests {
    private static let bands: JSON = [
        ["notice_hours": 168, "fee_percent": "0"], ["notice_hours": 24, "fee_percent": "25"],
        ["notice_hours": 0, "fee_percent": "100"],
    ]

    @Test("The boundary of each band belongs to the longer notice, to a millionth of a second")
    func boundaries() throws {
        let terms = try Example.terms(
            price: "3.60", ["cancellation/buyer": Self.bands, "cancellation/seller": Self.bands])
        let starts = try Instant(rfc3339: "2027-03-09T07:00:00Z")
        for (hours, later, earlier) in [(168, "25.00", "0.00"), (24, "100.00", "25.00")] {
            let boundary = try starts.adding(seconds: Int64(-3600 * hours))
            for (offset, percent) in [(-1, earlier), (0, earlier), (1, later)] {
                let instant = Instant(microseconds: boundary.microseconds + Int64(offset))
                for side in Side.allCases {
                    let cost = try cost(terms, by: side, at: instant)
                    // of 45 minutes at 3.60
                    let share = try Percentage(decimal: String(percent.dropLast(3)))
                        .of(try Money(decimal: "162.00"))
                    #expect(try cost.fee() == share, "\(hours) \(offset) \(side)")
                    #expect((cost.line == nil) == (share == .zero))
                    #expect(cost.freeUntil == (try starts.adding(seconds: -168 * 3600)))
                    if let line = cost.line {
                        #expect((line.amount < .zero) == (side == .seller))
                    }
                }
            }
        }
    }

    @Test("After the start the last band holds; a side that always pays is never free")
    func late() throws {
        let terms = try Example.terms(
            price: "3.60",
            ["cancellation/buyer": [["notice_hours": 0, "fee_percent": "40"]]])
        let at = try Instant(rfc3339: "2027-03-09T07:05:00Z")
        let cost = try cost(terms, by: .buyer, at: at)
        #expect(try cost.fee().decimal == "64.80")
        #expect(cost.freeUntil == nil)
    }

    @Test("The trace holds the notice, the quote and the share")
    func trace() throws {
        let terms = try Example.terms(price: "3.60", ["cancellation/buyer": Self.bands])
        let at = try Instant(rfc3339: "2027-03-08T07:00:01Z")
        let facts = try Example.facts(
            minutes: 45, .cancelled(by: .buyer, at: at, cause: .ordinary))
        let rated = try Rating.rate(terms, service: Example.service, facts)
        #expect(
            rated.trace.steps.map(\.code) == [
                .notice, .planned, .increments, .minutes, .price, .rounding, .share, .rounding,
            ])
        #expect(rated.trace.steps[0].figure("given_seconds") == "86399")
        #expect(rated.trace.steps[0].figure("asked_seconds") == "0")
        #expect(rated.total.decimal == "162.00")
        #expect(rated.lines.map(\.minutes) == [nil])
        // What it costs is shown before as it is charged after.
        let cost = try cost(terms, by: .buyer, at: at)
        #expect(try cost.fee() == rated.total)
        #expect(cost.trace == rated.trace)
    }

    @Test("A sudden absence, a declined and an expired proposal cost what the contract says")
    func causes() throws {
        let edits: [String: JSON?] = [
            "cancellation/seller": [["notice_hours": 0, "fee_percent": "50"]],
            "cancellation/buyer": [["notice_hours": 0, "fee_percent": "50"]],
        ]
        let silent = try Example.terms(price: "3.60", edits)
        let free = try Example.terms(
            price: "3.60",
            edits.merging([
                "sudden_absence": "free", "handshake/declined": "free",
                "handshake/expired": "free",
            ]) { $1 })
        let at = try Instant(rfc3339: "2027-03-09T06:00:00Z")
        for cause in CancellationCause.allCases {
            let paid = try cost(silent, by: .seller, at: at, cause: cause)
            #expect(paid.line?.amount.decimal == "-81.00")
            let unpaid = try cost(free, by: .seller, at: at, cause: cause)
            #expect((unpaid.line == nil) == (cause != .ordinary))
        }
    }

    private func cost(
        _ terms: Terms, by side: Side, at instant: Instant,
        cause: CancellationCause = .ordinary
    ) throws -> CancellationCost {
        let facts = try Example.facts(
            minutes: 45, .cancelled(by: side, at: instant, cause: cause))
        return try Rating.cancellation(
            terms, service: Example.service, facts, by: side, at: instant, cause: cause)
    }
}
