import Billing
import Marketplace
import MoneyAndTime
import Storage
import StrictJSON
import TestMarket
import Testing

/// Reminders of invoices, against one who writes to the tables directly.
@Suite struct ReminderTableTests {
    @Test func remindersAreOfWhatIsOpenAndOverdue() async throws {
        try await TestMarket.withMarket { test in
            let contract = try await test.signedContract(
                seller: test.addOrganisation("One"), buyer: test.addOrganisation("Other"))
            let life = try await LifeOfAVisit(under: contract)
            try await life.cancelledLate("2027-03-08")
            try await test.clock.set(to: Instant(rfc3339: "2027-04-01T06:00:00Z"))
            let invoice = try await InvoiceID(typeID: life.invoiced()[0]["id"]?.text ?? "")
            try await test.clock.set(to: Instant(rfc3339: "2027-06-01T06:00:00Z"))
            let seller = contract.seller
            _ = try await test.market.remindOfInvoice(
                seller.finance.request("remindOfInvoice"), invoice)
            let replay = Replay(test: test, tables: ["invoice_reminder"])
            let cases: [(code: String?, change: String)] = [
                (nil, "select"),
                ("reminder_of_another_invoice", "update old_invoice_reminder set open = open - 1"),
                ("reminder_of_another_invoice", "update old_invoice_reminder set number = 2"),
                (
                    "reminder_not_due",
                    """
                    update old_invoice_reminder r set sent_on = i.due_on
                    from invoice i where i.id = r.invoice
                    """
                ),
            ]
            for (code, change) in cases {
                let refused = await replay.refusal([change], by: seller.id)
                #expect(refused == code, "\(change)")
            }
            #expect(await replay.refusal([], by: contract.buyer.id) == "not_your_side")
        }
    }
}
