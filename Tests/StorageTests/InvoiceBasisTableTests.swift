import Billing
import Marketplace
import MoneyAndTime
import Postgres
import Storage
import StrictJSON
import TestMarket
import Testing

/// Who writes the invoices of a contract, against one who writes to the tables directly.
@Suite struct InvoiceBasisTableTests {
    /// An invoice of 54.00 of each kind, in a market of its own.
    private func invoiced(_ test: TestMarket, bySeller: Bool) async throws -> LifeOfAVisit {
        let contract = try await test.signedContract(
            seller: test.addOrganisation("One"), buyer: test.addOrganisation("Other"),
            changed: bySeller ? ["billing": LifeOfAVisit.invoicedBySeller()] : [:])
        let life = try await LifeOfAVisit(under: contract)
        try await life.cancelledLate("2027-03-08")
        try await test.clock.set(to: Instant(rfc3339: "2027-04-01T06:00:00Z"))
        if bySeller {
            try await life.recorded(life.accepted())
        } else {
            _ = try await life.invoiced()
        }
        return life
    }

    private func refusals(
        bySeller: Bool, _ cases: [(code: String?, change: String)]
    ) async throws {
        try await TestMarket.withMarket { test in
            let life = try await invoiced(test, bySeller: bySeller)
            let replay = Replay(test: test, tables: ["invoice", "invoice_line"])
            for (code, change) in cases {
                let refused = await replay.refusal([change], by: life.contract.seller.id)
                #expect(refused == code, "\(change)")
            }
        }
    }

    @Test func whatIsRecordedIsNotWrittenHere() async throws {
        try await refusals(
            bySeller: true,
            [
                (nil, "select"),
                ("invoiced_by_seller", "update old_invoice set issuer_number = 1, document = 'x'"),
                ("23514", "update old_invoice set issuer_number = 1"),
                ("23514", "update old_invoice set number = ' 1'"),
                ("23514", "update old_invoice set number = E'1\\n2'"),
                ("23514", "update old_invoice set number = repeat('9', 51)"),
                ("invoice_not_posted", "update old_invoice set subject = 'another'"),
                ("dates_not_agreed", "update old_invoice set due_on = due_on - 1"),
                ("dates_not_agreed", "update old_invoice set issued_on = issued_on - 1"),
            ])
    }

    @Test func whatIsWrittenHereIsNotRecorded() async throws {
        try await refusals(
            bySeller: false,
            [
                ("invoiced_here", "update old_invoice set issuer_number = null, document = null"),
                ("invoiced_here", "update old_invoice set document = null"),
                ("23514", "update old_invoice set issuer_number = null"),
            ])
    }

    @Test func whatIsTakenBackElsewhereIsRecordedSo() async throws {
        try await TestMarket.withMarket { test in
            let life = try await invoiced(test, bySeller: true)
            try await test.clock.set(to: Instant(rfc3339: "2027-04-03T06:00:00Z"))
            let subject = try await test.owner.read(["select subject from invoice"])
                .only()["subject", String.self]
            try await life.creditRecorded(InvoiceID(typeID: subject), .all, total: "54.00")
            let replay = Replay(test: test, tables: ["credit_note", "credit_note_line"])
            let cases: [(code: String?, change: String)] = [
                (nil, "select"),
                ("23514", "update old_credit_note set issuer_number = 1"),
                ("23514", "update old_credit_note set number = '1 '"),
                (
                    "invoiced_by_seller",
                    "update old_credit_note set issuer_number = 1, document = 'x'"
                ),
                ("dates_not_agreed", "update old_credit_note set issued_on = '2027-03-31'"),
                ("above_remaining", "update old_credit_note set net = 5401, total = 5401"),
                ("credit_does_not_add_up", "update old_credit_note set net = 5399, total = 5399"),
            ]
            for (code, change) in cases {
                let refused = await replay.refusal([change], by: life.contract.seller.id)
                #expect(refused == code, "\(change)")
            }
        }
    }

    @Test func whatIsRecordedIsNeitherSentNorCreditedHere() async throws {
        try await TestMarket.withMarket { test in
            let life = try await invoiced(test, bySeller: true)
            let (seller, buyer) = (life.contract.seller, life.contract.buyer)
            let credited = await refused {
                try await test.asked(
                    by: seller.finance,
                    """
                    insert into credit_note (id, year, issuer_number, number, invoice, contract,
                        seller, buyer, issued_on, reason, net, vat, total, subject, document)
                    select uuid_v7(), 2027, 1, 'AKC-2027-000001', id, contract, seller, buyer,
                        '2027-05-03', 'All of it', net, vat, total, 'x', '' from invoice
                    """)
            }
            #expect(credited == "invoiced_by_seller")
            try await test.owner.write([
                """
                insert into invoice_reception (organisation, way, form, revision)
                values (\(buyer.id), 'operator', 'ubl', 1)
                """
            ])
            let subject = try await test.owner.read(["select subject from invoice"])
                .only()["subject", String.self]
            let sent = await refusal {
                _ = try await test.market.sendInvoice(
                    seller.finance.request("sendInvoice"), InvoiceID(typeID: subject))
            }
            #expect(sent == .invoicedBySeller)
        }
    }

    @Test func whoIssuesIsWhomTheContractNames() async throws {
        try await refusals(
            bySeller: false,
            [
                ("not_your_side", "update old_invoice set self_billing_series = 1"),
                ("invoice_number_gap", "update old_invoice set issuer_number = 2"),
            ])
        try await TestMarket.withMarket { test in
            let contract = try await test.signedContract(
                seller: test.addOrganisation("One"), buyer: test.addOrganisation("Other"),
                changed: ["billing": LifeOfAVisit.selfBilled])
            let life = try await LifeOfAVisit(under: contract)
            try await life.cancelledLate("2027-03-08")
            try await test.clock.set(to: Instant(rfc3339: "2027-04-01T06:00:00Z"))
            let buyer = contract.buyer
            _ = try await test.market.issueInvoice(
                buyer.finance.request("issueInvoice"), of: life.accepted())
            let replay = Replay(test: test, tables: ["invoice", "invoice_line"])
            let cases: [(code: String?, change: String)] = [
                (nil, "select"),
                ("23503", "update old_invoice set self_billing_series = 2"),
                ("invoice_number_gap", "update old_invoice set issuer_number = 2"),
            ]
            for (code, change) in cases {
                let refused = await replay.refusal([change], by: buyer.id)
                #expect(refused == code, "\(change)")
            }
            let own = "update old_invoice set self_billing_series = null"
            #expect(await replay.refusal([own], by: contract.seller.id) == "invoiced_by_buyer")
            let stranger = await refused {
                try await test.asked(
                    by: contract.seller.finance,
                    """
                    select * from next_self_billing_number(
                        \(contract.seller.id), 'invoice', 2027)
                    """)
            }
            #expect(stranger == "not_your_side")
        }
    }
}
