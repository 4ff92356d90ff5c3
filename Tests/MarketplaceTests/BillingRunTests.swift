import Billing
import Marketplace
import MoneyAndTime
import Postgres
import Storage
import StrictJSON
import TestMarket
import Testing

@Suite("A billing run takes every contract as far as it goes") struct BillingRunTests {
    private static let april = "2027-03-31T21:00:00Z"

    /// A seller with contracts to several buyers, each with a fee of March.
    private struct Bills {
        let test: TestMarket
        let seller: TestOrganisation
        var lives: [LifeOfAVisit] = []

        init(_ test: TestMarket, buyers: Int) async throws {
            self.test = test
            seller = try await test.addOrganisation("Seller")
            for number in 1...buyers {
                try await test.clock.set(to: Instant(rfc3339: "2027-01-04T08:00:00Z"))
                let contract = try await test.signedContract(
                    seller: seller, buyer: test.addOrganisation("Buyer \(number)"))
                let life =
                    if let first = lives.first {
                        LifeOfAVisit(under: contract, sharing: first)
                    } else {
                        try await LifeOfAVisit(under: contract)
                    }
                let day = ["2027-03-08", "2027-03-09", "2027-03-10"][number - 1]
                try await life.cancelledLate(day)
                lives.append(life)
            }
            try await test.clock.set(to: Instant(rfc3339: BillingRunTests.april))
        }

        func begin(_ month: String = "2027-03") async throws -> JSON {
            try await test.market.startBillingRun(
                seller.finance.request("startBillingRun"), through: StatementPeriod(key: month)
            ).body
        }

        func found(_ run: JSON) async throws -> JSON {
            try await test.market.billingRun(
                seller.finance.request("getBillingRun"),
                BillingRunID(typeID: run["id"]?.text ?? "")
            ).body
        }

        func work() async throws {
            while try await test.market.actOnWhatIsDue(most: 100) > 0 {}
        }
    }

    @Test func statesThenInvoices() async throws {
        try await TestMarket.withMarket { test in
            let bills = try await Bills(test, buyers: 3)
            let begun = try await bills.begin()
            #expect(begun["under_way"] == true)
            #expect(begun["steps"] == 3)
            #expect(await refusal { _ = try await bills.begin() } == .billingRunUnderWay)
            // one is stated by hand before its turn has come
            _ = try await bills.lives[2].statement()
            // two servers
            async let one: Void = bills.work()
            async let other: Void = bills.work()
            _ = try await (one, other)
            let stated = try await bills.found(begun)
            #expect(stated["under_way"] == false)
            #expect(stated["statements"] == 2)
            #expect(stated["stated"] == "108.00")
            #expect(stated["refused"] == 1)
            let refused = stated["work"]?.elements?.first { $0["state"] == "refused" }
            #expect(refused?["refusal"] == "nothing_to_state")
            #expect(
                refused?["contract"] == JSON(bills.lives[2].contract.id.description))

            // nobody has accepted yet: there is nothing to do
            let idle = try await bills.begin()
            #expect(idle["steps"] == 0)
            #expect(idle["under_way"] == false)

            let made = stated["work"]?.elements?.filter { $0["state"] == "done" } ?? []
            for (step, life) in zip(
                made.sorted { ($0["contract"]?.text ?? "") < ($1["contract"]?.text ?? "") },
                bills.lives.prefix(2).sorted {
                    $0.contract.id.description < $1.contract.id.description
                })
            {
                try await life.accepts(StatementID(typeID: step["statement"]?.text ?? ""))
            }
            let invoicing = try await bills.begin()
            try await bills.work()
            let invoiced = try await bills.found(invoicing)
            #expect(invoiced["invoices"] == 2)
            #expect(invoiced["invoiced"] == "108.00")
            #expect(invoiced["refused"] == 0)
            let numbers = try await test.owner.read(["select number from invoice order by number"])
                .map { try $0["number", String.self] }
            #expect(numbers == ["AK-2027-000001", "AK-2027-000002"])
            // run again, it makes nothing again
            #expect(try await bills.begin()["steps"] == 0)
            let kinds = try await test.owner.read([
                """
                select kind, revision from event where subject_kind = 'billing_run'
                order by subject, revision
                """
            ]).map { try "\($0["kind", String.self]) \($0["revision", Int64.self])" }
            #expect(
                kinds == (1...4).flatMap { _ in ["billing_run.begun 1", "billing_run.ended 2"] })
            #expect(try await Verification.run(on: test.reader) == [])
        }
    }

    /// A server that dies in the middle leaves whole steps behind, and another goes on.
    @Test func goesOnWhereItStopped() async throws {
        try await TestMarket.withMarket { test in
            let bills = try await Bills(test, buyers: 2)
            // what else is due
            try await bills.work()
            let begun = try await bills.begin()
            #expect(try await test.market.actOnWhatIsDue(most: 1) == 1)
            let half = try await bills.found(begun)
            #expect(half["waiting"] == 1)
            #expect(half["statements"] == 1)
            try await bills.work()
            #expect(try await bills.found(begun)["statements"] == 2)
        }
    }

    /// A run makes invoices of this market; what the seller's own system does is no step of it.
    @Test func whatIsInvoicedElsewhereHasNoStep() async throws {
        try await TestMarket.withMarket { test in
            let life = try await LifeOfAVisit(
                under: test.signedContract(
                    seller: test.addOrganisation("Seller"), buyer: test.addOrganisation("Buyer"),
                    changed: ["billing": LifeOfAVisit.invoicedBySeller()]))
            try await life.cancelledLate("2027-03-08")
            try await test.clock.set(to: Instant(rfc3339: Self.april))
            let statement = try await life.accepted()
            let seen = try await life.seen(statement)
            #expect(seen["to_invoice"] == "54.00" && seen["documents"] == ["invoice_basis"])
            let run = try await test.market.startBillingRun(
                life.contract.seller.finance.request("startBillingRun"),
                through: StatementPeriod(key: "2027-03"))
            #expect(run.body["steps"] == 0)
            _ = try await life.recorded(statement)
            #expect(try await life.seen(statement)["documents"] == [])
        }
    }

    @Test func aMonthThatGoesOnIsNotBilled() async throws {
        try await TestMarket.withMarket { test in
            let bills = try await Bills(test, buyers: 1)
            #expect(await refusal { _ = try await bills.begin("2027-04") } == .periodNotOver)
        }
    }
}
