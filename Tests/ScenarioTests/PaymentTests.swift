import Marketplace
import MoneyAndTime
import StrictJSON
import TestMarket
import Testing

@Suite("Money: parts, strangers' payments, and two who sell to each other")
struct PaymentTests {
    private let accepted: JSONObject = [
        "handshake": ["reply_within_minutes": 240, "accepted_in_advance": true]
    ]

    @Test("Paid in two parts, beside payments that nobody knows")
    func inTwoParts() async throws {
        try await Story.tell(changed: accepted) { story in
            try await story.life.held("2027-03-08", minutes: 30)
            try await story.at("2027-04-01T06:00:00Z")
            let invoice = try await story.life.invoiced()[0]
            let reference = invoice["reference"]?.text
            let first = try await story.paid(
                [("40.00", reference), ("12.00", "1234561")], id: "A")
            #expect(first["partly_matched"]?["count"] == 1)
            #expect(first["waiting"]?["count"] == 1)
            let open = try await story.openAmounts(story.buyer)
            #expect(open["invoices"]?[0]?["open"] == "68.00")

            // the same file again changes nothing; the rest comes with a cent too much
            try await story.paid([("40.00", reference), ("12.00", "1234561")], id: "A")
            try await story.paid([("68.01", reference)], id: "B")
            #expect(try await story.openAmounts(story.buyer)["invoices"] == [])
            let left = try await story.openAmounts(story.seller)["bank_entries"]?.elements ?? []
            #expect(left.compactMap { $0["left"]?.text }.sorted() == ["0.01", "12.00"])
        }
    }

    @Test("Two organisations that sell to each other owe each other, and nothing is set off")
    func bothSell() async throws {
        try await Story.tell(changed: accepted) { story in
            let back = try await story.test.agreedContract(
                seller: story.buyer, buyer: story.seller, changed: accepted)
            let other = try await LifeOfAVisit(under: back, label: "Specialist 2")
            try await story.life.held("2027-03-08", minutes: 30)
            try await other.held("2027-03-09", minutes: 20)
            try await story.at("2027-04-01T06:00:00Z")
            #expect(try await story.life.invoiced()[0]["total"] == "108.00")
            #expect(try await other.invoiced()[0]["total"] == "72.00")
            let open = try await story.openAmounts(story.seller)["invoices"]?.elements ?? []
            #expect(
                Set(open.compactMap { $0["open"]?.text }) == ["108.00", "72.00"])
            #expect(Set(open.compactMap { $0["side"]?.text }) == ["seller", "buyer"])
        }
    }
}
