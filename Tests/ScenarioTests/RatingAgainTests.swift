import Billing
import Marketplace
import MoneyAndTime
import Storage
import StrictJSON
import TestMarket
import Testing
import Visits

@Suite("A wrong price was found after the month")
struct RatingAgainTests {
    private static let accepted: JSONObject = [
        "handshake": ["reply_within_minutes": 240, "accepted_in_advance": true]
    ]

    /// Both sign that a minute costs 3.20 from a day on, and not 3.60; or other VAT at that price.
    private func agree(_ story: Story, from day: String, vat: JSON? = nil) async throws {
        let version = try await story.market.contractVersion(
            story.seller.admin.request("getContractVersion"), story.contract.id, number: 1
        ).body
        var members = version["document"]?.members ?? [:]
        var service = members["services"]?[0]?.members ?? [:]
        if vat == nil { service["price_per_minute"] = "3.20" }
        var billing = members["billing"]?.members ?? [:]
        if let vat { billing["vat"] = vat }
        members["billing"] = .object(billing)
        let amount: JSON = vat == nil ? "54.40" : "61.20"
        members["services"] = [.object(service)]
        members["validity"] = ["first_day": JSON(day), "last_day": "2027-12-31"]
        members["worked_examples"] = [
            [
                "title": "A 17-minute visit", "service": "psychiatrist-visit",
                "visit": [
                    "starts": "2027-03-12T10:00", "planned_minutes": 30, "billable_seconds": 1020,
                ],
                "lines": [["kind": "visit", "minutes": "17", "amount": amount]],
                "total": amount,
            ]
        ]
        _ = try await story.market.amendContract(
            story.seller.admin.request("amendContract"), story.contract.id, .object(members))
        try await story.test.sign(story.contract.id, number: 2, story.seller, story.buyer)
    }

    private func preview(
        _ story: Story, _ month: String = "2027-03", by organisation: TestOrganisation? = nil
    ) async throws -> JSON {
        try await story.market.ratingAgain(
            (organisation ?? story.seller).finance.request("getRatingAgain"),
            of: story.contract.id, period: .init(key: month)
        ).body
    }

    private func rate(
        _ story: Story, _ difference: String, by organisation: TestOrganisation? = nil
    ) async throws -> JSON {
        try await story.market.rateAgain(
            (organisation ?? story.seller).finance.request("rateAgain"), story.contract.id,
            period: .init(key: "2027-03"), difference: Money(decimal: difference)
        ).body
    }

    private func becomes(_ found: JSON) -> [String?] {
        found["charges"]?.elements?.map { $0["reason"]?.text ?? $0["becomes"]?.text } ?? []
    }

    /// A visit of 108.00 and a fee of 54.00 are invoiced, a visit of 72.00 comes late. By the new
    /// price they are 96.00, 48.00 and 64.00.
    @Test("A wrong price found after invoicing: credited in full, charged anew, and invoiced again")
    func afterInvoicing() async throws {
        try await Story.tell(changed: Self.accepted) { story in
            let visit = try await story.life.held("2027-03-08", minutes: 30)
            try await story.life.cancelledLate("2027-03-09")
            let late = try await story.life.booked("2027-03-31")
            let starts = try Instant(rfc3339: "2027-03-31T07:00:00Z")
            try await story.test.clock.set(to: starts.adding(seconds: -300))
            try await story.life.attended(late, from: starts, minutes: 20)
            try await story.at("2027-04-01T06:00:00Z")
            let invoice = try await story.life.invoiced()[0]
            #expect(invoice["total"] == "162.00")
            let seconds = try await story.life.measured(late)
            for side in [.seller, .buyer] as [Visits.Side] {
                try await story.life.says(side, .attests(seconds: seconds), of: late)
            }
            #expect(try await becomes(preview(story)) == [])
            #expect(await refusal { _ = try await rate(story, "0.00") } == .nothingToRateAgain)

            try await agree(story, from: "2027-03-01")
            let found = try await preview(story, by: story.buyer)
            #expect(becomes(found) == ["credited", "credited", "replaced"])
            #expect(found["charges"]?.elements?.map { $0["after"] } == ["96.00", "48.00", "64.00"])
            #expect(found["before"] == "234.00" && found["difference"] == "-26.00")
            let unseen = await refusal { _ = try await rate(story, "-25.99") }
            #expect(unseen == .differenceDiffers)
            let byBuyer = await refusal { _ = try await rate(story, "-26.00", by: story.buyer) }
            #expect(byBuyer == .notYourSide)
            let made = try await rate(story, "-26.00")
            #expect(made["charges"] == 3 && made["after"] == "208.00")
            #expect(await refusal { _ = try await rate(story, "-26.00") } == .nothingToRateAgain)

            let taken = try await story.market.invoice(
                story.buyer.finance.request("getInvoice"),
                InvoiceID(typeID: invoice["id"]?.text ?? "")
            ).body
            #expect(taken["state"] == "credited" && taken["credit_notes"]?.elements?.count == 1)
            let old = try await story.charge(visit)
            let new = try await story.charge(ChargeID(typeID: old["replaced_by"]?.text ?? ""))
            #expect(new["version"] == 2 && new["net"] == "96.00" && new["billed_seconds"] == 1_800)
            let again = try await story.life.invoiced()
            #expect(again.map { $0["total"] } == ["208.00"])
            #expect(again[0]["number"] == "AK-2027-000002" && again[0]["period"] == "2027-03")
        }
    }

    /// A fee of 54.00 is on an invoice of the seller's own system, another comes late.
    @Test("What is invoiced elsewhere is credited there first; the rest of the month goes on")
    func invoicedElsewhere() async throws {
        var terms = Self.accepted
        terms["billing"] = LifeOfAVisit.invoicedBySeller()
        try await Story.tell(changed: terms) { story in
            try await story.life.cancelledLate("2027-03-09")
            try await story.at("2027-04-01T06:00:00Z")
            let invoice = try await story.life.recorded(story.life.accepted())
            try await agree(story, from: "2027-03-01")
            let found = try await preview(story, by: story.buyer)
            #expect(becomes(found) == ["recorded"])
            #expect(found["charges"]?[0]?["take_back"] == "54.00" && found["difference"] == "0.00")
            #expect(await refusal { _ = try await rate(story, "0.00") } == .nothingToRateAgain)
            try await story.at("2027-04-02T06:00:00Z")
            try await story.life.creditRecorded(
                invoice, .net(Money(decimal: "10.00")), total: "10.00")
            #expect(try await preview(story)["charges"]?[0]?["take_back"] == "44.00")
            try await story.life.creditRecorded(
                invoice, .all, total: "44.00", number: "2027/C2")
            #expect(try await becomes(preview(story)) == ["credited"])
            #expect(try await rate(story, "-6.00")["charges"] == 1)
            try await story.life.recorded(
                story.life.accepted(), number: "2027/2", reference: "1245", issuedOn: "2027-04-02",
                dueOn: "2027-05-02", total: "48.00")
        }
    }

    @Test("What units of one legal person have settled stays; the rest of the month goes on")
    func settledInternally() async throws {
        try await TestMarket.withMarket { test in
            try await test.clock.set(to: Instant(rfc3339: "2027-01-04T08:00:00Z"))
            let life = try await LifeOfAVisit(
                under: test.signedContract(
                    seller: test.addOrganisation("Example Hospital"),
                    buyer: test.addOrganisation("Example Health Centre"),
                    changed: LifeOfAVisit.ofOneLegalPerson()))
            let story = Story(life: life)
            try await life.cancelledLate("2027-03-09")
            let late = try await life.booked("2027-03-31")
            let starts = try Instant(rfc3339: "2027-03-31T07:00:00Z")
            try await test.clock.set(to: starts.adding(seconds: -300))
            try await life.attended(late, from: starts, minutes: 20)
            try await story.at("2027-04-01T06:00:00Z")
            _ = try await life.settled(life.accepted(), total: "54.00")
            let seconds = try await life.measured(late)
            for side in [.seller, .buyer] as [Visits.Side] {
                try await life.says(side, .attests(seconds: seconds), of: late)
            }
            try await test.amended(
                life.contract.id, from: CalendarDate(iso: "2027-03-01"),
                signedAt: Instant(rfc3339: "2027-04-01T07:00:00Z"), pricePerMinute: "3.20")
            #expect(try await becomes(preview(story)) == ["settled_internally", "replaced"])
            #expect(try await rate(story, "-8.00")["charges"] == 1)
            let findings = try await Verification.run(on: test.reader)
            #expect(findings.isEmpty, "\(findings)")
        }
    }

    /// 108.00 and 72.00 less 54.00 were invoiced: 126.00 are enough to credit the first alone.
    @Test("An invoice with a line below zero: what fits is credited, and the rest says why not")
    func besideWhatTheSellerOwes() async throws {
        var terms = Self.accepted
        terms["worked_examples"] = CarriedLinesTests.example
        terms["cancellation"] = [
            "buyer": [["notice_hours": 0, "fee_percent": "50"]],
            "seller": [["notice_hours": 0, "fee_percent": "50"]],
        ]
        try await Story.tell(changed: terms) { story in
            let cancelled = try await story.life.booked("2027-03-08")
            try await story.at("2027-03-08T07:00:00Z")
            _ = try await story.market.cancelBooking(
                story.seller.scheduler.request("cancelBooking"), cancelled,
                expectedFee: Money(decimal: "54.00"), reason: nil)
            try await story.life.held("2027-03-09", minutes: 30)
            try await story.life.held("2027-03-10", minutes: 20)
            try await story.at("2027-04-01T06:00:00Z")
            let invoice = try await story.life.invoiced()[0]
            #expect(invoice["total"] == "126.00")
            try await agree(story, from: "2027-03-01")
            #expect(
                try await becomes(preview(story)) == [
                    "owed_by_seller", "credited", "above_remaining",
                ])
            #expect(try await rate(story, "-12.00")["charges"] == 1)
            let seen = try await story.market.invoice(
                story.seller.finance.request("getInvoice"),
                InvoiceID(typeID: invoice["id"]?.text ?? "")
            ).body
            #expect(seen["credited"] == "108.00" && seen["open"] == "18.00")
            #expect(try await becomes(preview(story)) == ["owed_by_seller", "above_remaining"])
            #expect(try await story.life.invoiced().map { $0["total"] } == ["96.00"])
        }
    }

    @Test("The wrong VAT at the right price: credited without it, and invoiced with it")
    func anotherVAT() async throws {
        try await Story.tell(changed: Self.accepted) { story in
            try await story.life.held("2027-03-09", minutes: 30)
            try await story.at("2027-04-01T06:00:00Z")
            #expect(try await story.life.invoiced().map { $0["total"] } == ["108.00"])
            try await story.life.held("2027-04-06", minutes: 20)
            try await story.at("2027-05-03T06:00:00Z")
            let taxed: JSON = [
                "category": "S", "rate_percent": "25.5", "reason": "Leasing of staff",
            ]
            try await agree(story, from: "2027-03-01", vat: taxed)
            let found = try await preview(story)
            #expect(becomes(found) == ["credited"] && found["difference"] == "0.00")
            #expect(found["charges"]?[0]?["other_vat"] == true)
            #expect(try await rate(story, "0.00")["charges"] == 1)
            #expect(await refusal { _ = try await rate(story, "0.00") } == .nothingToRateAgain)
            #expect(try await becomes(preview(story, "2027-04")) == ["replaced"])
            let again = try await story.life.invoiced()
            #expect(again.map { $0["total"] } == ["135.54"])
            let open = try await story.openAmounts(story.buyer)["invoices"]?.elements
            #expect(open?.map { $0["open"] } == ["135.54"])
        }
    }

    @Test("On an open statement; what is disputed, agreed or frozen stays as it is")
    func beforeAcceptance() async throws {
        try await Story.tell(changed: Self.accepted) { story in
            let life = story.life
            try await life.held("2027-03-08", minutes: 30)
            let disputed = try await life.held("2027-03-09", minutes: 20)
            try await life.held("2027-03-10", minutes: 30)
            let frozen = try await life.booked("2027-04-06")
            try await story.at("2027-04-01T06:00:00Z")
            let statement = try StatementID(
                typeID: await life.statement().body["id"]?.text ?? "")
            let dispute = try await life.disputed(
                disputed, on: statement, DisputeWords(net: "54.00"))
            // the first visit is before the days of the new version
            try await agree(story, from: "2027-03-09")
            #expect(try await becomes(preview(story)) == ["disputed", "replaced"])
            #expect(try await rate(story, "-12.00")["charges"] == 1)
            #expect(try await life.seen(statement)["undisputed"] == "108.00")
            try await life.accepts(statement)
            #expect(try await life.invoiced(statement).map { $0["total"] } == ["108.00"])
            #expect(try await life.statement().body["total"] == "96.00")

            try await life.answered(dispute, .concede, DisputeWords(nil))
            #expect(try await becomes(preview(story)) == ["agreed"])
            // it was booked before the new version was signed, and held after it
            let held = try await story.held(frozen, minutes: 30)
            #expect(try await story.charge(held)["net"] == "108.00")
            #expect(try await becomes(preview(story, "2027-04")) == [])
        }
    }
}
