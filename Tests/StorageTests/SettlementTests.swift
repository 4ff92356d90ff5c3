import Ledger
import MoneyAndTime
import Postgres
import Storage
import StrictJSON
import TestMarket
import Testing

/// Invariant 24: settled is never above invoiced, and no payment is applied twice.
@Suite struct SettlementTests {
    /// Two invoices of 54.00 each.
    struct Trade {
        let life: LifeOfAVisit
        let invoices: [InvoiceID]

        var test: TestMarket { life.test }
        var contract: TestContract { life.contract }

        init(_ test: TestMarket) async throws {
            life = try await LifeOfAVisit(
                under: test.signedContract(
                    seller: test.addOrganisation("Seller"), buyer: test.addOrganisation("Buyer")))
            var invoices: [InvoiceID] = []
            for (day, month, end) in [
                ("2027-03-08", "2027-03", "2027-03-31T21:00:00Z"),
                ("2027-04-08", "2027-04", "2027-04-30T21:00:00Z"),
            ] {
                try await life.cancelledLate(day)
                try await test.clock.set(to: Instant(rfc3339: end))
                let issued = try await life.invoiced(of: month)
                invoices.append(try InvoiceID(typeID: issued[0]["id"]?.text ?? ""))
            }
            self.invoices = invoices
        }

        /// A payment on an organisation's account, as a bank file brings it.
        func payment(
            _ amount: Money, direction: String = "credit", currency: String = "EUR",
            to payee: TestOrganisation? = nil
        ) async throws -> BankEntryID {
            let (file, entry): (BankFileID, BankEntryID) = (newID(), newID())
            let payee = payee ?? contract.seller
            try await test.asked(
                by: payee.finance,
                """
                insert into bank_file (id, organisation, digest, content, repeated_count,
                    not_booked_count, others_count, others_sum, balances_agree)
                values (\(file), \(payee.id), sha256(uuid_send(\(file))),
                    sha256(uuid_send(\(file))), 0, 0, 0, 0, true)
                """,
                """
                insert into bank_entry (id, organisation, file, number, iban, bank_key, direction,
                    hundred_thousandths, currency, fate, reason)
                values (\(entry), \(payee.id), \(file), 1, 'FI2112345600000785',
                    \(entry)::uuid::text, \(direction), \(amount.minorUnits * 1_000), \(currency),
                    'waiting', 'test')
                """)
            return entry
        }

        /// What is applied, and its posting in both books unless it is to be another or none.
        func applied(
            _ entry: BankEntryID, to invoice: InvoiceID, _ amount: Money, posting: Money? = nil,
            isPosted: Bool = true
        ) throws -> [Query] {
            let subject = EntrySubject.payment(invoice, entry).text
            let allocation: Query = """
                insert into allocation (bank_entry, invoice, seller, buyer, amount, subject)
                values (\(entry), \(invoice), \(contract.seller.id), \(contract.buyer.id),
                    \(amount), \(subject))
                """
            guard isPosted else { return [allocation] }
            let entry = try JournalEntry.payment(
                id: newID(), invoice: invoice, bankEntry: entry, amount: posting ?? amount,
                seller: contract.seller.id, buyer: contract.buyer.id,
                effectiveOn: CalendarDate(iso: "2027-05-03"))
            return [allocation, StoredEntry.post([entry])]
        }

        func refusal(_ queries: [Query]) async -> String? {
            await refused {
                try await test.app.write(Segment([contract.seller.finance.entering()] + queries))
            }
        }
    }

    private func euros(_ text: String) throws -> Money { try Money(decimal: text) }

    @Test func nothingIsSettledBeyondEitherSide() async throws {
        try await TestMarket.withMarket { test in
            let trade = try await Trade(test)
            let (first, second) = (trade.invoices[0], trade.invoices[1])
            let large = try await trade.payment(euros("100.00"))
            let above = try await trade.refusal(trade.applied(large, to: first, euros("54.01")))
            #expect(above == "settled_above_invoiced")
            let none = try await trade.refusal(
                trade.applied(large, to: first, euros("0.00"), isPosted: false))
            #expect(none == "23514")
            let part = try await trade.refusal(trade.applied(large, to: first, euros("50.00")))
            #expect(part == nil)
            let twice = try await trade.refusal(trade.applied(large, to: first, euros("1.00")))
            #expect(twice == "23505")
            let rest = try await trade.refusal(trade.applied(large, to: second, euros("50.01")))
            #expect(rest == "bank_entry_used_up")
            let exact = try await trade.refusal(trade.applied(large, to: second, euros("50.00")))
            #expect(exact == nil)
            let next = try await trade.payment(euros("54.00"))
            let over = try await trade.refusal(trade.applied(next, to: first, euros("4.01")))
            #expect(over == "settled_above_invoiced")
            let end = try await trade.refusal(trade.applied(next, to: first, euros("4.00")))
            #expect(end == nil)
            let open = try await test.owner.read([
                "select open, state from invoice_balance order by open"
            ])
            #expect(try open.map { try $0["open", Money.self].decimal } == ["0.00", "4.00"])
            #expect(try open.map { try $0["state", String.self] } == ["paid", "partly_paid"])
        }
    }

    @Test func onlyMoneyToTheSellerSettles() async throws {
        try await TestMarket.withMarket { test in
            let trade = try await Trade(test)
            let (invoice, amount) = (trade.invoices[0], try euros("54.00"))
            let sent = try await trade.payment(amount, direction: "debit")
            let dollars = try await trade.payment(amount, currency: "USD")
            for payment in [sent, dollars] {
                let code = try await trade.refusal(trade.applied(payment, to: invoice, amount))
                #expect(code == "bank_entry_used_up")
            }
            let foreign = try await trade.payment(amount, to: trade.contract.buyer)
            let code = try await trade.refusal(trade.applied(foreign, to: invoice, amount))
            #expect(code == "allocation_between_strangers")
        }
    }

    @Test func whatIsSettledIsPosted() async throws {
        try await TestMarket.withMarket { test in
            let trade = try await Trade(test)
            let (invoice, amount) = (trade.invoices[0], try euros("54.00"))
            let payment = try await trade.payment(amount)
            let unposted = try await trade.refusal(
                trade.applied(payment, to: invoice, amount, isPosted: false))
            #expect(unposted == "allocation_not_posted")
            let less = try await trade.refusal(
                trade.applied(payment, to: invoice, amount, posting: euros("53.99")))
            #expect(less == "entry_without_cause")
            #expect(try await test.owner.read(["select from allocation"]).isEmpty)
        }
    }

    /// One payment for two invoices, and two payments for one: the second waits for the first.
    @Test(arguments: [true, false]) func twoAtOnceWaitForEachOther(_ onePayment: Bool) async throws
    {
        try await TestMarket.withMarket { test in
            let trade = try await Trade(test)
            let amount = try euros("54.00")
            let payments = [try await trade.payment(amount), try await trade.payment(amount)]
            let first = try trade.applied(payments[0], to: trade.invoices[0], amount)
            let second = try trade.applied(
                payments[onePayment ? 0 : 1], to: trade.invoices[onePayment ? 1 : 0], amount)
            let waiting = try await test.app.pool.transaction { transaction in
                try await transaction.query(trade.contract.seller.finance.entering())
                try await transaction.each(first)
                let waiting = Task { await trade.refusal(second) }
                try await test.someoneToWait()
                return waiting
            }
            let expected = onePayment ? "bank_entry_used_up" : "settled_above_invoiced"
            #expect(await waiting.value == expected)
        }
    }
}
