import Billing
import Documents
import Marketplace
import MoneyAndTime
import StrictJSON
import TestMarket
import Testing

@Suite("Bank files: a batch of three references, a payment without one, a payment returned")
struct BankStoryTests {
    private let accepted: JSONObject = [
        "handshake": ["reply_within_minutes": 240, "accepted_in_advance": true]
    ]

    /// Invoices of March, April and May, each of one visit.
    private func invoices(_ story: Story) async throws -> [JSON] {
        var invoices: [JSON] = []
        for (day, month, after) in [
            ("2027-03-08", "2027-03", "2027-04-01T06:00:00Z"),
            ("2027-04-07", "2027-04", "2027-05-01T06:00:00Z"),
            ("2027-05-10", "2027-05", "2027-06-01T06:00:00Z"),
        ] {
            try await story.life.held(day, minutes: 30)
            try await story.at(after)
            invoices.append(try await story.life.invoiced(of: month)[0])
        }
        return invoices
    }

    private func take(_ story: Story, _ entries: [BankEntry], id: String) async throws -> JSON {
        let statement = try BankStatement(
            id: id, account: IBAN("FI2112345600000785"), opening: Money(decimal: "100.00"),
            on: CalendarDate(iso: "2027-06-02"), entries: entries)
        let bytes = try Camt053Writer(createdAt: Instant(rfc3339: "2027-06-02T18:00:00Z"))
            .write(BankFile(messageID: id, statements: [statement]))
        return try await story.market.importBankFile(
            story.seller.finance.request("importBankFile"), bytes
        ).body
    }

    private func entry(
        _ amount: String, _ details: [BankEntry.Detail], _ name: String,
        direction: BankTransaction.Direction = .credit, isReversal: Bool = false,
        batch: Int? = nil
    ) throws -> BankEntry {
        BankEntry(
            amount: try BankAmount(Money(decimal: amount)), direction: direction,
            isReversal: isReversal, bookedOn: try CalendarDate(iso: "2027-06-02"),
            servicerReference: name, batchCount: batch, details: details,
            information: batch == nil ? nil : "705 VIITESIIRROT")
    }

    @Test("One batch entry of three reference payments pays three invoices")
    func oneBatch() async throws {
        try await Story.tell(changed: accepted) { story in
            let invoices = try await invoices(story)
            let details = try invoices.map { invoice in
                BankEntry.Detail(
                    amount: try BankAmount(Money(decimal: invoice["total"]?.text ?? "")),
                    references: [try ReferenceNumber(invoice["reference"]?.text ?? "").rf],
                    counterpartyName: "Example Health Centre")
            }
            let batch = try entry("324.00", details, "BATCH", batch: 3)
            let file = try await take(story, [batch], id: "A")
            #expect(file["matched"] == ["count": 3, "amount": "324.00"])
            #expect(try await story.openAmounts(story.buyer)["invoices"] == [])
            // the same statement beside another, in another file
            #expect(try await take(story, [batch], id: "A")["id"] == file["id"])
        }
    }

    @Test("A payment without a reference waits, is suggested, and settles when a person says so")
    func withoutReference() async throws {
        try await Story.tell(changed: accepted) { story in
            let invoices = try await invoices(story)
            let file = try await take(
                story,
                [
                    try entry(
                        "216.00",
                        [
                            .init(
                                message: "March and April",
                                counterpartyName: "EXAMPLE HEALTH CENTRE")
                        ], "N1")
                ], id: "A")
            #expect(file["waiting"]?["count"] == 1)
            let id = try BankEntryID(typeID: file["entries"]?[0]?["id"]?.text ?? "")
            let seen = try await story.market.bankEntry(
                story.seller.finance.request("getBankEntry"), id
            ).body
            let best = seen["suggestions"]?[0]
            #expect(best?["reasons"] == ["amount_is_sum", "payer_is_buyer"])
            let parts = best?["allocations"]?.elements ?? []
            #expect(parts.map { $0["invoice"] } == invoices.prefix(2).map { $0["id"] })
            _ = try await story.market.applyBankEntry(
                story.seller.finance.request("applyBankEntry"), id,
                parts.map {
                    Allocation(
                        invoice: try InvoiceID(typeID: $0["invoice"]?.text ?? ""),
                        amount: try Money(decimal: $0["amount"]?.text ?? ""))
                })
            let open = try await story.openAmounts(story.buyer)
            #expect(open["invoices"]?.elements?.count == 1)
            #expect(open["explained"] == true)
        }
    }

    @Test("A payment that the bank takes back opens the invoice again, in both books")
    func returned() async throws {
        try await Story.tell(changed: accepted) { story in
            let invoices = try await invoices(story)
            let paid: [BankEntry.Detail] = [
                .init(endToEndID: "PAY-1", references: [invoices[0]["reference"]?.text ?? ""])
            ]
            _ = try await take(story, [try entry("108.00", paid, "N1")], id: "A")
            let invoice = try InvoiceID(typeID: invoices[0]["id"]?.text ?? "")
            func state() async throws -> JSON? {
                try await story.market.invoice(
                    story.buyer.finance.request("getInvoice"), invoice
                ).body["state"]
            }
            #expect(try await state() == "paid")
            let back = try entry(
                "108.00", [.init(endToEndID: "PAY-1")], "N2", direction: .debit, isReversal: true)
            _ = try await take(story, [back], id: "B")
            #expect(try await state() == "issued")
            #expect(try await story.openAmounts(story.seller)["explained"] == true)
            try await story.expectBooksAgree()
            // the buyer pays anew
            try await story.paid([("108.00", invoices[0]["reference"]?.text)], id: "C")
            #expect(try await state() == "paid")
        }
    }
}
