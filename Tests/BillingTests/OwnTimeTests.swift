import Billing
import MoneyAndTime
import Testing

@Suite("What a visit took of its buyer's own")
struct OwnTimeTests {
    private func time(
        reserved: Int64 = 1_800, attended: Int64? = nil, alike: Int64 = 1, visits: Int64 = 1,
        at price: String = "0.75"
    ) throws -> OwnTime {
        OwnTime(
            reserved: reserved, attended: attended, alike: alike, visits: visits,
            minuteCost: try UnitPrice(decimal: price))
    }

    @Test func staffCostTheTimeThatTheyWereThereAndRoomsWhatWasKept() throws {
        #expect(try time(attended: 1_020).cost.decimal == "12.75")
        #expect(try time().cost.decimal == "22.50")
        // nobody was measured, and they were kept for it all the same
        #expect(try time(attended: 0).cost.decimal == "22.50")
        #expect(try time(attended: 0).seconds == 1_800)
        #expect(try time(attended: 1_020).seconds == 1_020)
    }

    @Test func whatIsSharedIsSharedOnceAndRoundedOnce() throws {
        // two nurses for 61 seconds together: 61 × 2.4533 ÷ 60 ÷ 2 is 1.2470942
        #expect(try time(attended: 61, alike: 2, at: "2.4533").cost.decimal == "1.25")
        // three places of a group session in one room: 60 × 1.00 ÷ 3
        #expect(try time(reserved: 3_600, alike: 2, visits: 3, at: "1.00").cost.decimal == "20.00")
        // 0.0050 is half a cent, and half goes up
        #expect(try time(reserved: 60, at: "0.0050").cost.decimal == "0.01")
        #expect(try time(reserved: 60, at: "0.0049").cost.decimal == "0.00")
    }

    @Test func theEdgesOfNumbersAreErrors() throws {
        #expect(throws: ArithmeticFailure.overflow) {
            try OwnTime(
                reserved: .max, attended: nil, alike: 1, visits: 1,
                minuteCost: UnitPrice(tenThousandths: .max)
            ).cost
        }
        #expect(throws: ArithmeticFailure.overflow) {
            try time(attended: 60, alike: .max, visits: .max).cost
        }
        #expect(throws: ArithmeticFailure.divisionByZero) { try time(visits: 0).cost }
    }
}
