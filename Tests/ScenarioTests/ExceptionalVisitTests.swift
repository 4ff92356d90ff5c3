import Billing
import Contracts
import Marketplace
import MoneyAndTime
import Storage
import StrictJSON
import TestMarket
import Testing
import Visits

@Suite("Visits that do not go as planned, and hours that cost more")
struct ExceptionalVisitTests {
    /// 3.60 a minute, a quarter more before ten; the shortest visit is of 30 minutes.
    private static func terms() throws -> JSONObject {
        let bytes = try ContractFiles.read("v1/examples/valid/psychiatrist-remote-visit.json")
        let example = try JSON.parse(bytes)
        var service = example["services"]?[0]?.members ?? [:]
        service["supplements"] = [
            [
                "code": "morning", "name": ["fi": "Aamu", "sv": "Morgon", "en": "Morning"],
                "days": ["monday", "tuesday", "wednesday", "thursday", "friday"],
                "from": "06:00", "until": "10:00", "percent": "25",
            ]
        ]
        return [
            "handshake": ["reply_within_minutes": 240, "accepted_in_advance": true],
            "services": [.object(service)],
            "cancellation": [
                "buyer": [["notice_hours": 0, "fee_percent": "100"]],
                "seller": [
                    ["notice_hours": 24, "fee_percent": "0"],
                    ["notice_hours": 0, "fee_percent": "50"],
                ],
            ],
            "no_show": [
                "wait_minutes": 15, "buyer_fee_percent": "100", "seller_fee_percent": "50",
            ],
            "late_start": [
                "tolerance_minutes": 5, "waiting_is_billed": true, "reduction_percent": "10",
            ],
            "worked_examples": [
                [
                    "title": "A quarter of an hour in the morning, and one after it",
                    "service": service["code"] ?? .null,
                    "visit": [
                        "starts": "2027-03-09T09:45", "planned_minutes": 30,
                        "billable_seconds": 1800,
                    ],
                    "lines": [
                        ["kind": "visit", "minutes": "30", "amount": "108.00"],
                        [
                            "kind": "supplement", "code": "morning", "minutes": "15",
                            "amount": "13.50",
                        ],
                    ], "total": "121.50",
                ]
            ],
        ]
    }

    @Test("The price that search shows across ten o'clock is booked, charged and invoiced")
    func supplement() async throws {
        try await Story.tell(changed: Self.terms()) { story in
            let visit = try await story.life.booked("2027-03-09", at: "09:45")
            #expect(try await story.booking(visit)["quote"] == "121.50")
            let charge = try await story.charge(story.held(visit, minutes: 30))
            #expect(charge["net"] == "121.50")
            let lines = charge["lines"]?.elements ?? []
            #expect(lines.map { $0["kind"]?.text } == ["visit", "supplement"])
            #expect(lines[1]["code"] == "morning" && lines[1]["price"] == "0.90")
            try await story.at("2027-04-01T06:00:00Z")
            let invoice = try await story.life.invoiced()[0]
            #expect(invoice["net"] == "121.50")
            #expect(invoice["lines"]?.elements?.count == 2)
        }
    }

    @Test("A visit that moves out of the dear hours is quoted anew")
    func moved() async throws {
        try await Story.tell(changed: Self.terms()) { story in
            let visit = try await story.life.booked("2027-03-09", at: "09:00")
            #expect(try await story.booking(visit)["quote"] == "135.00")
            try await story.says(
                .buyer, .counter, 1, of: visit,
                offer: ("2027-03-09T09:00:00Z", "2027-03-05T08:00:00Z"))
            try await story.says(.seller, .accept, 2, of: visit)
            let after = try await story.booking(visit)
            #expect(after["starts"] == "2027-03-09T09:00:00Z")
            #expect(after["quote"] == "108.00")
        }
    }

    @Test("What the seller owes for its own late cancellation is taken off the invoice")
    func sellerCancels() async throws {
        try await Story.tell(changed: Self.terms()) { story in
            try await story.life.held("2027-03-08", minutes: 30)
            let visit = try await story.life.booked("2027-03-09")
            try await story.at("2027-03-09T07:00:00Z")
            let scheduler = story.seller.scheduler
            let cost = try await story.market.cancellationCost(
                scheduler.request("getCancellationCost"), visit
            ).body
            #expect(cost["fee"] == "54.00" && cost["side"] == "seller")
            let done = try await story.market.cancelBooking(
                scheduler.request("cancelBooking"), visit, expectedFee: Money(decimal: "54.00"),
                reason: nil
            ).body
            let charge = try await story.charge(ChargeID(typeID: done["charge"]?.text ?? ""))
            #expect(charge["net"] == "-54.00" && charge["cause"] == "seller_cancellation")
            try await story.at("2027-04-01T06:00:00Z")
            let invoice = try await story.life.invoiced()[0]
            #expect(invoice["net"] == "54.00")
            #expect(
                invoice["lines"]?.elements?.map { $0["quantity"]?.text } == ["30", "-1"])
            try await story.paid([("54.00", invoice["reference"]?.text)], id: "A")
            #expect(try await story.openAmounts(story.buyer)["invoices"] == [])
        }
    }

    @Test("A month in which the seller only owes waits for the next one")
    func nothingButDebt() async throws {
        try await Story.tell(changed: Self.terms()) { story in
            let visit = try await story.life.booked("2027-03-09")
            try await story.at("2027-03-09T07:00:00Z")
            _ = try await story.market.cancelBooking(
                story.seller.scheduler.request("cancelBooking"), visit,
                expectedFee: Money(decimal: "54.00"), reason: nil)
            try await story.at("2027-04-01T06:00:00Z")
            let waits = await refusal { _ = try await story.life.statement() }
            #expect(waits == .nothingToState)
            try await story.life.held("2027-04-06", minutes: 30)
            try await story.at("2027-05-01T06:00:00Z")
            let statement = try await story.life.statement(of: "2027-04").body
            #expect(statement["total"] == "54.00")
            #expect(statement["lines"]?.elements?.count == 2)
        }
    }

    @Test(
        "Who never came pays, if the other side waited long enough",
        arguments: Visits.Side.allCases)
    func noShow(of absent: Visits.Side) async throws {
        try await Story.tell(changed: Self.terms()) { story in
            for (day, minutes, net) in [
                ("2027-03-09", 14, "0.00"),
                ("2027-03-10", 16, absent == .buyer ? "108.00" : "-54.00"),
            ] {
                let visit = try await story.life.booked(day)
                let starts = try Instant(rfc3339: "\(day)T08:00:00Z")
                try await story.test.clock.set(to: starts.adding(seconds: -300))
                let token = try await story.life.joinToken(
                    absent == .buyer ? .seller : .buyer, of: visit)
                for minute in 0...Int64(minutes) {
                    try await story.life.observe(
                        token, minute == 0 ? .join : minute == minutes ? .leave : .heartbeat,
                        at: starts.adding(seconds: minute * 60))
                }
                try await story.at("\(day)T12:00:00Z")
                try await story.life.says(.seller, .attests(seconds: 0), of: visit)
                let done = try await story.life.says(.buyer, .attests(seconds: 0), of: visit)
                let charge = try await story.charge(
                    ChargeID(typeID: done.body["charge"]?.text ?? ""))
                #expect(
                    charge["net"]?.text == net,
                    "\(minutes) minutes: \(charge["trace"] ?? .null)")
                #expect(
                    charge["cause"]?.text == (absent == .buyer ? "no_show" : "seller_no_show"))
            }
        }
    }

    @Test("The seller's waiting beyond the tolerance is billed, the buyer's lowers the price")
    func lateStart() async throws {
        try await Story.tell(changed: Self.terms()) { story in
            for (day, early, net) in [
                // 20 minutes together, and 12 - 5 of waiting
                ("2027-03-09", Visits.Side.seller, "97.20"),
                // 20 minutes together, less a tenth
                ("2027-03-10", .buyer, "64.80"),
            ] {
                let visit = try await story.life.booked(day)
                let starts = try Instant(rfc3339: "\(day)T08:00:00Z")
                try await story.test.clock.set(to: starts.adding(seconds: -300))
                let waiting = try await story.life.joinToken(early, of: visit)
                let late = try await story.life.joinToken(early.other, of: visit)
                for minute in 0...Int64(32) {
                    // who waits is there a little before the start
                    let instant = try starts.adding(seconds: minute * 60 - (minute == 0 ? 10 : 0))
                    try await story.life.observe(
                        waiting, minute == 0 ? .join : minute == 32 ? .leave : .heartbeat,
                        at: instant)
                    guard minute >= 12 else { continue }
                    try await story.life.observe(
                        late, minute == 12 ? .join : minute == 32 ? .leave : .heartbeat,
                        at: instant)
                }
                let seconds = try await story.life.measured(visit)
                for side in Visits.Side.allCases {
                    try await story.life.says(side, .attests(seconds: seconds), of: visit)
                }
                let sheet = try await story.market.visit(
                    story.seller.specialist.request("getVisit"), visit
                ).body
                let charge = try await story.charge(
                    ChargeID(typeID: sheet["charge"]?.text ?? ""))
                #expect(
                    charge["net"]?.text == net, "\(early): \(charge["trace"] ?? .null)")
            }
        }
    }
}
