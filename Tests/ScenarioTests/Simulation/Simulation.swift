import Billing
import Contracts
import Marketplace
import MoneyAndTime
import Storage
import StrictJSON
import TestMarket
import Testing

/// Random life of many organisations, day after day, the same for the same seed: contracts, visits
/// as they come, statements, invoices, and banks that say what they say. What it does is what
/// people may do; what must hold whatever they do is checked every evening.
final class Simulation {
    /// One contract, and the specialist whose time is sold under it.
    struct Trade {
        let life: LifeOfAVisit
        /// Of whom what is owed is paid late, in parts, or with a wrong reference.
        let isCareless: Bool

        var contract: TestContract { life.contract }
    }

    /// A visit to come.
    struct Booked {
        let booking: BookingID
        let trade: Int
        let starts: Instant
    }

    /// An invoice that is not settled yet.
    struct Bill {
        let trade: Int
        let invoice: InvoiceID
        let reference: String
        /// In minor units.
        var open: Int64
        let dueOn: CalendarDate
    }

    let test: TestMarket
    var random: Seeded
    var trades: [Trade] = []
    var ahead: [Booked] = []
    var bills: [Bill] = []
    /// Statements that wait for their buyer, and those that are accepted and not invoiced.
    var stated: [(trade: Int, statement: StatementID)] = []
    var accepted: [(trade: Int, statement: StatementID)] = []
    /// Months that are still to be stated.
    var unstated: [(trade: Int, month: String)] = []
    var quarrels: [Quarrel] = []
    var tally: [String: Int] = [:]
    private var files = 0

    private init(_ test: TestMarket, seed: UInt64) {
        self.test = test
        random = Seeded(seed)
    }

    /// So many organisations from 2027-03-15 on, for so many days; what happened, counted.
    static func run(organisations: Int, days: Int, seed: UInt64) async throws -> [String: Int] {
        try await TestMarket.withMarket { test in
            let life = Simulation(test, seed: seed)
            try await life.begin(organisations)
            var day = try CalendarDate(iso: "2027-03-15")
            for _ in 0..<days {
                try await life.live(through: day)
                try await life.expectOrder(on: day)
                day = try day.adding(days: 1)
            }
            try await life.expectEveryBookExplained()
            return life.tally
        }
    }

    func count(_ what: String) { tally[what, default: 0] += 1 }

    func nextFile() -> String {
        files += 1
        return "F\(files)"
    }

    // MARK: - The beginning

    /// Every third organisation sells, to some of the others and to other sellers.
    private func begin(_ count: Int) async throws {
        try await test.clock.set(to: Instant(rfc3339: "2027-01-04T08:00:00Z"))
        var all: [TestOrganisation] = []
        for number in 1...count { all.append(try await test.addOrganisation("Example \(number)")) }
        for seller in stride(from: 0, to: count, by: 3) {
            var first: LifeOfAVisit?
            for step in 1...min(4, count - 1) {
                let buyer = all[(seller + step * (1 + step % 2)) % count]
                if buyer.id == all[seller].id { continue }
                let known = trades.contains {
                    $0.contract.seller.id == all[seller].id && $0.contract.buyer.id == buyer.id
                }
                if known { continue }
                try await test.clock.set(to: Instant(rfc3339: "2027-01-04T08:00:00Z"))
                let contract = try await test.agreedContract(
                    seller: all[seller], buyer: buyer, changed: terms())
                let life =
                    if let first {
                        LifeOfAVisit(under: contract, sharing: first)
                    } else {
                        try await LifeOfAVisit(
                            under: contract, label: "Specialist \(seller + 1)")
                    }
                first = first ?? life
                trades.append(Trade(life: life, isCareless: random.chance(30)))
            }
        }
        tally["contracts"] = trades.count
    }

    /// Accepted in advance; some are taxed, and some let late sellers and missing people pay.
    private func terms() -> JSONObject {
        var terms: JSONObject = [
            "handshake": ["reply_within_minutes": 240, "accepted_in_advance": true],
            "cancellation": [
                "buyer": [
                    ["notice_hours": 24, "fee_percent": "0"],
                    ["notice_hours": 0, "fee_percent": "50"],
                ],
                "seller": [
                    ["notice_hours": 24, "fee_percent": "0"],
                    ["notice_hours": 0, "fee_percent": "50"],
                ],
            ],
            "worked_examples": [
                [
                    "title": "A 17-minute visit", "service": "psychiatrist-visit",
                    "visit": [
                        "starts": "2027-03-06T10:00", "planned_minutes": 30,
                        "billable_seconds": 1_020,
                    ],
                    "lines": [["kind": "visit", "minutes": "17", "amount": "61.20"]],
                    "total": "61.20",
                ]
            ],
        ]
        if random.chance(40) {
            terms["billing"] = [
                "period": "month", "statement": ["acceptance_days": 7], "payment_days": 21,
                "vat": [
                    "category": "S", "rate_percent": "25.5",
                    "reason": "Staff leasing, section 1 of the VAT Act",
                ],
            ]
        }
        return terms
    }

    // MARK: - A day

    private func live(through day: CalendarDate) async throws {
        let clock = trades[0].contract.clock
        try await test.clock.set(to: clock.instant(day, TimeOfDay("06:00")))
        try await doWhatIsDue()
        try await bookSomething(on: day)
        try await cancelSomething()
        try await holdVisits(of: day, clock)
        try await test.clock.set(to: clock.instant(day, TimeOfDay("19:00")))
        try await doWhatIsDue()
        try await keepBooks(on: day)
    }

    private func doWhatIsDue() async throws {
        while try await test.market.actOnWhatIsDue(most: 100) > 0 {}
    }

    /// Every invariant that can be computed again from the facts, whatever was done.
    private func expectOrder(on day: CalendarDate) async throws {
        let findings = try await Verification.run(on: test.reader)
        try #require(findings.isEmpty, "on \(day.iso): \(findings)")
    }

    /// Any two agree on each other's books, and each can say what every cent of it is.
    private func expectEveryBookExplained() async throws {
        for trade in trades {
            let (seller, buyer) = (trade.contract.seller, trade.contract.buyer)
            for (one, other) in [(seller, buyer), (buyer, seller)] {
                let compared = try await test.market.compareBooks(
                    one.finance.request("compareBooks"), with: other.id)
                #expect(compared.body["agree"] == true)
                let balance = try await test.market.trialBalance(
                    one.finance.request("getTrialBalance"))
                #expect(balance.body["difference"] == "0.00")
                let open = try await test.market.listOpenAmounts(
                    one.finance.request("listOpenAmounts"))
                #expect(open.body["explained"] == true)
            }
        }
    }
}
