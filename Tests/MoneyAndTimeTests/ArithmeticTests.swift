import MoneyAndTime
import Testing

@Suite struct ArithmeticTests {
    @Test func checkedOperationsEqualExactOnesOrOverflow() {
        var random = SplitMix64(seed: 1)
        for _ in 0..<20_000 {
            let (left, right) = (random.edgy(), random.edgy())
            let (wideLeft, wideRight) = (Int128(left), Int128(right))
            #expect((try? left.adding(right)) == Int64(exactly: wideLeft + wideRight))
            #expect((try? left.subtracting(right)) == Int64(exactly: wideLeft - wideRight))
            #expect((try? left.multiplied(by: right)) == Int64(exactly: wideLeft * wideRight))
            #expect((try? left.negated()) == Int64(exactly: -wideLeft))
        }
    }

    @Test func everyOperationRefusesAtTheExtremes() throws {
        let largest = Money(minorUnits: .max)
        let smallest = Money(minorUnits: .min)
        let cent = Money(minorUnits: 1)
        let late = Instant(microseconds: .max)
        let early = Instant(microseconds: .min)
        let full = try Percentage(decimal: "100.01")
        let slot = try TimeSlot(start: early, end: late)
        let second = try Seconds(1)
        let refused: [(String, () throws -> Any)] = [
            ("add", { try Int64.max.adding(1) }),
            ("subtract", { try Int64.min.subtracting(1) }),
            ("multiply", { try Int64.min.multiplied(by: -1) }),
            ("negate", { try Int64.min.negated() }),
            ("money added", { try largest.adding(cent) }),
            ("money subtracted", { try smallest.subtracting(cent) }),
            ("money negated", { try smallest.negated() }),
            ("money summed", { try Money.sum(of: [largest, cent]) }),
            ("share", { try full.of(largest) }),
            ("negative share", { try full.of(smallest) }),
            ("seconds added", { try Seconds(.max).adding(second) }),
            ("seconds below zero", { try Seconds.zero.subtracting(second) }),
            ("instant later", { try late.adding(seconds: 1) }),
            ("instant earlier", { try early.adding(seconds: -1) }),
            ("instant by too much", { try Instant(microseconds: 0).adding(seconds: .max) }),
            ("instant from seconds", { try Instant(secondsSince1970: .min) }),
            ("seconds between", { try late.seconds(since: early) }),
            ("slot widened before", { try slot.widened(before: second, after: .zero) }),
            ("slot widened after", { try slot.widened(before: .zero, after: second) }),
            ("day after the last", { try CalendarDate(iso: "9999-12-31").adding(days: 1) }),
            ("day before the first", { try CalendarDate(iso: "0001-01-01").adding(days: -1) }),
            ("too many days", { try CalendarDate(iso: "2026-01-01").adding(days: .max) }),
            ("too many days back", { try CalendarDate(iso: "2026-01-01").adding(days: .min) }),
            ("month after the last", { try CalendarDate(iso: "9999-12-01").adding(months: 1) }),
            ("month before the first", { try CalendarDate(iso: "0001-01-31").adding(months: -1) }),
            ("too many months", { try CalendarDate(iso: "2026-01-01").adding(months: .max) }),
            ("too many months back", { try CalendarDate(iso: "0001-01-01").adding(months: .min) }),
            ("rounded too large", { try Rounding.halfUp.divide(Int128(Int64.max) * 2 + 1, by: 2) }),
            ("rounded widest", { try Rounding.halfUp.divide(.min, by: -1) }),
        ]
        for (name, operation) in refused {
            #expect(throws: ArithmeticFailure.overflow, "\(name)") { try operation() }
        }
    }

    @Test func lengthsAtTheExtremesAreExact() throws {
        let slot = try TimeSlot(
            start: Instant(microseconds: .min), end: Instant(microseconds: .max))
        #expect(slot.seconds == 18_446_744_073_709)
        #expect(Instant(microseconds: .min).secondsSince1970 == -9_223_372_036_855)
    }

    @Test func durationsAreBounded() throws {
        #expect(throws: InvalidDuration.negative) { try Seconds(-1) }
        #expect(throws: InvalidDuration.negative) { try Minutes(-1) }
        #expect(throws: InvalidDuration.tooLong) { try Minutes(Int64.max / 60 + 1) }
        #expect(try Minutes(Int64.max / 60).seconds.count == Int64.max / 60 * 60)
        #expect(try Minutes(17).seconds == Seconds(1_020))
        #expect(try Seconds(61).subtracting(Seconds(1)) == Minutes(1).seconds)
    }
}
