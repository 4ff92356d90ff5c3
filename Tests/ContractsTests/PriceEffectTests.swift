import MoneyAndTime
import StrictJSON
import Testing

@testable import Contracts

@Suite("What other terms do to prices")
struct PriceEffectTests {
    private static let code = "psychiatrist-visit"

    private static func visit(
        _ seconds: Int64, charged: String, at start: String = "2027-03-08T08:00:00Z"
    ) throws -> ChargedVisit {
        ChargedVisit(
            service: code,
            facts: VisitFacts(
                starts: try Instant(rfc3339: start), plannedMinutes: 30, secondsBefore: 999,
                outcome: .held(HeldVisit(billableSeconds: seconds))),
            charged: try Money(decimal: charged))
    }

    @Test("each example of either, under both")
    func examples() throws {
        let old = try Example.psychiatrist().terms
        let new = try Example.terms(["services/0/price_per_minute": "4.00"])
        let compared = try ComparedExample.all(from: old, to: new)
        #expect(compared.count == old.workedExamples.count)
        #expect(compared.allSatisfy { $0.origin == .both })
        let first = try #require(
            compared.first { $0.example.title == old.workedExamples[0].title })
        #expect(first.effect.before == old.workedExamples[0].total)
        for each in compared {
            let difference = try #require(try each.effect.difference())
            #expect(try each.effect.before?.adding(difference) == each.effect.after)
        }
    }

    @Test("an example of a service that only one of them sells")
    func onlyOne() throws {
        let old = try Example.psychiatrist().terms
        let new = try Example.physician().terms
        let compared = try ComparedExample.all(from: old, to: new)
        #expect(compared.count == old.workedExamples.count + new.workedExamples.count)
        let order =
            Array(repeating: ComparedExample.Origin.to, count: new.workedExamples.count)
            + Array(repeating: .from, count: old.workedExamples.count)
        #expect(compared.map(\.origin) == order)
        for each in compared {
            #expect((each.effect.before == nil) == (each.origin == .to))
            #expect((each.effect.after == nil) == (each.origin == .from))
            #expect(try each.effect.difference() == nil)
        }
    }

    @Test("tiers count the minutes that the new terms bill, in the order of the charges")
    func tiersAreCountedAnew() throws {
        let tiered = try Example.terms([
            "services/0/price_per_minute": "4.00",
            "services/0/tiers": [
                "kind": "graduated", "steps": [["from_minutes": 30, "price_per_minute": "2.00"]],
            ],
        ])
        let visits = try [
            Self.visit(1_200, charged: "72.00"), Self.visit(1_200, charged: "72.00"),
            Self.visit(1_200, charged: "72.00"),
        ]
        let effects = try ChargedVisit.effects(of: visits, under: tiered)
        // 20 minutes at 4; 10 at 4 and 10 at 2; 20 at 2
        #expect(effects.map { $0.after?.decimal } == ["80.00", "60.00", "40.00"])
        #expect(try effects.map { try $0.difference()?.decimal } == ["8.00", "-12.00", "-32.00"])
    }

    @Test("a visit of a service that is not sold any more is named and not hidden")
    func serviceGone() throws {
        let effects = try ChargedVisit.effects(
            of: [Self.visit(1_200, charged: "72.00")], under: Example.physician().terms)
        #expect(effects == [PriceEffect(before: try Money(decimal: "72.00"), after: nil)])
        #expect(try effects[0].difference() == nil)
    }
}
