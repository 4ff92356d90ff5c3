import Billing
import MoneyAndTime
import Testing

@Suite struct ChargeTests {
    @Test(
        arguments: [
            (187 * 60, "2.4533", "458.77", "187"), (17 * 60, "2.4533", "41.71", "17"),
            (756, "2.40", "30.24", "12.6"), (3, "0.10", "0.01", "0.05"),
            (63, "1.00", "1.05", "1.05"),
            (0, "2.40", "0.00", "0"), (3, "0.0999", "0.00", "0.05"),
        ] as [(Int64, String, String, String)])
    func lineIsRoundedOnceHalfUp(
        seconds: Int64, price: String, net: String, minutes: String
    ) throws {
        let line = try Charge.Line(
            text: "Visit", quantity: BilledQuantity(seconds: seconds),
            price: UnitPrice(decimal: price))
        #expect(line.net.decimal == net)
        #expect(line.quantity.decimal == minutes)
    }

    @Test func secondsThatAreNoHundredthsOfAMinuteAreRefused() {
        #expect(throws: BillingRefusal.notExactMinutes) { try BilledQuantity(seconds: 61) }
        #expect(throws: BillingRefusal.negativeLine) { try BilledQuantity(seconds: -3) }
        #expect(throws: ArithmeticFailure.overflow) { try BilledQuantity(seconds: .max - 1) }
    }

    @Test func aShareHasItsOwnExactAmount() throws {
        // 33.33 % of 41.71 is 13.901943.
        let exact = try ExactNet(numerator: 4171 * 3333, denominator: 10_000)
        let line = try Charge.Line(
            text: "Late cancellation", quantity: .one, price: UnitPrice(decimal: "13.90"),
            exact: exact)
        #expect(line.net.decimal == "13.90")
        #expect(throws: BillingRefusal.lineDoesNotAddUp) {
            try Charge.Line(
                text: "Late cancellation", quantity: .one, price: UnitPrice(decimal: "13.91"),
                exact: exact)
        }
    }

    @Test func hugeNumbersAreErrors() throws {
        let price = try UnitPrice(tenThousandths: .max)
        #expect(throws: ArithmeticFailure.overflow) {
            try Charge.Line(
                text: "x", quantity: BilledQuantity(hundredths: .max, unit: .minute), price: price)
        }
        #expect(throws: ArithmeticFailure.divisionByZero) {
            try Charge.Line(text: "x", quantity: .one, price: price, baseQuantity: 0)
        }
        let most = try Charge.Line(
            text: "x", quantity: BilledQuantity(hundredths: 10_000, unit: .minute), price: price)
        #expect(throws: ArithmeticFailure.overflow) {
            try Example.charge(1, lines: [Charge.Line](repeating: most, count: 2))
        }
    }

    @Test func theSealedBytesAreThese() throws {
        let charge = try Example.charge(7, lines: [Example.line(minutes: 187)])
        let booking = try #require(charge.subject.booking)
        #expect(
            String(decoding: try charge.canonical(), as: UTF8.self)
                == #"{"billed_seconds":0,"booking":"\#(booking)","#
                + #""buyer":"\#(charge.buyer)","cause":"visit","#
                + #""contract":"\#(charge.contract)","currency":"EUR","id":"\#(charge.id)","#
                + #""lines":[{"base_quantity":1,"code":null,"denominator":"10000","#
                + #""kind":"visit","net":"458.77","#
                + #""numerator":"458767100","price":"2.4533","quantity":"187","#
                + #""rounding":"half_up","#
                + #""text":"Psychiatrist, remote visit","unit":"MIN"}],"net":"458.77","#
                + #""period":"2026-03","seconds_before":0,"seller":"\#(charge.seller)","#
                + #""served_on":"2026-03-10","service":"psychiatry","#
                + #""trace":["Psychiatrist, remote visit"],"version":1}"#)
    }

    @Test func exactSumsDoNotDependOnTheirOrder() throws {
        var random = SplitMix64(seed: 5)
        for _ in 0..<300 {
            let parts = try (0..<6).map { _ in
                try ExactNet(
                    numerator: .random(in: 0...1_000_000, using: &random),
                    denominator: [100, 10_000, 6_000_000].randomElement(using: &random) ?? 1)
            }
            let sum = try parts.reduce(ExactNet.zero) { try $0.adding($1) }
            let shuffled = try parts.shuffled(using: &random).reduce(ExactNet.zero) {
                try $0.adding($1)
            }
            #expect(try sum.equals(shuffled))
            #expect(try sum.rounded() == shuffled.rounded())
        }
    }
}
