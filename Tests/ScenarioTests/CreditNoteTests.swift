import Billing
import Marketplace
import MoneyAndTime
import Storage
import StrictJSON
import TestMarket
import Testing

@Suite("What was invoiced is taken back")
struct CreditNoteTests {
    private static let accepted: JSONObject = [
        "handshake": ["reply_within_minutes": 240, "accepted_in_advance": true]
    ]

    private func credited(
        _ story: Story, _ invoice: JSON, _ parts: [(Int64, String)]? = nil
    ) async throws -> JSON {
        try await story.market.creditInvoice(
            story.seller.finance.request("creditInvoice"),
            InvoiceID(typeID: invoice["id"]?.text ?? ""), reason: "Another price was agreed.",
            parts: parts?.map { Credit.Part(number: $0.0, net: try Money(decimal: $0.1)) }
        ).body
    }

    private func seen(_ story: Story, _ invoice: JSON) async throws -> JSON {
        try await story.market.invoice(
            story.buyer.finance.request("getInvoice"),
            InvoiceID(typeID: invoice["id"]?.text ?? "")
        ).body
    }

    @Test("A part, then the payment of the rest, then all that remains: it is owed back")
    func inParts() async throws {
        try await Story.tell(changed: Self.accepted) { story in
            try await story.life.held("2027-03-08", minutes: 30)
            try await story.life.held("2027-03-09", minutes: 20)
            try await story.at("2027-04-01T06:00:00Z")
            let invoice = try await story.life.invoiced()[0]
            #expect(invoice["total"] == "180.00")
            let first = try await credited(story, invoice, [(1, "8.00")])
            #expect(first["number"] == "AKC-2027-000001" && first["total"] == "8.00")
            #expect(try await seen(story, invoice)["open"] == "172.00")
            let open = try await story.openAmounts(story.buyer)["invoices"]?[0]
            #expect(open?["credited"] == "8.00" && open?["open"] == "172.00")
            let above = await refusal { _ = try await credited(story, invoice, [(1, "100.01")]) }
            #expect(above == .aboveRemaining)

            // the payer had not seen it: 8.00 come too much and wait
            try await story.paid([("180.00", invoice["reference"]?.text)], id: "A")
            let paid = try await seen(story, invoice)
            #expect(paid["state"] == "paid" && paid["settled"] == "172.00")
            let second = try await credited(story, invoice)
            #expect(second["number"] == "AKC-2027-000002" && second["total"] == "172.00")
            #expect(second["lines"]?.elements?.map { $0["net"] } == ["100.00", "72.00"])
            let taken = try await seen(story, invoice)
            #expect(taken["state"] == "credited" && taken["owed_back"] == "172.00")
            #expect(taken["credit_notes"]?.elements?.count == 2)
            let nothing = await refusal { _ = try await credited(story, invoice) }
            #expect(nothing == .nothingRemains)
            let byBuyer = await refusal {
                _ = try await story.market.creditInvoice(
                    story.buyer.finance.request("creditInvoice"),
                    InvoiceID(typeID: invoice["id"]?.text ?? ""), reason: "Ours.", parts: nil)
            }
            #expect(byBuyer == .notYourSide)
        }
    }

    @Test("What is owed back is paid back in two parts")
    func paidBack() async throws {
        try await Story.tell(changed: Self.accepted) { story in
            try await story.life.held("2027-03-08", minutes: 30)
            try await story.at("2027-04-01T06:00:00Z")
            let invoice = try await story.life.invoiced()[0]
            let id = try InvoiceID(typeID: invoice["id"]?.text ?? "")
            try await story.paid([("108.00", invoice["reference"]?.text)], id: "A")
            _ = try await credited(story, invoice, [(1, "30.00")])
            try await story.at("2027-04-20T06:00:00Z")

            func refunded(
                _ amount: String, on day: String, by side: TestOrganisation
            ) async throws -> JSON {
                try await story.market.refundInvoice(
                    side.finance.request("refundInvoice"), id, amount: Money(decimal: amount),
                    paidOn: CalendarDate(iso: day)
                ).body
            }
            for (amount, side, code) in [
                ("0.01", story.buyer, RefusalCode.notYourSide),
                ("30.01", story.seller, .aboveRemaining),
            ] {
                let found = await refusal {
                    _ = try await refunded(amount, on: "2027-04-19", by: side)
                }
                #expect(found == code)
            }
            for day in ["2027-03-31", "2027-04-21"] {
                await #expect(throws: InvalidInput.self) {
                    _ = try await refunded("1.00", on: day, by: story.seller)
                }
            }
            _ = try await refunded("12.00", on: "2027-04-19", by: story.seller)
            let part = try await seen(story, invoice)
            #expect(part["owed_back"] == "18.00" && part["refunded"] == "12.00")
            #expect(part["refunds"]?[0]?["paid_on"] == "2027-04-19")
            let open = try await story.openAmounts(story.buyer)["invoices"]?[0]
            #expect(open?["owed_back"] == "18.00" && open?["refunded"] == "12.00")
            _ = try await refunded("18.00", on: "2027-04-20", by: story.seller)
            let whole = try await seen(story, invoice)
            #expect(whole["owed_back"] == "0.00" && whole["state"] == "paid")
            #expect(try await story.openAmounts(story.seller)["invoices"] == [])
            let nothing = await refusal {
                _ = try await refunded("0.01", on: "2027-04-20", by: story.seller)
            }
            #expect(nothing == .nothingRemains)
            for (day, sum) in [("2027-04-18", "-30.00"), ("2027-04-20", "0.00")] {
                let ageing = try await story.market.ageing(
                    story.buyer.finance.request("getAgeing"), on: CalendarDate(iso: day))
                #expect(ageing.body["sides"]?[1]?["total"]?["all"]?.text == sum)
            }
        }
    }

    @Test("With VAT: the parts add up to the invoice to the cent")
    func taxed() async throws {
        try await Story.tell(template: "physician-remote-reception", changed: Self.accepted) {
            story in
            try await story.life.cancelledLate("2027-03-08")
            try await story.life.cancelledLate("2027-03-09")
            try await story.at("2027-04-01T06:00:00Z")
            let invoice = try await story.life.invoiced()[0]
            let total = try Money(decimal: invoice["total"]?.text ?? "")
            var sum = Money.zero
            for part in [[(1, "0.02")], [(2, "3.33")], nil] as [[(Int64, String)]?] {
                let note = try await credited(story, invoice, part)
                sum = try sum.adding(Money(decimal: note["total"]?.text ?? ""))
            }
            #expect(sum == total)
            #expect(try await seen(story, invoice)["state"] == "credited")
            #expect(try await story.openAmounts(story.seller)["invoices"] == [])
        }
    }
}
