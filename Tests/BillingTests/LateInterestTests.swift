import Billing
import Contracts
import MoneyAndTime
import Testing

@Suite struct LateInterestTests {
    private func day(_ text: String) throws -> CalendarDate { try CalendarDate(iso: text) }

    private func interest(
        _ total: String, _ changes: [(String, String)] = [], from first: String,
        through last: String, at yearly: String? = nil, rates: [(String, String)] = []
    ) throws -> LateInterest {
        try LateInterest(
            on: Money(decimal: total),
            less: changes.map { try .init(day: day($0.0), amount: Money(decimal: $0.1)) },
            from: day(first), through: day(last),
            terms: yearly.map { .yearly(try Percentage(decimal: $0)) } ?? .statutory,
            rates: rates.map {
                try ReferenceRate(startsOn: day($0.0), rate: Percentage(decimal: $0.1))
            })
    }

    @Test(
        "a 365th of the yearly rate for each day, rounded once",
        arguments: [
            // 36.50 a year on 365.00 is 0.10 a day
            ("365.00", "2027-05-03", "2027-05-03", "10", "0.10"),
            ("365.00", "2027-05-03", "2027-05-12", "10", "1.00"),
            ("365.00", "2027-05-03", "2027-05-02", "10", "0.00"),
            // the leap day bears interest, and a leap year 366 days
            ("365.00", "2028-02-28", "2028-03-01", "10", "0.30"),
            ("365.00", "2027-02-28", "2027-03-01", "10", "0.20"),
            ("1000.00", "2028-01-01", "2028-12-31", "10", "100.27"),
            // 575.76 × 11.5 % × 17 ÷ 365 = 3.0838...
            ("575.76", "2027-05-03", "2027-05-19", "11.5", "3.08"),
            // half a cent goes up: 18.25 × 10 % ÷ 365 = 0.005
            ("18.25", "2027-05-03", "2027-05-03", "10", "0.01"),
            ("18.24", "2027-05-03", "2027-05-03", "10", "0.00"),
        ])
    func days(total: String, first: String, last: String, rate: String, owed: String) throws {
        #expect(
            try interest(total, from: first, through: last, at: rate).amount.decimal == owed)
    }

    @Test func aPaymentBearsInterestOnItsOwnDay() throws {
        let owed = try interest(
            "365.00",
            [
                ("2027-04-20", "100.00"), ("2027-05-12", "65.00"), ("2027-05-15", "-65.00"),
                ("2027-05-20", "265.00"),
            ],
            from: "2027-05-03", through: "2027-06-30", at: "36.5")
        #expect(
            owed.stretches.map { [$0.first.iso, $0.last.iso, $0.principal.decimal] } == [
                ["2027-05-03", "2027-05-12", "265.00"], ["2027-05-13", "2027-05-15", "200.00"],
                ["2027-05-16", "2027-05-20", "265.00"],
            ])
        // 0.1 % a day: 10 × 0.265 + 3 × 0.200 + 5 × 0.265
        #expect(owed.amount.decimal == "4.58")
        #expect(try owed.exact.equals(ExactNet(numerator: 4_575, denominator: 10)))
    }

    @Test func eachHalfYearHasItsRate() throws {
        let rates = [("2024-07-01", "4.5"), ("2025-01-01", "3.5")]
        let owed = try interest(
            "10000.00", from: "2024-12-30", through: "2025-01-02", rates: rates)
        #expect(owed.stretches.map(\.rate.decimal) == ["12.5", "11.5"])
        #expect(owed.stretches.map(\.days) == [2, 2])
        // 2 × 3.42465... + 2 × 3.15068...
        #expect(owed.amount.decimal == "13.15")
        #expect(throws: LateInterest.Refusal.rateMissing(try day("2025-07-01"))) {
            try interest("1.00", from: "2025-06-30", through: "2025-07-01", rates: rates)
        }
        // where nothing was open no rate is needed
        let paid = try interest(
            "1.00", [("2025-06-30", "1.00")], from: "2025-06-30", through: "2026-07-01",
            rates: rates)
        #expect(paid.stretches.count == 1)
    }

    /// The same as adding up day after day.
    @Test func theSumOfItsDays() throws {
        var random = SplitMix64(seed: 7)
        for _ in 0..<200 {
            let first = try day("2023-01-01").adding(days: .random(in: 0...700, using: &random))
            let length = Int.random(in: 0...400, using: &random)
            let total = Money(minorUnits: .random(in: 1...1_000_000, using: &random))
            var left = total
            let changes = try (0..<Int.random(in: 0...4, using: &random)).map { _ in
                let part = Money(minorUnits: .random(in: 0...left.minorUnits, using: &random))
                left = try left.subtracting(part)
                return LateInterest.Change(
                    day: try first.adding(days: .random(in: -5...400, using: &random)),
                    amount: part)
            }
            let rates = try (0..<8).map {
                ReferenceRate(
                    startsOn: try day("2023-01-01").adding(months: 6 * $0),
                    rate: try Percentage(basisPoints: Int64($0) * 50))
            }
            let owed = try LateInterest(
                on: total, less: changes, from: first, through: first.adding(days: length),
                terms: .statutory, rates: rates)
            var slow = Int128(0)
            for number in 0...length {
                let one = try first.adding(days: number)
                let open = changes.filter { $0.day < one }.reduce(total.minorUnits) {
                    $0 - $1.amount.minorUnits
                }
                let half = try ReferenceRate.halfYear(of: one)
                let rate = rates.first { $0.startsOn == half }?.rate.basisPoints ?? 0
                slow += Int128(open) * Int128(rate + 800)
            }
            #expect(
                try owed.exact.equals(ExactNet(numerator: slow, denominator: 3_650_000)))
        }
    }
}
