import Billing
import MoneyAndTime
import Testing

@Suite struct HandReturnTests {
    struct Row: CustomTestStringConvertible {
        let testDescription: String
        /// Of each payment in cents: as it came, what settles something, what is taken back.
        let payments: [(came: Int64, inForce: Int64, taken: [Int64])]
        let gone: Int64
        let fits: Bool
    }

    @Test(arguments: [
        Row(
            testDescription: "what settled", payments: [(5_400, 5_400, [5_400])], gone: 5_400,
            fits: true),
        Row(
            testDescription: "one part of two", payments: [(6_000, 6_000, [600])], gone: 600,
            fits: true),
        Row(
            testDescription: "with what was too much", payments: [(6_000, 5_400, [5_400])],
            gone: 6_000, fits: true),
        Row(
            testDescription: "less than came", payments: [(6_000, 5_400, [5_400])], gone: 5_999,
            fits: false),
        Row(
            testDescription: "a part of what settled", payments: [(6_000, 5_400, [5_000])],
            gone: 6_000, fits: false),
        Row(
            testDescription: "two whole payments",
            payments: [(6_000, 5_400, [5_000, 400]), (100, 100, [100])], gone: 6_100, fits: true),
        Row(testDescription: "nothing", payments: [], gone: 1, fits: false),
    ])
    func takesBackExactly(row: Row) throws {
        let returns = try row.payments.map {
            try HandReturn(
                amount: BankAmount(Money(minorUnits: $0.came)),
                inForce: Money(minorUnits: $0.inForce),
                parts: $0.taken.map { Money(minorUnits: $0) })
        }
        #expect(try HandReturn.fits(returns, Money(minorUnits: row.gone)) == row.fits)
    }
}
