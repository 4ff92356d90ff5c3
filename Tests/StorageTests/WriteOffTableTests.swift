import Billing
import Marketplace
import MoneyAndTime
import Postgres
import Storage
import StrictJSON
import TestMarket
import Testing

/// Invariants 20 and 24 of what is given up, against one who writes to the tables directly.
@Suite struct WriteOffTableTests {
    @Test func itIsTheSellersPostedAndWithinWhatIsOpen() async throws {
        try await TestMarket.withMarket { test in
            let trade = try await SettlementTests.Trade(test)
            let (seller, buyer) = (trade.contract.seller, trade.contract.buyer)
            let paid = try await trade.payment(Money(decimal: "50.00"))
            let refusal = try await trade.refusal(
                trade.applied(paid, to: trade.invoices[0], Money(decimal: "50.00")))
            #expect(refusal == nil)
            _ = try await test.market.writeOffInvoice(
                seller.finance.request("writeOffInvoice"), trade.invoices[0],
                amount: Money(decimal: "1.00"), reason: "Not worth it.")
            let replay = Replay(test: test, tables: ["write_off"])
            let cases: [(String?, [String])] = [
                (nil, []),
                // 4.00 is open without it, and it is posted at 1.00
                ("above_remaining", ["update old_write_off set amount = 401"]),
                ("write_off_not_posted", ["update old_write_off set amount = 399"]),
                ("write_off_not_posted", ["update old_write_off set subject = 'another'"]),
                ("23514", ["update old_write_off set amount = 0"]),
                ("23514", ["update old_write_off set reason = ''"]),
            ]
            for (expected, changes) in cases {
                let code = await replay.refusal(changes, by: seller.id)
                #expect(code == expected, "\(changes)")
            }
            #expect(await replay.refusal([], by: buyer.id) == "not_your_side")
            let swapped = await replay.refusal(
                ["update old_write_off set seller = buyer, buyer = seller"], by: buyer.id)
            #expect(swapped == "write_off_of_another_invoice")

            // a credit note of all that cuts nothing would be owed to nobody
            let note: Query = """
                insert into credit_note (id, year, issuer_number, number, invoice, contract,
                    seller, buyer, issued_on, reason, net, vat, total, subject, document)
                select uuid_v7(), 2027, 1, 'AKC-2027-000001', id, contract, seller, buyer,
                    '2027-05-03', 'All of it', net, vat, total, 'x', '' from invoice
                where id = \(trade.invoices[0])
                """
            #expect(await trade.refusal([note]) == "write_off_not_cut")
            for change: Query in ["update write_off set amount = 2", "delete from write_off"] {
                #expect(await refused { try await test.owner.write([change]) } == "append_only")
            }
            #expect(try await Verification.run(on: test.reader) == [])
            // and `verify` knows it
            try await test.withoutTriggers("update write_off set amount = amount + 1")
            let words = try await Verification.run(on: test.reader).map(\.message)
            #expect(words.contains("not posted as it is written off"))
        }
    }

    /// 50.00 of 54.00 are paid and 1.00 is given up: a credit note of all cuts exactly that.
    @Test func aCreditNoteCutsItOnceAndExactly() async throws {
        try await TestMarket.withMarket { test in
            let trade = try await SettlementTests.Trade(test)
            let (seller, buyer) = (trade.contract.seller, trade.contract.buyer)
            let paid = try await trade.payment(Money(decimal: "50.00"))
            let refusal = try await trade.refusal(
                trade.applied(paid, to: trade.invoices[0], Money(decimal: "50.00")))
            #expect(refusal == nil)
            _ = try await test.market.writeOffInvoice(
                seller.finance.request("writeOffInvoice"), trade.invoices[0],
                amount: Money(decimal: "1.00"), reason: "Not worth it.")
            _ = try await test.market.creditInvoice(
                seller.finance.request("creditInvoice"), trade.invoices[0], reason: "All of it.",
                parts: nil)
            #expect(try await Verification.run(on: test.reader) == [])
            let replay = Replay(
                test: test, tables: ["credit_note", "credit_note_line", "write_off_cut"])
            let elsewhere = "write_off_cut_elsewhere"
            let other = trade.invoices[1].uuidString
            let cases: [(String?, [String])] = [
                (nil, []),
                ("write_off_not_cut", ["delete from old_write_off_cut"]),
                (elsewhere, ["update old_write_off_cut set amount = 99"]),
                (elsewhere, ["update old_write_off_cut set amount = 101"]),
                (elsewhere, ["update old_write_off_cut set invoice = '\(other)'"]),
                (elsewhere, ["insert into old_write_off_cut select * from old_write_off_cut"]),
            ]
            for (expected, changes) in cases {
                let code = await replay.refusal(changes, by: seller.id)
                #expect(code == expected, "\(changes)")
            }
            // after its credit note it comes too late, and it is the seller's
            let alone = Replay(test: test, tables: ["write_off_cut"])
            #expect(await alone.refusal([], by: seller.id) == elsewhere)
            #expect(await alone.refusal([], by: buyer.id) == "not_your_side")
            let unposted = await replay.refusal(
                ["update old_credit_note set subject = 'another'"], by: seller.id)
            #expect(["credit_not_posted", "write_off_cut_not_posted"].contains(unposted))
            let change: Query = "update write_off_cut set amount = 2"
            #expect(await refused { try await test.owner.write([change]) } == "append_only")
            try await test.withoutTriggers("update write_off_cut set amount = 99")
            let words = try await Verification.run(on: test.reader).map(\.message)
            #expect(words.contains("not posted as what was written off is cut"))
            #expect(words.contains("owed back, and still written off"))
        }
    }

    /// Each kind of entry has its function, and a kind without one is refused.
    @Test func everyKindHasItsCause() async throws {
        try await TestMarket.withMarket { test in
            let missing = try await test.owner.read([
                """
                select kind from (select distinct kind from entry_rule) k
                where to_regprocedure(kind || '_has_cause(entry)') is null
                """
            ])
            #expect(missing.isEmpty)
            let trade = try await SettlementTests.Trade(test)
            let code = await trade.refusal([
                """
                select post(jsonb_build_array(jsonb_build_object('id', uuid_v7(),
                    'kind', 'write_off', 'seller', i.seller, 'buyer', i.buyer,
                    'subject', i.subject || '/writeoff_01j0000000e008000000000204',
                    'effective_on', '2027-05-03', 'postings', jsonb_build_array(
                        jsonb_build_object('book', i.seller, 'code', 'credit_loss',
                            'side', 'debit', 'amount', 1, 'currency', 'EUR'),
                        jsonb_build_object('book', i.seller, 'code', 'receivable',
                            'side', 'credit', 'amount', 1, 'currency', 'EUR'),
                        jsonb_build_object('book', i.buyer, 'code', 'payable',
                            'side', 'debit', 'amount', 1, 'currency', 'EUR'),
                        jsonb_build_object('book', i.buyer, 'code', 'debt_forgiven',
                            'side', 'credit', 'amount', 1, 'currency', 'EUR')))))
                from invoice i where i.id = \(trade.invoices[0])
                """
            ])
            #expect(code == "entry_without_cause")
        }
    }
}
