import Ledger
import MoneyAndTime
import Postgres
import Storage
import StrictJSON
import TestMarket
import Testing

/// Payments that the bank takes back: in both books or not at all, once, and no more than went.
@Suite struct ReturnTests {
    /// An invoice of 54.00 that a payment settled.
    private struct Paid {
        let trade: SettlementTests.Trade
        let payment: BankEntryID
        let entry: JournalEntry

        var invoice: InvoiceID { trade.invoices[0] }
        var test: TestMarket { trade.test }

        /// It came with this much more.
        init(_ test: TestMarket, excess: Int64 = 0) async throws {
            trade = try await SettlementTests.Trade(test)
            let amount = try Money(decimal: "54.00")
            payment = try await trade.payment(Money(minorUnits: 5_400 + excess))
            let refusal = try await trade.refusal(
                trade.applied(payment, to: trade.invoices[0], amount))
            #expect(refusal == nil)
            let subject = EntrySubject.payment(trade.invoices[0], payment).text
            let id = try await test.owner.read(["select id from entry where subject = \(subject)"])
                .only()["id", EntryID.self]
            entry = try JournalEntry.payment(
                id: id, invoice: trade.invoices[0], bankEntry: payment, amount: amount,
                seller: trade.contract.seller.id, buyer: trade.contract.buyer.id,
                effectiveOn: CalendarDate(iso: "2027-05-03"))
        }

        func taking(by gone: BankEntryID, as entry: EntryID) -> Query {
            """
            insert into allocation_return (bank_entry, invoice, seller, buyer, returned_by, entry)
            values (\(payment), \(invoice), \(trade.contract.seller.id),
                \(trade.contract.buyer.id), \(gone), \(entry))
            """
        }

        func reversal(_ id: EntryID) throws -> Query {
            StoredEntry.post([
                try .reversal(id: id, of: entry, effectiveOn: CalendarDate(iso: "2027-05-04"))
            ])
        }

        func open() async throws -> String {
            let row = try await test.owner.read([
                "select open from invoice_balance where invoice = \(invoice)"
            ]).only()
            return try row["open", Money.self].decimal
        }
    }

    private func gone(_ amount: String, from trade: SettlementTests.Trade) async throws
        -> BankEntryID
    {
        try await trade.payment(Money(decimal: amount), direction: "debit")
    }

    @Test func theBooksAndTheInvoiceGoBackTogetherOnce() async throws {
        try await TestMarket.withMarket { test in
            let paid = try await Paid(test)
            let trade = paid.trade
            let back = try await gone("54.00", from: trade)
            let id: EntryID = newID()
            let alone = await trade.refusal([paid.taking(by: back, as: id)])
            #expect(alone == "return_not_posted")
            let posted = try await trade.refusal([paid.reversal(id)])
            #expect(posted == "payment_not_returned")
            #expect(try await paid.open() == "0.00")
            let both = try await trade.refusal([paid.taking(by: back, as: id), paid.reversal(id)])
            #expect(both == nil)
            #expect(try await paid.open() == "54.00")
            let again: EntryID = newID()
            let other = try await gone("54.00", from: trade)
            let twice = await trade.refusal([paid.taking(by: other, as: again)])
            #expect(twice == "23505")
            // the payment that went back pays nothing more; another one pays the invoice again
            let amount = try Money(decimal: "54.00")
            let used = try await trade.refusal(
                trade.applied(paid.payment, to: trade.invoices[1], amount))
            #expect(used == "bank_entry_used_up")
            let next = try await trade.refusal(
                trade.applied(trade.payment(amount), to: paid.invoice, amount))
            #expect(next == nil)
            #expect(try await paid.open() == "0.00")
            #expect(try await test.reader.read([BillingRecords.overSettled]).isEmpty)
        }
    }

    @Test func whatWasTooMuchOfAPaymentGoesBackWithIt() async throws {
        try await TestMarket.withMarket { test in
            let paid = try await Paid(test, excess: 600)
            let trade = paid.trade
            let back = try await gone("60.00", from: trade)
            let id: EntryID = newID()
            let both = try await trade.refusal([paid.taking(by: back, as: id), paid.reversal(id)])
            #expect(both == nil)
            let rest = try await trade.refusal(
                trade.applied(paid.payment, to: trade.invoices[1], Money(decimal: "6.00")))
            #expect(rest == "bank_entry_used_up")
        }
    }

    @Test func onlyMoneyThatWentTakesAPaymentBack() async throws {
        try await TestMarket.withMarket { test in
            let paid = try await Paid(test)
            let trade = paid.trade
            for (entry, expected) in [
                (try await trade.payment(Money(decimal: "54.00")), "return_of_another"),
                (try await gone("53.99", from: trade), "bank_entry_used_up"),
                (
                    try await trade.payment(
                        Money(decimal: "54.00"), direction: "debit", to: trade.contract.buyer),
                    // an entry of another's is none that the seller sees
                    "nothing_to_take_back"
                ),
            ] {
                let id: EntryID = newID()
                let code = try await trade.refusal([
                    paid.taking(by: entry, as: id), paid.reversal(id),
                ])
                #expect(code == expected)
            }
            #expect(try await paid.open() == "0.00")
        }
    }

    @Test func whatIsSetAsideIsForgottenAndPaysNothing() async throws {
        try await TestMarket.withMarket { test in
            let trade = try await SettlementTests.Trade(test)
            let amount = try Money(decimal: "54.00")
            let entry = try await trade.payment(amount)
            let seller = trade.contract.seller
            let words: Query = """
                insert into bank_entry_words (bank_entry, organisation, payer, message)
                values (\(entry), \(seller.id), 'Payer', 'Words')
                """
            let aside: Query = """
                insert into bank_entry_aside (bank_entry, organisation)
                values (\(entry), \(seller.id))
                """
            #expect(await trade.refusal([words, aside]) == nil)
            #expect(try await test.owner.read(["select from bank_entry_words"]).isEmpty)
            #expect(await trade.refusal([aside]) == "23505")
            let applied = try await trade.refusal(
                trade.applied(entry, to: trade.invoices[0], amount))
            #expect(applied == "bank_entry_used_up")
            let foreign = try await trade.payment(amount, to: trade.contract.buyer)
            let others = await trade.refusal([
                """
                insert into bank_entry_aside (bank_entry, organisation)
                values (\(foreign), \(seller.id))
                """
            ])
            #expect(others == "not_found")
        }
    }
}
