import MoneyAndTime
import Testing

@testable import Contracts

@Suite("Compiled prices")
struct CompiledPriceTests {
    @Test("Each allowed length of each service has its quote")
    func allLengths() throws {
        let terms = try Example.physician().terms
        let rows = try terms.compiledPrices()
        #expect(rows.count == 11 + 4)
        for row in rows {
            let service = try #require(terms.rateCard.service(row.serviceCode))
            #expect(service.plannedLengths.contains(row.minutes))
            let facts = VisitFacts(
                starts: try Instant(rfc3339: "2027-03-05T06:00:00Z"),
                plannedMinutes: row.minutes,
                outcome: .held(billableSeconds: row.minutes * 60))
            let rated = try Rating.rate(terms, service: row.serviceCode, facts)
            #expect(rated.total.minorUnits == row.amountMinorUnits)
        }
        let twenty = rows.first { $0.serviceCode == "physician-visit" && $0.minutes == 20 }
        #expect(twenty?.amountMinorUnits == 4907)
    }

    @Test("Lengths between the steps and outside the limits are not allowed")
    func lengths() {
        let lengths = PlannedLengths(minimum: 30, maximum: 90, step: 15)
        #expect(Array(lengths.all) == [30, 45, 60, 75, 90])
        for minutes: Int64 in [.min, -30, 0, 15, 31, 44, 91, 105, .max] {
            #expect(!lengths.contains(minutes))
        }
    }
}
