import Billing
import Documents
import Marketplace
import MoneyAndTime
import Postgres
import Storage
import StrictJSON
import TestMarket
import Testing

/// Payments of many invoices, payments that go back, and what people decide.
struct BankEntryTests {
    /// Three open invoices of 54.00 each, and those who trade.
    struct Trade {
        let life: LifeOfAVisit
        let invoices: [JSON]

        var test: TestMarket { life.test }
        var seller: TestOrganisation { life.contract.seller }

        init(_ test: TestMarket) async throws {
            life = try await LifeOfAVisit(
                under: test.signedContract(
                    seller: test.addOrganisation("Seller"), buyer: test.addOrganisation("Buyer")))
            var invoices: [JSON] = []
            for (day, month, end) in [
                ("2027-03-08", "2027-03", "2027-03-31T21:00:00Z"),
                ("2027-04-08", "2027-04", "2027-04-30T21:00:00Z"),
                ("2027-05-06", "2027-05", "2027-05-31T21:00:00Z"),
            ] {
                try await life.cancelledLate(day)
                try await test.clock.set(to: Instant(rfc3339: end))
                invoices.append(try await life.invoiced(of: month)[0])
            }
            self.invoices = invoices
        }

        var references: [String] { invoices.compactMap { $0["reference"]?.text } }
        func id(_ index: Int) throws -> InvoiceID {
            try InvoiceID(typeID: invoices[index]["id"]?.text ?? "")
        }

        func take(_ entries: [BankEntry], id: String = "S1") async throws -> JSON {
            let statement = try BankStatement(
                id: id, account: IBAN("FI2112345600000785"), opening: Money(decimal: "100.00"),
                on: CalendarDate(iso: "2027-06-01"), entries: entries)
            let bytes = try Camt053Writer(createdAt: Instant(rfc3339: "2027-06-01T18:00:00Z"))
                .write(BankFile(messageID: id, statements: [statement]))
            return try await test.market.importBankFile(
                seller.finance.request("importBankFile"), bytes
            ).body
        }

        func states() async throws -> [String] {
            var states: [String] = []
            for index in invoices.indices {
                let invoice = try await test.market.invoice(
                    seller.finance.request("getInvoice"), id(index))
                states.append(invoice.body["state"]?.text ?? "")
            }
            return states
        }

        func entry(_ file: JSON, _ index: Int = 0) throws -> BankEntryID {
            try BankEntryID(typeID: file["entries"]?[index]?["id"]?.text ?? "")
        }

        func apply(_ entry: BankEntryID, _ parts: [(Int, String)]) async throws -> JSON {
            try await test.market.applyBankEntry(
                seller.finance.request("applyBankEntry"), entry,
                parts.map { Allocation(invoice: try id($0.0), amount: try Money(decimal: $0.1)) }
            ).body
        }

        func seen(_ entry: BankEntryID) async throws -> JSON {
            try await test.market.bankEntry(seller.finance.request("getBankEntry"), entry).body
        }

        /// The books are right and explain what is open.
        func isSound() async throws -> Bool {
            let open = try await test.market.listOpenAmounts(
                seller.finance.request("listOpenAmounts"))
            let faults = try await Verification.run(on: test.reader)
            #expect(faults.isEmpty, "\(faults)")
            return open.body["explained"] == true
        }
    }

    static func entry(
        _ amount: String, _ details: [BankEntry.Detail], _ name: String = "N1",
        direction: BankTransaction.Direction = .credit, isReversal: Bool = false,
        batch: Int? = nil
    ) throws -> BankEntry {
        BankEntry(
            amount: try BankAmount(Money(decimal: amount)), direction: direction,
            isReversal: isReversal, bookedOn: try CalendarDate(iso: "2027-06-01"),
            servicerReference: name, batchCount: batch, details: details)
    }

    @Test func onePaymentOfManyInvoices() async throws {
        try await TestMarket.withMarket { test in
            let trade = try await Trade(test)
            let file = try await trade.take([
                try Self.entry("162.00", [.init(references: trade.references)])
            ])
            #expect(file["matched"] == ["count": 1, "amount": "162.00"])
            #expect(file["entries"]?[0]?["allocated"] == "162.00")
            #expect(try await trade.states() == ["paid", "paid", "paid"])
            #expect(try await trade.isSound())
        }
    }

    @Test func aPaymentThatGoesBackOpensItsInvoicesAgain() async throws {
        try await TestMarket.withMarket { test in
            let trade = try await Trade(test)
            let paid: [BankEntry.Detail] = [
                .init(endToEndID: "E1", references: Array(trade.references.prefix(2)))
            ]
            _ = try await trade.take([try Self.entry("108.00", paid)])
            #expect(try await trade.states() == ["paid", "paid", "issued"])
            let back = try Self.entry(
                "108.00", [.init(endToEndID: "E1")], "N2", direction: .debit, isReversal: true)
            let file = try await trade.take([back], id: "S2")
            #expect(file["entries"]?[0]?["fate"] == "matched")
            #expect(try await trade.states() == ["issued", "issued", "issued"])
            #expect(try await trade.isSound())
            let entries = try await test.market.listBankEntries(
                trade.seller.finance.request("listBankEntries"), fate: nil,
                page: Page(after: nil, limit: 10))
            #expect(entries.body["items"]?[0]?["reason"] == "returned")
            // paid and taken back within one file, and paid for good
            let once: [BankEntry.Detail] = [.init(references: [trade.references[2]])]
            _ = try await trade.take(
                [
                    try Self.entry("54.00", once, "N3"),
                    try Self.entry("54.00", once, "N4", direction: .debit, isReversal: true),
                    try Self.entry("54.00", once, "N5"),
                ], id: "S3")
            #expect(try await trade.states() == ["issued", "issued", "paid"])
            #expect(try await trade.isSound())
        }
    }

    /// The same statement in a second file: nothing of it is counted again.
    @Test func aStatementOfTwoFilesIsTakenOnce() async throws {
        try await TestMarket.withMarket { test in
            let trade = try await Trade(test)
            let iban = try IBAN("FI2112345600000785")
            func statement(_ id: String, _ entries: [BankEntry]) throws -> BankStatement {
                try BankStatement(
                    id: id, account: iban, opening: Money(decimal: "100.00"),
                    on: CalendarDate(iso: "2027-06-01"), entries: entries)
            }
            let first = try statement(
                "A",
                [
                    try Self.entry("54.00", [.init(references: [trade.references[0]])]),
                    try Self.entry("5.00", [], "N2", direction: .debit),
                ])
            let second = try statement(
                "B", [try Self.entry("54.00", [.init(references: [trade.references[1]])], "N3")])
            func take(_ id: String, _ statements: [BankStatement]) async throws -> JSON {
                let bytes = try Camt053Writer(createdAt: Instant(rfc3339: "2027-06-01T18:00:00Z"))
                    .write(BankFile(messageID: id, statements: statements))
                return try await test.market.importBankFile(
                    trade.seller.finance.request("importBankFile"), bytes
                ).body
            }
            let alone = try await take("M1", [first])
            #expect(alone["others"] == ["count": 1, "amount": "5.00"])
            let both = try await take("M2", [first, second, second])
            #expect(both["others"] == ["count": 0, "amount": "0.00"])
            #expect(both["repeated"] == 3)
            #expect(both["matched"] == ["count": 1, "amount": "54.00"])
            let repeated = both["statements"]?.elements?.map { $0["repeated"]?.flag }
            #expect(repeated == [true, false, true])
            #expect(try await trade.states() == ["paid", "paid", "issued"])
        }
    }

    @Test func aPersonConfirmsWhatIsSuggested() async throws {
        try await TestMarket.withMarket { test in
            let trade = try await Trade(test)
            let number = trade.invoices[1]["number"]?.text ?? ""
            let file = try await trade.take([
                try Self.entry(
                    "60.00", [.init(message: "invoice \(number)", counterpartyName: "Buyer")])
            ])
            let entry = try trade.entry(file)
            let waiting = try await trade.seen(entry)
            #expect(waiting["fate"] == "waiting")
            let best = waiting["suggestions"]?[0]
            #expect(best?["allocations"]?[0]?["invoice"] == trade.invoices[1]["id"])
            #expect(best?["allocations"]?[0]?["amount"] == "54.00")
            #expect(best?["reasons"]?[0] == "text_names_number")
            // nothing happened by itself
            #expect(try await trade.states() == ["issued", "issued", "issued"])
            let applied = try await trade.apply(entry, [(1, "54.00")])
            #expect(applied["fate"] == "partly_matched")
            #expect(applied["reason"] == "overpaid")
            #expect(applied["left"] == "6.00")
            let rest = try await trade.apply(entry, [(0, "6.00")])
            #expect(rest["fate"] == "matched")
            #expect(rest["suggestions"] == [])
            #expect(try await trade.states() == ["partly_paid", "paid", "issued"])
            #expect(try await trade.isSound())
            let more = await refusal { _ = try await trade.apply(entry, [(2, "0.01")]) }
            #expect(more == .bankEntryUsedUp)
        }
    }

    @Test func byHandNothingGoesBeyondEitherSide() async throws {
        try await TestMarket.withMarket { test in
            let trade = try await Trade(test)
            let file = try await trade.take([
                try Self.entry("100.00", []), try Self.entry("7.00", [], "N2"),
            ])
            let (large, small) = (try trade.entry(file, 0), try trade.entry(file, 1))
            let above = await refusal { _ = try await trade.apply(large, [(0, "54.01")]) }
            #expect(above == .settledAboveInvoiced)
            let beyond = await refusal { _ = try await trade.apply(small, [(0, "7.01")]) }
            #expect(beyond == .bankEntryUsedUp)
            let unknown = await refusal {
                _ = try await test.market.applyBankEntry(
                    trade.seller.finance.request("applyBankEntry"), large,
                    [Allocation(invoice: InvoiceID(bits: 7), amount: Money(decimal: "1.00"))])
            }
            #expect(unknown == .notFound)
            // set aside: its words are gone, its sum is counted, and it pays nothing
            let aside = try await test.market.setBankEntryAside(
                trade.seller.finance.request("setBankEntryAside"), small)
            #expect(aside.body["fate"] == "not_ours")
            #expect(aside.body["payer"] == .null)
            let counted = try await test.market.bankFile(
                trade.seller.finance.request("getBankFile"),
                BankFileID(typeID: file["id"]?.text ?? ""))
            #expect(counted.body["others"] == ["count": 1, "amount": "7.00"])
            #expect(counted.body["waiting"] == ["count": 1, "amount": "100.00"])
            let late = await refusal { _ = try await trade.apply(small, [(0, "7.00")]) }
            #expect(late == .bankEntryUsedUp)
            let twice = await refusal {
                _ = try await test.market.setBankEntryAside(
                    trade.seller.finance.request("setBankEntryAside"), small)
            }
            #expect(twice == .bankEntryUsedUp)
        }
    }

    @Test func byHandMoneyThatWentTakesBackExactlyWhatSettled() async throws {
        try await TestMarket.withMarket { test in
            let trade = try await Trade(test)
            let paid: [BankEntry.Detail] = [.init(references: [trade.references[0]])]
            let file = try await trade.take([
                try Self.entry("54.00", paid),
                try Self.entry("54.00", [], "N2", direction: .debit, isReversal: true),
            ])
            let gone = try trade.entry(file, 1)
            let waiting = try await trade.seen(gone)
            #expect(waiting["reason"] == "reversal")
            #expect(waiting["suggestions"]?[0]?["reasons"] == ["amount_is_paid"])
            let other = await refusal { _ = try await trade.apply(gone, [(1, "54.00")]) }
            #expect(other == .nothingToTakeBack)
            let part = await refusal { _ = try await trade.apply(gone, [(0, "20.00")]) }
            #expect(part == .nothingToTakeBack)
            let taken = try await trade.apply(gone, [(0, "54.00")])
            #expect(taken["fate"] == "matched")
            #expect(try await trade.states() == ["issued", "issued", "issued"])
            #expect(try await trade.isSound())
        }
    }

    /// The bank takes back a payment of more than was open: what it settled is open again, and what
    /// was too much of it is gone, too.
    @Test func anOverpaymentIsTakenBackWhole() async throws {
        try await TestMarket.withMarket { test in
            let trade = try await Trade(test)
            let paid: [BankEntry.Detail] = [.init(references: [trade.references[0]])]
            let file = try await trade.take([
                try Self.entry("60.00", paid),
                try Self.entry("60.00", [], "N2", direction: .debit, isReversal: true),
                try Self.entry("59.99", [], "N3", direction: .debit, isReversal: true),
            ])
            let (came, gone) = (try trade.entry(file, 0), try trade.entry(file, 1))
            #expect(try await trade.seen(came)["left"] == "6.00")
            let less = await refusal {
                _ = try await trade.apply(trade.entry(file, 2), [(0, "54.00")])
            }
            #expect(less == .nothingToTakeBack)
            let best = try await trade.seen(gone)["suggestions"]?[0]
            #expect(best?["allocations"]?[0]?["amount"] == "54.00")
            let taken = try await trade.apply(gone, [(0, "54.00")])
            #expect(taken["fate"] == "matched")
            #expect(try await trade.seen(came)["reason"] == "returned")
            let rest = await refusal { _ = try await trade.apply(came, [(1, "6.00")]) }
            #expect(rest == .bankEntryUsedUp)
            #expect(try await trade.states() == ["issued", "issued", "issued"])
            #expect(try await trade.isSound())
        }
    }

    /// Under the key of an import nothing is kept but which file it was.
    @Test func whatIsSetAsideIsNotInAKeptAnswer() async throws {
        try await TestMarket.withMarket { test in
            let trade = try await Trade(test)
            let statement = try BankStatement(
                id: "S1", account: IBAN("FI2112345600000785"), opening: Money(decimal: "100.00"),
                on: CalendarDate(iso: "2027-06-01"),
                entries: [
                    try Self.entry(
                        "7.00", [.init(message: "Rent of May", counterpartyName: "Tenant")])
                ])
            let bytes = try Camt053Writer(createdAt: Instant(rfc3339: "2027-06-01T18:00:00Z"))
                .write(BankFile(messageID: "M1", statements: [statement]))
            func take() async throws -> Answer {
                try await test.market.importBankFile(
                    trade.seller.finance.request("importBankFile", key: "import", body: "M1"),
                    bytes)
            }
            let first = try await take()
            #expect(first.body["entries"]?[0]?["payer"] == "Tenant")
            let again = try await take()
            #expect(again.body == first.body)
            #expect(again.location == first.location)
            _ = try await test.market.setBankEntryAside(
                trade.seller.finance.request("setBankEntryAside"), trade.entry(first.body))
            let kept = try await test.owner.read([
                "select answer from idempotency where operation = 'importBankFile'"
            ]).map { try $0["answer", String.self] }
            #expect(kept.count == 1)
            #expect(kept.allSatisfy { !$0.contains("Tenant") && $0.utf8.count < 100 })
            let late = try await take().body
            #expect(late["entries"]?[0]?["payer"] == .null)
            #expect(late["others"] == ["count": 1, "amount": "7.00"])
        }
    }
}
