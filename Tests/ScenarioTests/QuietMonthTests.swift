import Contracts
import Marketplace
import MoneyAndTime
import StrictJSON
import TestMarket
import Testing

@Suite("A quiet month: visits, one statement, one invoice, one payment")
struct QuietMonthTests {
    @Test func fromContractToMoney() async throws {
        try await Story.tell { story in
            let first = try await story.life.booked("2027-03-08")
            try await story.agreed(
                first, at: "2027-03-08T08:00:00Z", answeredBy: "2027-03-01T08:00:00Z")
            let second = try await story.life.booked("2027-03-08", at: "13:00")
            try await story.agreed(
                second, at: "2027-03-08T11:00:00Z", answeredBy: "2027-03-01T08:00:00Z")
            // 17 minutes and a little less than one more, so 18 at 3.60
            let short = try await story.held(first, minutes: 17)
            #expect(try await story.charge(short)["net"] == "61.20")
            let long = try await story.held(second, minutes: 25)
            #expect(try await story.charge(long)["net"] == "90.00")

            // nothing is stated before the month is over
            let early = await refusal { _ = try await story.life.statement() }
            #expect(early == .periodNotOver)
            try await story.at("2027-04-01T06:00:00Z")
            let owed = try await story.openAmounts(story.buyer)
            #expect(owed["unbilled"]?[0]?["amount"] == "151.20")
            let invoice = try await story.life.invoiced()[0]
            #expect(invoice["total"] == "151.20")
            #expect(invoice["due_on"] == "2027-05-01")

            try await story.at("2027-04-20T06:00:00Z")
            let file = try await story.paid([("151.20", invoice["reference"]?.text)], id: "A")
            #expect(file["matched"]?["count"] == 1)
            for party in [story.seller, story.buyer] {
                let open = try await story.openAmounts(party)
                #expect(open["unbilled"] == [])
                #expect(open["invoices"] == [])
            }
        }
    }

    @Test("The price is the one that search showed, and the version frozen on the booking")
    func theAgreedPriceStays() async throws {
        try await Story.tell { story in
            let before = try await story.life.booked("2027-03-29")
            try await story.agreed(
                before, at: "2027-03-29T07:00:00Z", answeredBy: "2027-03-01T08:00:00Z")
            // a dearer version from April on, signed before the visit of March
            let bytes = try await story.test.document(
                "psychiatrist-remote-visit", seller: story.seller, buyer: story.buyer,
                validity: ["2027-04-01", "2027-12-31"], try dearer(story))
            _ = try await story.market.amendContract(
                story.seller.admin.request("amendContract"), story.contract.id, bytes)
            try await story.test.sign(
                story.contract.id, number: 2, story.seller, story.buyer)
            let after = try await story.life.booked("2027-04-01")
            #expect(try await story.booking(before)["version"] == 1)
            #expect(try await story.booking(before)["quote"] == "108.00")
            #expect(try await story.booking(after)["version"] == 2)
            #expect(try await story.booking(after)["quote"] == "120.00")
            let charge = try await story.held(before, minutes: 30)
            #expect(try await story.charge(charge)["net"] == "108.00")
        }
    }

    /// 4.00 a minute, with the one example that it needs.
    private func dearer(_ story: Story) throws -> JSONObject {
        let service = story.contract.terms.rateCard.services[0]
        return [
            "services": [
                [
                    "code": JSON(service.code),
                    "name": ["fi": "Etävastaanotto", "sv": "Distansmottagning", "en": "Visit"],
                    "kind": "patient_visit", "modality": "video",
                    "specialty": [
                        "system": "1.2.246.537.6.24", "code": JSON(service.field.code),
                    ],
                    "languages": ["fi", "sv"],
                    "price_per_minute": "4.00",
                    "increment": ["first_seconds": 60, "next_seconds": 60],
                    "minimum_seconds": 900,
                    "planned_minutes": ["minimum": 30, "maximum": 90, "step": 15],
                ]
            ],
            "worked_examples": try examples(service.code),
        ]
    }

    private func examples(_ service: String) throws -> JSON {
        let plain: [(Int64, String, String)] = [(1_020, "17", "68.00"), (240, "15", "60.00")]
        return .array(
            plain.map { seconds, minutes, amount in
                [
                    "title": JSON("\(minutes) minutes"), "service": JSON(service),
                    "visit": [
                        "starts": "2027-04-06T10:00", "planned_minutes": 30,
                        "billable_seconds": JSON(seconds),
                    ],
                    "lines": [
                        ["kind": "visit", "minutes": JSON(minutes), "amount": JSON(amount)]
                    ],
                    "total": JSON(amount),
                ]
            })
    }
}
