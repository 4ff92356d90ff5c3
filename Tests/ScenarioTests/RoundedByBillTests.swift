import Billing
import Contracts
import Marketplace
import MoneyAndTime
import StrictJSON
import TestMarket
import Testing

@Suite("An invoice that is rounded by bill, and books that agree to the cent")
struct RoundedByBillTests {
    /// 2.4533 a minute, rounded on the line of the bill.
    private static func terms() throws -> JSONObject {
        let template = try JSON.parse(
            ContractFiles.read("v1/templates/psychiatrist-remote-visit.json"))
        var service = template["services"]?[0]?.members ?? [:]
        service["price_per_minute"] = "2.4533"
        return [
            "services": [.object(service)],
            "rounding": ["mode": "half_up", "level": "bill"],
            "handshake": ["reply_within_minutes": 240, "accepted_in_advance": true],
            "worked_examples": [
                [
                    "title": "A 17-minute visit", "service": service["code"] ?? .null,
                    "visit": [
                        "starts": "2027-06-01T10:00", "planned_minutes": 30,
                        "billable_seconds": 1020,
                    ],
                    "lines": [["kind": "visit", "minutes": "17", "amount": "41.71"]],
                    "total": "41.71",
                ]
            ],
        ]
    }

    private func balance(_ story: Story, _ code: String) async throws -> String? {
        try await story.market.trialBalance(story.seller.finance.request("getTrialBalance"))
            .body["accounts"]?.elements?.first { $0["code"]?.text == code }?["balance"]?.text
    }

    @Test("three visits of 41.7061 are 125.12 together, and 125.13 one by one")
    func threeVisits() async throws {
        try await Story.tell(changed: Self.terms()) { story in
            for day in ["2027-03-08", "2027-03-09", "2027-03-10"] {
                try await story.life.held(day, minutes: 17)
            }
            try await story.at("2027-04-01T06:00:00Z")
            let invoices = try await story.life.invoiced()
            let invoice = try #require(invoices.first)
            #expect(invoice["net"] == "125.12")
            let lines = invoice["lines"]?.elements ?? []
            #expect(lines.map { $0["net"] } == ["41.71", "41.71", "41.70"])
            #expect(lines.map { $0["line"] } == [1, 1, 1])
            #expect(lines.map { $0["number"] } == [1, 2, 3])
            #expect(try await balance(story, "unbilled_receivable") == "0.00")
            #expect(try await balance(story, "rounding") == "0.01")
            let id = try InvoiceID(typeID: invoice["id"]?.text ?? "")
            let ubl = try await story.market.invoiceDocument(
                story.buyer.finance.request("getInvoiceDocument"), id)
            let text = String(decoding: ubl.bytes, as: UTF8.self)
            #expect(text.ranges(of: "<cac:InvoiceLine>").count == 1)
            #expect(text.contains("unitCode=\"MIN\">51<"))
            // a visit is credited at its share, and then the rest
            _ = try await story.market.creditInvoice(
                story.seller.finance.request("creditInvoice"), id, reason: "Not held",
                parts: [Credit.Part(number: 3, net: Money(decimal: "41.70"))])
            let rest = try await story.market.creditInvoice(
                story.seller.finance.request("creditInvoice"), id, reason: "Nor these",
                parts: nil)
            #expect(rest.body["net"] == "83.42")
        }
    }
}
