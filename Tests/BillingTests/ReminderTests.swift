import Billing
import MoneyAndTime
import Testing

@Suite struct ReminderTests {
    static let rows: [(String, ReminderFacts, ReminderFacts.Obstacle?)] = {
        func facts(
            _ open: Int64 = 100, netting: Bool = false, payment: Bool = false,
            waiting: Bool = false, last: String? = nil
        ) -> ReminderFacts {
            ReminderFacts(
                dueOn: day("2027-05-01"), open: Money(minorUnits: open), isInNetting: netting,
                isInPayment: payment, isPaymentWaiting: waiting, lastSentOn: last.map(day))
        }
        return [
            ("2027-05-01", facts(), .notOverdue), ("2027-05-02", facts(), nil),
            ("2027-05-02", facts(0), .nothingOpen),
            ("2027-05-02", facts(netting: true), .inNetting),
            ("2027-05-02", facts(payment: true), .inPayment),
            ("2027-05-02", facts(waiting: true), .paymentWaits),
            ("2027-05-02", facts(last: "2027-05-02"), .sentToday),
            ("2027-05-03", facts(last: "2027-05-02"), nil),
        ]
    }()

    private static func day(_ iso: String) -> CalendarDate {
        guard let day = try? CalendarDate(iso: iso) else { preconditionFailure(iso) }
        return day
    }

    @Test(arguments: rows)
    func obstacles(day: String, facts: ReminderFacts, obstacle: ReminderFacts.Obstacle?) throws {
        #expect(try facts.obstacle(on: CalendarDate(iso: day)) == obstacle)
    }
}
