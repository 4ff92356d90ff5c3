import Billing
import MoneyAndTime
import Testing

@Suite struct OpenItemTests {
    @Test(
        arguments: [
            (
                "2026-04-17", 0,
                "EH-2026-000042: 575.76 of 575.76 EUR open, "
                    + "due 2026-05-01, in 14 days, nothing paid"
            ),
            (
                "2026-04-30", 7576,
                "EH-2026-000042: 500.00 of 575.76 EUR open, due 2026-05-01, in 1 day, 75.76 paid"
            ),
            (
                "2026-05-01", 0,
                "EH-2026-000042: 575.76 of 575.76 EUR open, due today, 2026-05-01, nothing paid"
            ),
            (
                "2026-05-11", 0,
                "EH-2026-000042: 575.76 of 575.76 EUR open, due 2026-05-01, 10 days overdue, "
                    + "nothing paid"
            ),
        ] as [(String, Int64, String)])
    func explains(today: String, settled: Int64, sentence: String) throws {
        let invoice = try Self.invoice()
        let item = try OpenItem(
            invoice,
            settlement: Settlement(total: invoice.total, settled: Money(minorUnits: settled)),
            on: CalendarDate(iso: today))
        #expect(item?.explanation == sentence)
    }

    @Test func namesThePaymentsThatWaitForIt() throws {
        let invoice = try Self.invoice()
        let item = try OpenItem(
            invoice, settlement: Settlement(total: invoice.total), on: invoice.dueOn,
            waiting: [
                "a": .currencyMismatch(invoice.id), "b": .wrongAccount(InvoiceID(bits: 9)),
                "c": .noReference,
            ])
        #expect(item?.waiting == ["a": .currencyMismatch(invoice.id)])
        #expect(item?.explanation.hasSuffix("; one payment waits to be looked at") == true)
    }

    @Test func aPaidInvoiceIsNoOpenItem() throws {
        let invoice = try Self.invoice()
        let settlement = try Settlement(total: invoice.total, settled: invoice.total)
        #expect(OpenItem(invoice, settlement: settlement, on: invoice.dueOn) == nil)
    }

    private static func invoice() throws -> Invoice {
        let charge = try Example.charge(1, lines: [Example.line(minutes: 187)])
        return try Example.invoice(lines: InvoiceLine.lines(for: [charge], vat: Example.taxed()))
    }
}
