import MoneyAndTime
import StrictJSON
import Testing

@testable import Contracts

@Suite("Compiled prices")
struct CompiledPriceTests {
    @Test("Each allowed length of each service has start fee and time, without the clock")
    func allLengths() throws {
        let terms = try Example.terms(
            price: "2.4533", first: 30, next: 6,
            [
                "services/0/start_fee": "12.00", "services/0/cap": "50.00",
                "services/0/supplements": [
                    [
                        "code": "always", "name": ["fi": "a", "sv": "a", "en": "a"],
                        "days": [
                            "monday", "tuesday", "wednesday", "thursday", "friday", "saturday",
                            "sunday", "holiday",
                        ], "from": "00:00", "until": "24:00", "percent": "50",
                    ]
                ],
            ])
        let rows = try terms.compiledPrices()
        #expect(rows.map(\.minutes) == [30, 45, 60, 75, 90])
        #expect(rows.map(\.billedSeconds) == [1800, 2700, 3600, 4500, 5400])
        // 30 × 2.4533 = 73.599, and the fee
        #expect(rows.first?.amountMinorUnits == 8560)
        #expect(terms.rateCard.services[0].price.isMoreThanTime)
        #expect(try !Example.terms().rateCard.services[0].price.isMoreThanTime)
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
