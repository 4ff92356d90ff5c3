import Billing
import Marketplace
import MoneyAndTime
import Storage
import StrictJSON
import TestMarket
import Testing
import Visits

@Suite("What is missing of an agreed capacity is billed once, and given back when it comes late")
struct CommitmentTests {
    /// 310 minutes a month at 2.00, in a contract that rules from 10 March.
    private static let terms: JSONObject = [
        "commitment": ["minutes_per_period": 310, "price_per_minute": "2.00"],
        "handshake": ["reply_within_minutes": 240, "accepted_in_advance": true],
    ]

    private func used(_ story: Story) async throws -> JSON? {
        try await story.market.commitment(
            story.buyer.finance.request("getCommitment"), of: story.contract.id
        ).body["now"]
    }

    private func lines(_ statement: JSON) -> [[String?]] {
        (statement["lines"]?.elements ?? []).map { [$0["cause"]?.text, $0["net"]?.text] }
    }

    private func id(_ statement: JSON) throws -> StatementID {
        try StatementID(typeID: statement["id"]?.text ?? "")
    }

    /// March has 22 of 31 days, so 220 minutes. Of a visit of 30 minutes both agree, one of 30 the
    /// seller cancels, and one of 30 is agreed on in April only.
    private func march(_ story: Story) async throws -> (BookingID, JSON) {
        let life = story.life
        try await life.held("2027-03-15", minutes: 30)
        let cancelled = try await life.booked("2027-03-16")
        _ = try await story.market.cancelBooking(
            story.seller.scheduler.request("cancelBooking"), cancelled,
            expectedFee: .zero, reason: nil)
        let late = try await life.booked("2027-03-17")
        let starts = try story.contract.clock.instant(
            CalendarDate(iso: "2027-03-17"), TimeOfDay("10:00"))
        try await life.attended(late, from: starts, minutes: 30)
        let now = try await used(story)
        #expect(now?["committed_seconds"] == 13_200 && now?["ruled_days"] == 22)
        #expect(now?["billed_seconds"] == 1_800 && now?["seller_seconds"] == 1_800)
        #expect(now?["missing_seconds"] == 9_600)
        try await story.at("2027-03-31T20:00:00Z")
        #expect(await refusal { _ = try await life.statement() } == .periodNotOver)
        try await story.at("2027-04-01T06:00:00Z")
        return (late, try await life.statement().body)
    }

    @Test("two months: a cut one with its invoice, and one that gives back what came late")
    func story() async throws {
        try await Story.tell(from: "2027-03-10", through: "2027-05-31", changed: Self.terms) {
            story in
            let life = story.life
            let (late, march) = try await march(story)
            #expect(lines(march) == [["visit", "108.00"], ["shortfall", "320.00"]])
            let shortfall = try await story.charge(
                ChargeID(typeID: march["lines"]?[1]?["charge"]?.text ?? ""))
            #expect(
                shortfall["trace"]?["steps"]?.elements?.map { $0["code"] } == [
                    "commitment_days", "commitment_seller", "commitment", "price", "rounding",
                ])
            let line = shortfall["lines"]?[0]
            #expect(line?["quantity"] == "160" && line?["unit"] == "MIN")
            #expect(line?["text"] == "Shortfall of the agreed capacity, 2027-03")
            try await life.accepts(id(march))
            let invoices = try await life.invoiced(id(march))
            #expect(invoices.map { $0["net"] } == ["428.00"])
            #expect(await refusal { _ = try await life.statement() } == .nothingToState)

            let seconds = try await life.measured(late)
            for side in [Side.seller, .buyer] {
                try await life.says(side, .attests(seconds: seconds), of: late)
            }
            try await story.at("2027-05-01T06:00:00Z")
            let april = try await life.statement(of: "2027-04").body
            #expect(
                lines(april).sorted { ($0[1] ?? "") < ($1[1] ?? "") } == [
                    ["shortfall_returned", "-60.00"], ["visit", "108.00"],
                    ["shortfall", "620.00"],
                ])
            // the buyer disputes a figure of it, and the seller concedes
            let disputed = try #require(
                april["lines"]?.elements?.first { $0["net"] == "620.00" }?["charge"]?.text)
            let dispute = try await life.disputed(
                ChargeID(typeID: disputed), on: id(april), DisputeWords(net: "600.00"))
            try await life.answered(dispute, .concede, DisputeWords(nil))
            let again = await refusal { _ = try await life.statement(of: "2027-04") }
            #expect(again == .nothingToState)
            try await life.accepts(id(april))
            #expect(try await life.invoiced(id(april)).map { $0["net"] } == ["648.00"])
            try await withoutVisits(story)
        }
    }

    /// May has no visit, and its statement all that was agreed; June is not of the contract.
    private func withoutVisits(_ story: Story) async throws {
        try await story.at("2027-07-01T06:00:00Z")
        let run = try await story.market.startBillingRun(
            story.seller.finance.request("startBillingRun"), through: .init(key: "2027-06"))
        #expect(run.body["steps"]?.integer == 1)
        while try await story.market.actOnWhatIsDue(most: 100) > 0 {}
        let statements = try await story.market.listStatements(
            story.buyer.finance.request("listStatements"), contract: nil, state: .open,
            page: Page(after: nil, limit: 10)
        ).body["items"]
        #expect(statements?[0]?["period"] == "2027-06" && statements?[0]?["total"] == "620.00")
        #expect(try await used(story) == .null)
        let again = try await story.market.startBillingRun(
            story.seller.finance.request("startBillingRun"), through: .init(key: "2027-06"))
        #expect(again.body["steps"]?.integer == 0)
    }

    @Test("two who state a month at once charge its shortfall once")
    func once() async throws {
        try await Story.tell(from: "2027-03-10", through: "2027-03-31", changed: Self.terms) {
            story in
            try await story.at("2027-04-01T06:00:00Z")
            async let one = refusal { _ = try await story.life.statement() }
            async let other = refusal { _ = try await story.life.statement() }
            #expect(await [one, other].filter { $0 == .nothingToState }.count == 1)
            let charges = try await story.market.listCharges(
                story.buyer.finance.request("listCharges"), contract: nil, period: nil,
                page: Page(after: nil, limit: 10)
            ).body["items"]?.elements
            #expect(charges?.map { $0["net"] } == ["440.00"])
        }
    }

    @Test("units of one county settle a month's shortfall in the internal list")
    func template() async throws {
        try await TestMarket.withMarket { test in
            let id = try BusinessID("9000006-2")
            try await test.clock.set(to: Instant(rfc3339: "2027-01-04T08:00:00Z"))
            let contract = try await test.agreedContract(
                "county-units",
                seller: test.addOrganisation("County, hospital", businessID: id),
                buyer: test.addOrganisation("County, health centre", businessID: id),
                from: "2027-03-01")
            let life = try await LifeOfAVisit(under: contract)
            try await test.clock.set(to: Instant(rfc3339: "2027-04-01T06:00:00Z"))
            let settled = try await life.settled(life.accepted(), total: "900.00").body
            #expect(settled["lines"]?[0]?["cause"] == "shortfall")
            #expect(try await Verification.run(on: test.reader) == [])
        }
    }
}
