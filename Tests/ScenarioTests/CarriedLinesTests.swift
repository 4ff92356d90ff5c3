import Billing
import Marketplace
import MoneyAndTime
import Storage
import StrictJSON
import TestMarket
import Testing

@Suite("What comes to less than nothing is set against the next statement")
struct CarriedLinesTests {
    /// A visit that the seller cancels costs it 54.00.
    private static let terms: JSONObject = [
        "handshake": ["reply_within_minutes": 240, "accepted_in_advance": true],
        "cancellation": [
            "buyer": [["notice_hours": 0, "fee_percent": "50"]],
            "seller": [["notice_hours": 0, "fee_percent": "50"]],
        ],
        "worked_examples": example,
    ]

    /// What both sets of fees leave as it is.
    static let example: JSON = [
        [
            "title": "A 17-minute visit", "service": "psychiatrist-visit",
            "visit": [
                "starts": "2027-06-01T10:00", "planned_minutes": 30, "billable_seconds": 1020,
            ],
            "lines": [["kind": "visit", "minutes": "17", "amount": "61.20"]],
            "total": "61.20",
        ]
    ]

    private func cancelledBySeller(_ story: Story, _ day: String) async throws {
        let visit = try await story.life.booked(day)
        try await story.at("\(day)T07:00:00Z")
        _ = try await story.market.cancelBooking(
            story.seller.scheduler.request("cancelBooking"), visit,
            expectedFee: Money(decimal: "54.00"), reason: nil)
    }

    private func waits(_ story: Story) async throws -> [String?] {
        try await story.openAmounts(story.seller)["unbilled"]?.elements?
            .map { $0["waits_for"]?.text } ?? []
    }

    private func id(_ statement: JSON) throws -> StatementID {
        try StatementID(typeID: statement["id"]?.text ?? "")
    }

    private func toInvoice(_ story: Story) async throws -> Bool {
        try await story.market.listToDo(story.seller.finance.request("listToDo"))
            .body["items"]?.elements?.contains { $0["kind"] == "statements_to_invoice" } ?? false
    }

    /// How many steps a billing run finds.
    private func steps(_ story: Story, _ month: String) async throws -> Int64? {
        let run = try await story.market.startBillingRun(
            story.seller.finance.request("startBillingRun"), through: .init(key: month))
        while try await story.market.actOnWhatIsDue(most: 100) > 0 {}
        return run.body["steps"]?.integer
    }

    @Test("A dispute leaves only what the seller owes: the next month has it, and nothing twice")
    func againstTheNextMonth() async throws {
        try await Story.tell(changed: Self.terms) { story in
            let life = story.life
            try await cancelledBySeller(story, "2027-03-08")
            let visit = try await life.held("2027-03-09", minutes: 30)
            try await story.at("2027-04-01T06:00:00Z")
            let march = try await id(life.statement().body)
            let dispute = try await life.disputed(visit, on: march, DisputeWords(net: "54.00"))
            try await life.accepts(march)
            let accepted = try await life.seen(march)
            #expect(accepted["undisputed"] == "-54.00" && accepted["to_invoice"] == "0.00")
            #expect(accepted["to_carry"] == "-54.00")
            let nothing = await refusal { _ = try await life.invoiced(march) }
            #expect(nothing == .nothingToInvoice)
            #expect(try await !toInvoice(story))
            #expect(try await steps(story, "2027-03") == 0)
            #expect(try await waits(story) == ["dispute", "next_statement"])
            #expect(await refusal { _ = try await life.statement() } == .nothingToState)

            try await life.held("2027-04-06", minutes: 30)
            try await story.at("2027-05-01T06:00:00Z")
            let stated = try await life.statement(of: "2027-04").body
            let april = try id(stated)
            #expect(stated["total"] == "54.00")
            let lines = stated["lines"]?.elements ?? []
            #expect(lines.map { $0["net"] } == ["-54.00", "108.00"])
            #expect(lines.map { $0["carried_from"] } == [JSON(march.description), .null])
            #expect(lines.allSatisfy { $0["late"] == false })
            let left = try await life.seen(march)
            #expect(left["lines"]?[0]?["carried_to"] == JSON(april.description))
            #expect(left["undisputed"] == "-54.00" && left["to_carry"] == "0.00")
            let carried = try ChargeID(typeID: lines[0]["charge"]?.text ?? "")
            #expect(try await story.charge(carried)["statement"] == JSON(april.description))
            let again = await refusal {
                _ = try await life.disputed(carried, on: april, DisputeWords(net: "-108.00"))
            }
            #expect(again == .statementSettled)

            try await life.accepts(april)
            #expect(try await toInvoice(story))
            #expect(try await steps(story, "2027-04") == 1)
            let invoices = try await story.market.listInvoices(
                story.buyer.finance.request("listInvoices"), contract: nil, state: nil,
                page: Page(after: nil, limit: 10)
            ).body["items"]?.elements
            #expect(invoices?.map { $0["total"] } == ["54.00"])
            #expect(await refusal { _ = try await life.invoiced(april) } == .alreadyInvoiced)
            // what the dispute came to is of March alone
            try await life.answered(dispute, .withdraw, DisputeWords(nil))
            #expect(try await life.invoiced(march).map { $0["total"] } == ["108.00"])
            #expect(try await waits(story) == [])
        }
    }

    /// Both sign another treatment of VAT from a day on.
    private func agree(
        _ story: Story, _ vat: JSON, from day: String, number: Int64
    ) async throws {
        let version = try await story.market.contractVersion(
            story.seller.admin.request("getContractVersion"), story.contract.id, number: 1
        ).body
        var members = version["document"]?.members ?? [:]
        var billing = members["billing"]?.members ?? [:]
        billing["vat"] = vat
        members["billing"] = .object(billing)
        members["validity"] = ["first_day": JSON(day), "last_day": "2027-12-31"]
        members["worked_examples"] = Self.example
        _ = try await story.market.amendContract(
            story.seller.admin.request("amendContract"), story.contract.id, .object(members))
        try await story.test.sign(story.contract.id, number: number, story.seller, story.buyer)
    }

    @Test("One treatment of VAT is invoiced, and the other carried from month to month")
    func besideAnotherTreatment() async throws {
        try await Story.tell(changed: Self.terms) { story in
            let life = story.life
            try await cancelledBySeller(story, "2027-03-08")
            let exempt: JSON = [
                "category": "E", "rate_percent": "0", "exemption_code": "VATEX-EU-132-1C",
                "reason": "Care",
            ]
            let taxed: JSON = [
                "category": "S", "rate_percent": "25.50", "reason": "Leasing of staff",
            ]
            let first = try await story.market.contractVersion(
                story.seller.admin.request("getContractVersion"), story.contract.id, number: 1
            ).body["document"]?["billing"]?["vat"]
            try await agree(story, taxed, from: "2027-03-15", number: 2)
            try await agree(story, exempt, from: "2027-04-15", number: 3)
            try await agree(story, first ?? .null, from: "2027-05-15", number: 4)
            var carried: [JSON?] = []
            for (month, day, end, invoiced) in [
                ("2027-03", "2027-03-16", "2027-04-01", "135.54"),
                // exempt for another reason
                ("2027-04", "2027-04-20", "2027-05-01", "108.00"),
                ("2027-05", "2027-05-18", "2027-06-01", "54.00"),
            ] {
                try await life.held(day, minutes: 30)
                try await story.at("\(end)T06:00:00Z")
                let statement = try await life.statement(of: month).body
                #expect(statement["total"] == "54.00", "\(month)")
                carried.append(statement["lines"]?[0]?["carried_from"])
                try await life.accepts(id(statement))
                let made = try await life.invoiced(id(statement))
                #expect(made.map { $0["total"]?.text } == [invoiced], "\(month)")
                let rest = try await life.seen(id(statement))["to_carry"]
                #expect(rest == (month == "2027-05" ? "0.00" : "-54.00"), "\(month)")
            }
            #expect(carried[0] == .null && carried[1] != .null && carried[2] != carried[1])
            #expect(try await waits(story) == [])
        }
    }

    /// Nothing is stated that could not be invoiced: 54.00 of March waits for what is owed of it.
    @Test("A month that does not come to what is carried waits for one that does")
    func notEnough() async throws {
        try await Story.tell(changed: Self.terms) { story in
            let life = story.life
            for day in ["2027-03-08", "2027-03-09", "2027-03-10"] {
                try await cancelledBySeller(story, day)
            }
            let visit = try await life.held("2027-03-11", minutes: 30)
            let other = try await life.held("2027-03-12", minutes: 30)
            try await story.at("2027-04-01T06:00:00Z")
            let march = try await id(life.statement().body)
            for line in [visit, other] {
                try await life.disputed(line, on: march, DisputeWords(net: "54.00"))
            }
            try await life.accepts(march)
            try await life.held("2027-04-06", minutes: 30)
            try await story.at("2027-05-01T06:00:00Z")
            let waiting = await refusal { _ = try await life.statement(of: "2027-04") }
            #expect(waiting == .nothingToState)
            #expect(
                try await Set(waits(story)) == ["dispute", "next_statement", "statement"])
            try await life.held("2027-05-04", minutes: 30)
            try await story.at("2027-06-01T06:00:00Z")
            let may = try await life.statement(of: "2027-05").body
            #expect(may["total"] == "54.00" && may["lines"]?.elements?.count == 5)
            try await life.accepts(id(may))
            #expect(try await life.invoiced(id(may)).map { $0["total"] } == ["54.00"])
        }
    }
}
