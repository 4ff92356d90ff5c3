import MoneyAndTime
import Testing

@Suite struct RoundingTests {
    @Test(
        arguments: [
            (0, 1, 0), (1, 2, 1), (-1, 2, -1), (1, -2, -1), (-1, -2, 1), (5, 2, 3), (-5, 2, -3),
            (49, 100, 0), (50, 100, 1), (51, 100, 1), (-49, 100, 0), (-50, 100, -1), (149, 100, 1),
            (1, 3, 0), (2, 3, 1), (-2, 3, -1), (7, 7, 1),
        ] as [(Int128, Int128, Int64)])
    func halfGoesAwayFromZero(numerator: Int128, denominator: Int128, result: Int64) throws {
        #expect(try Rounding.halfUp.divide(numerator, by: denominator) == result)
    }

    /// The worked example of EN 16931 invoices: 187 minutes at 2.4533, with 25.5 % VAT.
    @Test func theWorkedInvoiceExample() throws {
        let price = try UnitPrice(decimal: "2.4533")
        let exact = Int128(187) * Int128(price.tenThousandths)
        let net = Money(minorUnits: try Rounding.halfUp.divide(exact, by: 100))
        #expect(net.decimal == "458.77")
        let vat = try Percentage(decimal: "25.5").of(net)
        #expect(vat.decimal == "116.99")
        #expect(try net.adding(vat).decimal == "575.76")
    }

    @Test func aDivisionByZeroIsAnError() {
        #expect(throws: ArithmeticFailure.divisionByZero) { try Rounding.halfUp.divide(1, by: 0) }
    }

    @Test func theWidestNumbersDoNotTrap() throws {
        #expect(try Rounding.halfUp.divide(.max, by: .max) == 1)
        #expect(try Rounding.halfUp.divide(.min, by: .min) == 1)
        #expect(try Rounding.halfUp.divide(.min, by: .max) == -1)
        #expect(try Rounding.halfUp.divide(.max / 2, by: .max) == 0)
        #expect(try Rounding.halfUp.divide(.max / 2 + 1, by: .max) == 1)
        let last = Int128(Int64.max) * 10
        #expect(try Rounding.halfUp.divide(last + 4, by: 10) == .max)
        #expect(throws: ArithmeticFailure.overflow) { try Rounding.halfUp.divide(last + 5, by: 10) }
    }

    /// The result is the whole number nearest to the quotient, ties away from zero.
    @Test func theResultIsNearest() throws {
        var random = SplitMix64(seed: 5)
        for _ in 0..<5_000 {
            let numerator = Int128(Int64.random(in: -1_000_000...1_000_000, using: &random))
            let denominator = Int128(Int64.random(in: 1...999, using: &random))
            let result = Int128(try Rounding.halfUp.divide(numerator, by: denominator))
            let distance = (numerator - result * denominator).magnitude * 2
            #expect(distance <= denominator.magnitude)
            if distance == denominator.magnitude {
                #expect((result * denominator).magnitude > numerator.magnitude)
            }
            let mirrored = try Rounding.halfUp.divide(-numerator, by: denominator)
            #expect(Int128(mirrored) == -result)
        }
    }
}
