import Contracts
import MoneyAndTime
import Testing

@Suite("When a notice ends a contract")
struct NoticePeriodTests {
    /// Helsinki's clocks go forward on 28 March 2027 and back on 31 October.
    @Test(arguments: [
        // the day of the notice is not counted
        ("2027-03-01T07:00:00Z", 30, "2027-03-31T21:00:00Z"),
        ("2027-03-01T07:00:00Z", 0, "2027-03-01T22:00:00Z"),
        // by the wall clock it is the second of March already
        ("2027-03-01T22:00:00Z", 0, "2027-03-02T22:00:00Z"),
        ("2027-03-01T21:59:59Z", 0, "2027-03-01T22:00:00Z"),
        // the last day is that of a change of the clocks: 23 hours, and 25
        ("2027-03-14T12:00:00Z", 14, "2027-03-28T21:00:00Z"),
        ("2027-03-27T12:00:00Z", 1, "2027-03-28T21:00:00Z"),
        ("2027-03-26T12:00:00Z", 1, "2027-03-27T22:00:00Z"),
        ("2027-10-30T12:00:00Z", 1, "2027-10-31T22:00:00Z"),
        ("2027-10-29T12:00:00Z", 1, "2027-10-30T21:00:00Z"),
        // given in the hour that comes twice
        ("2027-10-31T00:30:00Z", 1, "2027-11-01T22:00:00Z"),
        ("2027-10-31T01:30:00Z", 1, "2027-11-01T22:00:00Z"),
        // over a leap day
        ("2028-02-28T12:00:00Z", 1, "2028-02-29T22:00:00Z"),
        ("2027-12-31T12:00:00Z", 366, "2028-12-31T22:00:00Z"),
    ])
    func ends(given: String, days: Int64, expected: String) throws {
        let clock = try WallClock(zone: "Europe/Helsinki")
        let end = try NoticePeriod.end(
            givenAt: Instant(rfc3339: given), days: days, in: clock)
        #expect(end.rfc3339 == expected)
    }
}
