import Billing
import Marketplace
import MoneyAndTime
import Storage
import StrictJSON
import TestMarket
import Testing

@Suite("A seller with its own invoicing")
struct OwnInvoicingTests {
    private static func life(_ test: TestMarket, taxed: Bool = false) async throws -> LifeOfAVisit {
        let contract = try await test.signedContract(
            seller: test.addOrganisation("Example Hospital"),
            buyer: test.addOrganisation("Example Health Centre"),
            changed: ["billing": LifeOfAVisit.invoicedBySeller(taxed: taxed)])
        return try await LifeOfAVisit(under: contract)
    }

    @Test("the basis goes out, the number comes back, and the payment settles it in both books")
    func whole() async throws {
        try await TestMarket.withMarket { test in
            let life = try await Self.life(test, taxed: true)
            try await life.held("2027-03-08", minutes: 30)
            try await life.cancelledLate("2027-03-09")
            try await test.clock.set(to: Instant(rfc3339: "2027-04-01T06:00:00Z"))
            let statement = try await life.accepted()
            let (seller, buyer) = (life.contract.seller.finance, life.contract.buyer.finance)
            let notHere = await refusal {
                _ = try await test.market.issueInvoice(
                    seller.request("issueInvoice"), of: statement)
            }
            #expect(notHere == .invoicedBySeller)

            for side in [seller, buyer] {
                let basis = try await test.market.invoiceBasis(
                    side.request("getInvoiceBasis"), of: statement
                ).body
                let part = basis["parts"]?[0]
                #expect(basis["parts"]?.elements?.count == 1)
                #expect(part?["net"] == "162.00" && part?["vat_amount"] == "41.31")
                #expect(part?["total"] == "203.31" && part?["cost_centre"] == "4410")
                #expect(part?["lines"]?.elements?.map { $0["net"] } == ["108.00", "54.00"])
            }
            let table = try await test.market.invoiceBasisTable(
                seller.request("getInvoiceBasisTable"), of: statement)
            let lines = String(decoding: table.bytes, as: UTF8.self).split(separator: "\r\n")
            #expect(lines.count == 3 && table.fileName == "invoice-basis-2027-03-1.csv")
            #expect(lines.last?.hasSuffix(",4410,HC-REMOTE-2027,,162.00,41.31,203.31") == true)

            let differs = await refusal { try await life.recorded(statement, total: "203.30") }
            #expect(differs == .totalDiffers)
            let invoice = try await life.recorded(
                statement, number: "2027/10442", reference: "2027104424", total: "203.31")
            let again = await refusal { try await life.recorded(statement, total: "203.31") }
            #expect(again == .alreadyInvoiced)
            let seen = try await test.market.invoice(buyer.request("getInvoice"), invoice).body
            #expect(seen["number"] == "2027/10442" && seen["recorded"] == true)
            #expect(seen["due_on"] == "2027-05-01" && seen["state"] == "issued")

            try await test.clock.set(to: Instant(rfc3339: "2027-04-13T06:00:00Z"))
            let above = await refusal { _ = try await life.reported(invoice, "203.32") }
            #expect(above == .aboveRemaining)
            let file = try await life.reported(invoice, "203.31").body
            #expect(file["entries"]?[0]?["fate"] == "matched")
            // the same again is the same payment
            let repeated = try await life.reported(invoice, "203.31").body
            #expect(repeated["id"] == file["id"])
            let paid = try await test.market.invoice(seller.request("getInvoice"), invoice).body
            #expect(paid["state"] == "paid" && paid["payments"]?.elements?.count == 1)
            try await Self.isInOrder(life)
        }
    }

    /// Verified, and nothing is left of what was owed.
    private static func isInOrder(_ life: LifeOfAVisit) async throws {
        let findings = try await Verification.run(on: life.test.reader)
        #expect(findings.isEmpty, "\(findings)")
        for side in [life.contract.seller, life.contract.buyer] {
            let balance = try await life.test.market.trialBalance(
                side.finance.request("getTrialBalance")
            ).body
            let left = (balance["accounts"]?.elements ?? []).filter {
                ["receivable", "payable", "unbilled_receivable", "unbilled_payable"]
                    .contains($0["code"]?.text) && $0["balance"] != "0.00"
            }
            #expect(left.isEmpty)
        }
    }

    @Test("a credit note of the own system comes back, and takes no more than what remains")
    func creditedThere() async throws {
        try await TestMarket.withMarket { test in
            let life = try await Self.life(test, taxed: true)
            try await life.cancelledLate("2027-03-09")
            try await test.clock.set(to: Instant(rfc3339: "2027-04-03T06:00:00Z"))
            // 54.00 and 13.77 of VAT
            let invoice = try await life.recorded(
                life.accepted(), issuedOn: "2027-04-03", dueOn: "2027-05-03", total: "67.77")
            try await test.clock.set(to: Instant(rfc3339: "2027-04-06T06:00:00Z"))
            let part = try RecordedCreditNote.Extent.net(Money(decimal: "10.00"))
            let refusals: [(RefusalCode, RecordedCreditNote.Extent, String, String)] = try [
                (.timeInTheFuture, part, "12.55", "2027-04-07"),
                (.datesNotAgreed, part, "12.55", "2027-04-02"),
                (.totalDiffers, part, "12.54", "2027-04-05"),
                (.aboveRemaining, .net(Money(decimal: "54.01")), "67.78", "2027-04-05"),
            ]
            for (code, extent, total, day) in refusals {
                let refused = await refusal {
                    try await life.creditRecorded(invoice, extent, total: total, on: day)
                }
                #expect(refused == code)
            }
            let note = try await life.creditRecorded(
                invoice, part, total: "12.55", on: "2027-04-05")
            #expect(note["number"] == "2027/C1" && note["recorded"] == true)
            #expect(note["net"] == "10.00" && note["lines"]?[0]?["net"] == "10.00")
            let twice = await refusal {
                try await life.creditRecorded(invoice, part, total: "12.55", on: "2027-04-05")
            }
            #expect(twice == .nameTaken)
            let document = await refusal {
                _ = try await test.market.creditNoteDocument(
                    life.contract.buyer.finance.request("getCreditNoteDocument"),
                    CreditNoteID(typeID: note["id"]?.text ?? ""))
            }
            #expect(document == .invoicedBySeller)
            _ = try await life.reported(invoice, "20.00", on: "2027-04-06")
            // all that remains: 44.00 and the rest of the VAT, of which 20.00 were paid
            try await life.creditRecorded(
                invoice, .all, total: "55.22", number: "2027/C2", on: "2027-04-06")
            let seen = try await test.market.invoice(
                life.contract.buyer.finance.request("getInvoice"), invoice
            ).body
            #expect(seen["state"] == "credited" && seen["owed_back"] == "20.00")
            #expect(seen["credit_notes"]?.elements?.map { $0["recorded"] } == [true, true])
            let findings = try await Verification.run(on: test.reader)
            #expect(findings.isEmpty, "\(findings)")
        }
    }

    @Test("a bank's file settles it; what the own system wrote is credited there")
    func byTheBank() async throws {
        try await TestMarket.withMarket { test in
            let life = try await Self.life(test)
            try await life.cancelledLate("2027-03-09")
            try await test.clock.set(to: Instant(rfc3339: "2027-04-01T06:00:00Z"))
            let invoice = try await life.recorded(life.accepted())
            let seller = life.contract.seller.finance
            let credit = await refusal {
                _ = try await test.market.creditInvoice(
                    seller.request("creditInvoice"), invoice, reason: "Another price.", parts: nil)
            }
            #expect(credit == .invoicedBySeller)
            for side in [seller, life.contract.buyer.finance] {
                let document = await refusal {
                    _ = try await test.market.invoiceDocument(
                        side.request("getInvoiceDocument"), invoice)
                }
                #expect(document == .invoicedBySeller)
            }
            _ = try await test.market.importBankFile(
                seller.request("importBankFile"), BankDay([("54.00", "1232")]).file())
            let paid = try await test.market.invoice(seller.request("getInvoice"), invoice).body
            #expect(paid["state"] == "paid")
            try await Self.isInOrder(life)
        }
    }

    @Test("money that was reported comes from the bank, too; a report that was wrong is taken back")
    func reportedAndSeen() async throws {
        try await TestMarket.withMarket { test in
            let life = try await Self.life(test)
            try await life.cancelledLate("2027-03-09")
            try await test.clock.set(to: Instant(rfc3339: "2027-04-01T06:00:00Z"))
            let invoice = try await life.recorded(life.accepted())
            try await test.clock.set(to: Instant(rfc3339: "2027-04-20T06:00:00Z"))
            let seller = life.contract.seller.finance
            func taken(_ amount: String, on day: String) async throws -> (JSON, BankEntryID) {
                var file = BankDay([(amount, "1232")])
                (file.id, file.day) = ("S\(day)", day)
                let entry = try await test.market.importBankFile(
                    seller.request("importBankFile"), file.file()
                ).body["entries"]?[0]
                return try (entry ?? .null, BankEntryID(typeID: entry?["id"]?.text ?? ""))
            }
            func backRefused(_ report: BankEntryID) async -> RefusalCode? {
                await refusal {
                    _ = try await test.market.takeBackReport(
                        seller.request("takeBackReport"), report)
                }
            }
            let report = try await BankEntryID(
                typeID: life.reported(invoice, "20.00").body["entries"]?[0]?["id"]?.text ?? "")
            let (entry, id) = try await taken("20.00", on: "2027-04-14")
            #expect(entry["fate"] == "waiting" && entry["reason"] == "reported_already")
            let seen = try await test.market.bankEntry(seller.request("getBankEntry"), id).body
            #expect(seen["suggestions"]?[0]?["report"]?["id"]?.text == "\(report)")
            let itself = await refusal {
                _ = try await test.market.applyBankEntry(
                    seller.request("applyBankEntry"), id, asReport: id)
            }
            #expect(itself == .reportDiffers)
            let same = try await test.market.applyBankEntry(
                seller.request("applyBankEntry"), id, asReport: report
            ).body
            #expect(same["fate"] == "matched" && same["report"]?.text == "\(report)")
            #expect(await backRefused(report) == .nothingToTakeBack)
            // nothing was posted, and the next one of the sum is another
            let (further, _) = try await taken("20.00", on: "2027-04-15")
            #expect(further["reason"] == "underpaid")

            let wrong = try await BankEntryID(
                typeID: life.reported(invoice, "14.00").body["entries"]?[0]?["id"]?.text ?? "")
            let back = try await test.market.takeBackReport(
                seller.request("takeBackReport"), wrong
            ).body
            #expect(back["reason"] == "report_taken_back")
            #expect(await backRefused(wrong) == .nothingToTakeBack)
            let open = try await test.market.invoice(seller.request("getInvoice"), invoice).body
            #expect(open["open"] == "14.00" && open["payments"]?.elements?.count == 2)
            _ = try await taken("14.00", on: "2027-04-16")
            try await Self.isInOrder(life)
        }
    }

    @Test("numbers and references are used once, and no day lies ahead")
    func onceAndInTime() async throws {
        try await TestMarket.withMarket { test in
            let life = try await Self.life(test)
            try await life.cancelledLate("2027-03-09")
            try await life.cancelledLate("2027-04-06")
            try await test.clock.set(to: Instant(rfc3339: "2027-05-03T06:00:00Z"))
            let (march, april) = try await (life.accepted(), life.accepted(of: "2027-04"))
            let ahead = await refusal {
                try await life.recorded(march, issuedOn: "2027-05-04", dueOn: "2027-06-04")
            }
            #expect(ahead == .timeInTheFuture)
            for (issued, due) in [("2027-05-02", "2027-06-02"), ("2027-05-03", "2027-06-01")] {
                let early = await refusal {
                    try await life.recorded(march, issuedOn: issued, dueOn: due)
                }
                #expect(early == .datesNotAgreed)
            }
            let invoice = try await life.recorded(
                march, issuedOn: "2027-05-03", dueOn: "2027-06-02")
            for (number, reference) in [("2027/1", "2027104424"), ("2027/2", "1232")] {
                let taken = await refusal {
                    try await life.recorded(
                        april, number: number, reference: reference, issuedOn: "2027-05-03",
                        dueOn: "2027-06-02")
                }
                #expect(taken == .nameTaken)
            }
            let late = await refusal {
                _ = try await life.reported(invoice, "1.00", on: "2027-05-04")
            }
            #expect(late == .timeInTheFuture)
            let other = try await test.signedContract(
                seller: life.contract.seller, buyer: life.contract.buyer)
            let here = LifeOfAVisit(under: other, sharing: life)
            try await here.cancelledLate("2027-05-10")
            try await test.clock.set(to: Instant(rfc3339: "2027-06-01T06:00:00Z"))
            let written = try await here.invoiced(of: "2027-05")[0]["id"]?.text ?? ""
            let byBank = await refusal {
                _ = try await life.reported(InvoiceID(typeID: written), "1.00", on: "2027-05-30")
            }
            #expect(byBank == .invoicedHere)
        }
    }
}
