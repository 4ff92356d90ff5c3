import Billing
import Marketplace
import MoneyAndTime
import Storage
import StrictJSON
import TestMarket
import Testing

@Suite("Lines of a statement that the buyer disputes")
struct DisputedLineTests {
    private static let accepted: JSONObject = [
        "handshake": ["reply_within_minutes": 240, "accepted_in_advance": true]
    ]

    private func statement(_ story: Story) async throws -> StatementID {
        try await story.at("2027-04-01T06:00:00Z")
        return try StatementID(typeID: await story.life.statement().body["id"]?.text ?? "")
    }

    /// Three visits of 30 minutes at 3.60 are 324.00. The minutes of one are conceded, the price of
    /// another is refused; the third is invoiced on time whatever becomes of them.
    @Test("One line is conceded, one is refused, and the rest is invoiced on time")
    func concededAndRefused() async throws {
        try await Story.tell(changed: Self.accepted) { story in
            let life = story.life
            let first = try await life.held("2027-03-08", minutes: 30)
            let second = try await life.held("2027-03-09", minutes: 30)
            try await life.held("2027-03-10", minutes: 30)
            let statement = try await statement(story)

            let minutes = try await life.disputed(
                first, on: statement,
                DisputeWords("The line was down.", minutes: 20, evidence: ["Log of the router"]))
            let price = try await life.disputed(
                second, on: statement, DisputeWords("It was a control visit.", net: "54.00"))
            #expect(try await life.seen(statement)["undisputed"] == "108.00")
            let whole = await refusal {
                _ = try await story.market.acceptStatement(
                    story.buyer.finance.request("acceptStatement"), statement,
                    total: Money(decimal: "324.00"))
            }
            #expect(whole == .totalDiffers, "nothing disputed is accepted unseen")
            try await life.accepts(statement)
            let invoice = try await life.invoiced(statement)[0]
            #expect(invoice["total"] == "108.00")
            let waits = try await story.openAmounts(story.seller)["unbilled"]?.elements ?? []
            #expect(waits.map { $0["waits_for"] } == ["dispute"])
            #expect(waits[0]["amount"] == "216.00")
            let unfinished = try await story.market.periods(
                story.seller.finance.request("getPeriods")
            ).body["next"]?["unfinished"]?.elements
            #expect(unfinished?.first { $0["kind"] == "disputed" }?["amount"] == "216.00")

            // the seller looks into its log, too; the price it explains
            let conceded = try await life.answered(minutes, .concede, DisputeWords(nil))
            #expect(conceded["outcome"] == "corrected" && conceded["agreed"] == "72.00")
            try await life.answered(price, .explain, DisputeWords("It was a first visit."))
            try await life.answered(price, .hold, DisputeWords("Our notes say otherwise."))
            try await life.answered(price, .explain, DisputeWords("See the referral."))
            let refused = try await life.answered(price, .withdraw, DisputeWords(nil))
            #expect(refused["outcome"] == "charged" && refused["agreed"] == "108.00")
            #expect(refused["words"]?.elements?.count == 5)

            let correction = try ChargeID(typeID: conceded["correction"]?.text ?? "")
            #expect(try await story.charge(first)["replaced_by"] == conceded["correction"])
            let corrected = try await story.charge(correction)
            #expect(corrected["net"] == "72.00" && corrected["billed_seconds"] == 1_200)
            #expect(corrected["statement"] == JSON(statement.description))
            let later = try await life.invoiced(statement)
            #expect(later.map { $0["total"] } == ["180.00"])
            #expect(later[0]["number"] == "AK-2027-000002" && later[0]["period"] == "2027-03")
            let again = await refusal { _ = try await life.invoiced(statement) }
            #expect(again == .alreadyInvoiced)
            let nothing = await refusal { _ = try await life.statement() }
            #expect(nothing == .nothingToState, "a correction is on no statement of its own")
        }
    }

    @Test("Half-way is met, and a line that should not be there is not charged")
    func halfWay() async throws {
        try await Story.tell(changed: Self.accepted) { story in
            let life = story.life
            let first = try await life.held("2027-03-08", minutes: 30)
            let second = try await life.cancelledLate("2027-03-09")
            let statement = try await statement(story)
            let visit = try await life.disputed(first, on: statement, DisputeWords(net: "60.00"))
            let fee = try await life.disputed(second, on: statement, DisputeWords(net: "0"))
            let tooLow = await refusal {
                try await life.answered(visit, .propose, DisputeWords(net: "60.00"))
            }
            #expect(tooLow == .figureNotBelow)
            try await life.answered(visit, .propose, DisputeWords(net: "84.50"))
            let early = await refusal {
                try await life.answered(visit, .propose, DisputeWords(net: "80.00"))
            }
            #expect(early == .notYourTurn)
            let agreed = try await life.answered(visit, .accept, DisputeWords(nil))
            #expect(agreed["agreed"] == "84.50")
            let dropped = try await life.answered(fee, .concede, DisputeWords(nil))
            #expect(dropped["outcome"] == "not_charged")
            try await life.accepts(statement)
            let invoice = try await life.invoiced(statement)[0]
            #expect(invoice["total"] == "84.50")
            #expect(invoice["lines"]?[0]?["kind"] == "agreed")
            #expect(invoice["lines"]?[0]?["unit"] == "C62")
        }
    }

    @Test("Who does not answer in time is told, and silence accepts what is undisputed")
    func silence() async throws {
        var terms = Self.accepted
        terms["billing"] = [
            "period": "month", "statement": ["acceptance_days": 7, "silence_accepts": true],
            "payment_days": 30, "buyer_reference": "HC-REMOTE-2027",
            "dispute": ["window_days": 5, "tolerance": "5.00"],
            "vat": [
                "category": "E", "rate_percent": "0", "exemption_code": "VATEX-EU-132-1B",
                "reason": "Medical care, VAT Act 34 §",
            ],
        ]
        try await Story.tell(changed: terms) { story in
            let life = story.life
            let first = try await life.held("2027-03-08", minutes: 30)
            let second = try await life.held("2027-03-09", minutes: 30)
            let statement = try await statement(story)
            let small = await refusal {
                try await life.disputed(second, on: statement, DisputeWords(net: "103.00"))
            }
            #expect(small == .withinTolerance)
            let dispute = try await life.disputed(first, on: statement, DisputeWords(net: "90.00"))
            try await story.at("2027-04-06T21:00:00Z")
            let late = await refusal {
                try await life.disputed(second, on: statement, DisputeWords(net: "90.00"))
            }
            #expect(late == .disputeWindowOver)

            // seven whole days after the first of April, by the clock of Helsinki
            try await story.at("2027-04-08T20:59:00Z")
            _ = try await story.market.actOnWhatIsDue(most: 100)
            #expect(try await life.seen(statement)["state"] == "open")
            try await story.at("2027-04-08T21:00:01Z")
            _ = try await story.market.actOnWhatIsDue(most: 100)
            #expect(try await life.seen(statement)["state"] == "accepted")
            #expect(try await life.invoiced(statement)[0]["total"] == "108.00")
            let told = try await story.market.dispute(
                story.seller.finance.request("getDispute"), dispute
            ).body
            #expect(told["escalated_at"]?.text != nil && told["state"] == "claimed")
            try await life.answered(dispute, .propose, DisputeWords(net: "95.00"))
            // out of its turn, now that the clock has run out
            try await life.answered(dispute, .propose, DisputeWords(net: "94.00"))
            let agreed = try await life.answered(dispute, .accept, DisputeWords(nil))
            #expect(agreed["agreed"] == "94.00")
            #expect(try await life.invoiced(statement)[0]["total"] == "94.00")
        }
    }
}
