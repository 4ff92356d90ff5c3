import Billing
import MoneyAndTime
import Testing

@Suite struct AgeBucketTests {
    @Test(
        "how long something has been due, at the edges and over a leap day",
        arguments: [
            ("2027-03-31", "2027-03-30", .notDue), ("2027-03-31", "2027-03-31", .notDue),
            ("2027-03-31", "2027-04-01", .upTo30), ("2027-03-31", "2027-04-30", .upTo30),
            ("2027-03-31", "2027-05-01", .upTo60), ("2027-03-31", "2027-05-30", .upTo60),
            ("2027-03-31", "2027-05-31", .upTo90), ("2027-03-31", "2027-06-29", .upTo90),
            ("2027-03-31", "2027-06-30", .over90),
            ("2028-01-31", "2028-03-01", .upTo30), ("2027-01-31", "2027-03-02", .upTo30),
            ("2028-01-31", "2028-03-02", .upTo60),
        ] as [(String, String, AgeBucket)])
    func buckets(due: String, day: String, bucket: AgeBucket) throws {
        #expect(
            try AgeBucket(dueOn: CalendarDate(iso: due), on: CalendarDate(iso: day)) == bucket)
    }

    @Test func amountsAddUp() throws {
        var ageing = Ageing()
        for (cents, bucket) in [(100, AgeBucket.notDue), (-30, .over90), (7, .notDue)] {
            try ageing.add(Money(minorUnits: Int64(cents)), in: bucket)
        }
        #expect(ageing[.notDue].minorUnits == 107)
        #expect(ageing[.upTo30] == .zero)
        #expect(ageing.total.minorUnits == 77)
        #expect(throws: ArithmeticFailure.self) {
            try ageing.add(Money(minorUnits: .max), in: .upTo30)
        }
    }
}
