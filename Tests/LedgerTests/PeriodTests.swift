import Ledger
import MoneyAndTime
import Testing

/// Which months can be closed, and where an entry counts whose month is closed.
@Suite struct PeriodTests {
    private func day(_ text: String?) throws -> CalendarDate? {
        try text.map { try CalendarDate(iso: $0) }
    }

    @Test(
        "what comes late counts from the first day that is open in both books",
        arguments: [
            (nil, nil, "2027-03-15", "2027-03-15", nil),
            ("2027-02-01", nil, "2027-03-15", "2027-03-15", nil),
            ("2027-03-01", nil, "2027-03-15", "2027-04-01", "2027-03-15"),
            (nil, "2027-03-01", "2027-03-31", "2027-04-01", "2027-03-31"),
            ("2027-01-01", "2027-03-01", "2027-01-02", "2027-04-01", "2027-01-02"),
            ("2027-03-01", "2027-03-01", "2027-04-01", "2027-04-01", nil),
            ("2027-12-01", nil, "2027-12-31", "2028-01-01", "2027-12-31"),
            ("2028-02-01", nil, "2028-02-29", "2028-03-01", "2028-02-29"),
        ] as [(String?, String?, String, String, String?)])
    func lateEntries(
        seller: String?, buyer: String?, about: String, counts: String, marked: String?
    ) throws {
        let open = try OpenPeriod(seller: day(seller), buyer: day(buyer))
        let place = try open.place(of: CalendarDate(iso: about))
        #expect(try place.effectiveOn == CalendarDate(iso: counts))
        #expect(try place.aboutOn == day(marked))
        #expect(place.isLate == (marked != nil))
    }

    @Test(
        "a month is closed when it is over, after those before it, once",
        arguments: [
            // closed last, first entry, the month, whether it is over
            (nil, nil, "2027-03-01", true, nil),
            (nil, nil, "2027-03-01", false, .notOver),
            (nil, "2027-03-09", "2027-03-01", true, nil),
            (nil, "2027-02-28", "2027-03-01", true, .earlierOpen),
            (nil, "2027-03-09", "2027-02-01", true, nil),
            ("2027-02-01", "2027-01-09", "2027-03-01", true, nil),
            ("2027-02-01", "2027-01-09", "2027-03-31", true, nil),
            ("2027-01-01", "2027-01-09", "2027-03-01", true, .earlierOpen),
            ("2027-03-01", "2027-01-09", "2027-03-01", true, .closed),
            ("2027-03-01", "2027-01-09", "2027-02-01", true, .closed),
            ("2027-12-01", "2027-01-09", "2028-01-01", true, nil),
            ("2027-12-01", "2027-01-09", "2028-01-01", false, .notOver),
        ] as [(String?, String?, String, Bool, MonthClosing.Refusal?)])
    func closing(
        last: String?, first: String?, month: String, isOver: Bool, refusal: MonthClosing.Refusal?
    ) throws {
        let closing = try MonthClosing(lastClosed: day(last), firstPosted: day(first))
        let found = #expect(throws: (any Error).self) {
            try closing.check(CalendarDate(iso: month), isOver: isOver)
            throw Passed()
        }
        #expect(found as? MonthClosing.Refusal == refusal)
    }

    private struct Passed: Error {}

    @Test func theNextMonthFollowsTheLastOne() throws {
        let today = try CalendarDate(iso: "2027-06-15")
        for (last, first, next) in [
            (nil, nil, "2027-06-01"), (nil, "2027-03-09", "2027-03-01"),
            ("2027-12-01", "2027-03-09", "2028-01-01"), ("2027-04-01", nil, "2027-05-01"),
        ] as [(String?, String?, String)] {
            let closing = try MonthClosing(lastClosed: day(last), firstPosted: day(first))
            #expect(try closing.next(today: today).iso == next)
        }
    }
}
