import Billing
import Marketplace
import MoneyAndTime
import Postgres
import Storage
import StrictJSON
import TestMarket
import Testing

/// Invariants 20, 22, 23 and 24 of credit notes, against one who writes to the tables directly.
@Suite struct CreditNoteTableTests {
    /// Two late cancellations of 9.81 at 25.5 % VAT, invoiced for 24.62; 5.00 of the first is
    /// credited, with 1.28 of VAT.
    private func credited(_ test: TestMarket) async throws -> LifeOfAVisit {
        let life = try await LifeOfAVisit(
            under: test.signedContract(
                "physician-remote-reception", seller: test.addOrganisation("Seller"),
                buyer: test.addOrganisation("Buyer")))
        try await life.cancelledLate("2027-03-08")
        try await life.cancelledLate("2027-03-09")
        try await test.clock.set(to: Instant(rfc3339: "2027-03-31T21:00:00Z"))
        let invoice = try await life.invoiced()[0]
        _ = try await test.market.creditInvoice(
            life.contract.seller.finance.request("creditInvoice"),
            InvoiceID(typeID: invoice["id"]?.text ?? ""), reason: "Another price.",
            parts: [.init(number: 1, net: Money(minorUnits: 500))])
        return life
    }

    @Test func aCreditIsItsLinesAndItsPostings() async throws {
        try await TestMarket.withMarket { test in
            let life = try await credited(test)
            let replay = Replay(test: test, tables: ["credit_note", "credit_note_line"])
            let cases: [(String?, [String])] = [
                (nil, []),
                ("23514", ["update old_credit_note set total = total + 1"]),
                ("23514", ["update old_credit_note set net = 0, vat = 0, total = 0"]),
                (
                    "credit_does_not_add_up",
                    ["update old_credit_note set vat = vat + 1, total = total + 1"]
                ),
                ("credit_does_not_add_up", ["delete from old_credit_note_line"]),
                ("above_remaining", ["update old_credit_note set net = 1963, total = 1963 + vat"]),
                ("above_remaining", ["update old_credit_note_line set net = 982"]),
                ("above_remaining", ["update old_credit_note_line set net = -net"]),
                ("credit_not_posted", ["update old_credit_note set subject = 'another'"]),
                ("credit_note_number_gap", ["update old_credit_note set issuer_number = 2"]),
                ("credit_note_closed", ["update old_credit_note set xid = '1'"]),
                ("credit_note_closed", ["update old_credit_note_line set buyer = seller"]),
                (
                    "credit_of_another_invoice",
                    ["update old_credit_note set seller = buyer, buyer = seller"]
                ),
                ("23514", ["update old_credit_note set reason = ''"]),
                (
                    "above_remaining",
                    [
                        """
                        insert into old_credit_note_line select (jsonb_populate_record(l,
                            '{"number": 2}')).* from old_credit_note_line l
                        """
                    ]
                ),
            ]
            for (expected, changes) in cases {
                let isSwapped = expected == "credit_of_another_invoice"
                let by = isSwapped ? life.contract.buyer.id : life.contract.seller.id
                let code = await replay.refusal(changes, by: by)
                #expect(code == expected, "\(changes)")
            }
            let byBuyer = await replay.refusal([], by: life.contract.buyer.id)
            #expect(byBuyer == "not_your_side")
        }
    }

    @Test func paymentsLeaveWhatIsCredited() async throws {
        try await TestMarket.withMarket { test in
            let life = try await credited(test)
            let invoice = try await test.owner.read(["select id, reference from invoice"]).only()
            let reference: String = try invoice.decode("reference")
            _ = try await test.market.importBankFile(
                life.contract.seller.finance.request("importBankFile"),
                BankDay([("24.62", reference)]).file())
            let replay = Replay(test: test, tables: ["allocation"])
            let seller = life.contract.seller.id
            #expect(await replay.refusal([], by: seller) == nil)
            let more = await replay.refusal(
                ["update old_allocation set amount = amount + 1"], by: seller)
            #expect(more == "settled_above_invoiced")
            #expect(try await Verification.run(on: test.reader) == [])
        }
    }

    @Test func issuedCreditsStay() async throws {
        try await TestMarket.withMarket { test in
            let life = try await credited(test)
            let changes: [Query] = [
                "update credit_note set reason = 'Another'", "delete from credit_note",
                "update credit_note_line set net = net", "truncate credit_note cascade",
            ]
            for change in changes {
                let code = await refused { try await test.owner.write([change]) }
                #expect(code == "append_only")
            }
            // nor is a credit reversed
            let code = await refused {
                try await test.asked(
                    by: life.contract.seller.finance,
                    """
                    select post(jsonb_build_array(jsonb_build_object(
                        'id', uuid_v7(), 'kind', 'reversal', 'seller', e.seller,
                        'buyer', e.buyer, 'subject', 'x', 'effective_on', e.effective_on,
                        'postings', (select jsonb_agg(jsonb_build_object('book', p.book,
                            'code', p.code, 'side',
                            case p.side when 'debit' then 'credit' else 'debit' end,
                            'amount', p.amount, 'currency', p.currency))
                            from posting p where p.entry = e.id))))
                    from entry e where e.kind = 'credit'
                    """)
            }
            #expect(code != nil)
            #expect(try await Verification.run(on: test.reader) == [])
        }
    }

    @Test func verifyKnowsIt() async throws {
        try await TestMarket.withMarket { test in
            _ = try await credited(test)
            try await test.withoutTriggers(
                "update credit_note set issuer_number = 2, net = net + 1, total = total + 1")
            let words = try await Verification.run(on: test.reader).map(\.message)
            #expect(words.contains("not posted as it is credited"))
            #expect(words.contains { $0.contains("numbers of credit notes") })
        }
    }
}
