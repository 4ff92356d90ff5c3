import Billing
import MoneyAndTime
import Testing

@Suite struct RecordedInvoiceTests {
    private static func recorded(
        _ number: String, issued: String = "2027-04-02", due: String = "2027-05-02"
    ) throws -> RecordedInvoice {
        try RecordedInvoice(
            number: number, issuedOn: CalendarDate(iso: issued), dueOn: CalendarDate(iso: due),
            reference: ReferenceNumber("1232"), total: Money(decimal: "54.00"))
    }

    @Test(arguments: [
        "1", "2027/10442", "AK-2027-000001", "Lasku 7 Ä", String(repeating: "9", count: 50),
    ])
    func aNumberIsTheSellersOwn(_ number: String) throws {
        #expect(try Self.recorded(number).number == number)
    }

    @Test(arguments: [
        "", " ", " 1", "1 ", "1\n2", "1\u{7}", "\u{85}", String(repeating: "9", count: 51),
    ])
    func aNumberIsOneLine(_ number: String) {
        #expect(throws: BillingRefusal.numberMalformed(number)) { try Self.recorded(number) }
    }

    @Test func itIsNotDueBeforeItIsIssued() throws {
        #expect(throws: BillingRefusal.dueBeforeIssue) {
            try Self.recorded("1", issued: "2027-04-02", due: "2027-04-01")
        }
        #expect(try Self.recorded("1", due: "2027-04-02").dueOn.iso == "2027-04-02")
    }
}
