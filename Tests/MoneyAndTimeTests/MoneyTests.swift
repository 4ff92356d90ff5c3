import MoneyAndTime
import Testing

@Suite struct MoneyTests {
    @Test(
        arguments: [
            ("0", 0, "0.00"), ("7", 700, "7.00"), ("12.3", 1_230, "12.30"),
            ("12.34", 1_234, "12.34"),
            ("-0.05", -5, "-0.05"), ("-0.00", 0, "0.00"), ("0.99", 99, "0.99"),
            ("92233720368547758.07", .max, "92233720368547758.07"),
            ("-92233720368547758.08", .min, "-92233720368547758.08"),
        ] as [(String, Int64, String)])
    func readsAndWritesDecimals(text: String, minorUnits: Int64, written: String) throws {
        let money = try Money(decimal: text)
        #expect(money.minorUnits == minorUnits)
        #expect(money.decimal == written)
        #expect(money.description == "\(written) EUR")
    }

    @Test(
        arguments: [
            ("", .notADecimal), ("-", .notADecimal), (".", .notADecimal), (".5", .notADecimal),
            ("5.", .notADecimal), ("+5", .notADecimal), ("05", .notADecimal), ("00", .notADecimal),
            ("1,50", .notADecimal), ("1.5.0", .notADecimal), ("1e2", .notADecimal),
            (" 1", .notADecimal), ("1 ", .notADecimal), ("--1", .notADecimal),
            ("1.-5", .notADecimal),
            ("NaN", .notADecimal), ("٣", .notADecimal), ("1.2\u{0301}", .notADecimal),
            ("1.234", .tooManyDecimals(allowed: 2)), ("1.000", .tooManyDecimals(allowed: 2)),
            ("92233720368547758.08", .outOfRange), ("-92233720368547758.09", .outOfRange),
            ("99999999999999999999999999", .outOfRange),
        ] as [(String, InvalidDecimal)])
    func refusesWhatIsNoAmount(text: String, error: InvalidDecimal) {
        #expect(throws: error) { try Money(decimal: text) }
    }

    @Test func decimalTextIsARoundTrip() throws {
        var random = SplitMix64(seed: 2)
        for _ in 0..<5_000 {
            let money = Money(minorUnits: random.edgy())
            #expect(try Money(decimal: money.decimal) == money)
            let price = try UnitPrice(tenThousandths: random.edgy() & .max)
            #expect(try UnitPrice(decimal: price.decimal) == price)
        }
    }

    @Test func sumsDoNotDependOnTheOrder() throws {
        var random = SplitMix64(seed: 3)
        for _ in 0..<500 {
            let amounts = (0..<Int.random(in: 0...9, using: &random)).map { _ in
                Money(minorUnits: random.edgy())
            }
            let exact = amounts.reduce(Int128(0)) { $0 + Int128($1.minorUnits) }
            let sum = try? Money.sum(of: amounts)
            #expect(sum?.minorUnits == Int64(exactly: exact))
            #expect((try? Money.sum(of: amounts.shuffled(using: &random))) == sum)
        }
        #expect(try Money.sum(of: []) == .zero)
    }

    @Test func additionAndSubtractionUndoEachOther() throws {
        var random = SplitMix64(seed: 4)
        for _ in 0..<2_000 {
            let (left, right) = (Money(minorUnits: random.edgy()), Money(minorUnits: random.edgy()))
            if let sum = try? left.adding(right) {
                #expect(try sum.subtracting(right) == left)
                #expect(try right.adding(left) == sum)
            }
            #expect((left < right) == (left.minorUnits < right.minorUnits))
        }
    }

    @Test(
        arguments: [
            ("2.4533", 24_533, "2.4533"), ("2.4", 24_000, "2.40"), ("2", 20_000, "2.00"),
            ("0.001", 10, "0.001"), ("0.0001", 1, "0.0001"), ("2.4500", 24_500, "2.45"),
            ("0", 0, "0.00"), ("922337203685477.5807", .max, "922337203685477.5807"),
        ] as [(String, Int64, String)])
    func pricesHaveTwoToFourDecimals(text: String, units: Int64, written: String) throws {
        let price = try UnitPrice(decimal: text)
        #expect(price.tenThousandths == units)
        #expect(price.decimal == written)
    }

    @Test func pricesRefuseWhatTheyCannotHold() {
        #expect(throws: InvalidDecimal.negative) { try UnitPrice(decimal: "-0.01") }
        #expect(throws: InvalidDecimal.negative) { try UnitPrice(tenThousandths: -1) }
        #expect(throws: InvalidDecimal.tooManyDecimals(allowed: 4)) {
            try UnitPrice(decimal: "1.00001")
        }
    }

    @Test func percentagesAreBasisPoints() throws {
        #expect(try Percentage(decimal: "25.5").basisPoints == 2_550)
        #expect(try Percentage(decimal: "25.50").decimal == "25.5")
        #expect(try Percentage(decimal: "14").decimal == "14")
        #expect(try Percentage(decimal: "0.05").decimal == "0.05")
        #expect(throws: InvalidDecimal.negative) { try Percentage(decimal: "-1") }
        #expect(throws: InvalidDecimal.outOfRange) { try Percentage(decimal: "1000.01") }
        #expect(throws: InvalidDecimal.tooManyDecimals(allowed: 2)) {
            try Percentage(decimal: "25.555")
        }
    }
}
