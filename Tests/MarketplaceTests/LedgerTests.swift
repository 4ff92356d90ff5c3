import Ledger
import Marketplace
import MoneyAndTime
import Postgres
import Storage
import StrictJSON
import TestMarket
import Testing

struct LedgerTests {
    /// The chart and the allow list of SQL are those of Swift.
    @Test func sqlHasTheSameChartAndRules() async throws {
        try await TestMarket.withMarket { test in
            let chart = try await test.reader.read(["select * from chart_account"])
            let accounts = try chart.map { row in
                try [
                    row["code", String.self], row["normal_side", String.self],
                    row["mirror", String?.self] ?? "-",
                ]
            }
            #expect(
                Set(accounts)
                    == Set(
                        AccountCode.allCases.map {
                            [$0.rawValue, $0.normalSide.rawValue, $0.mirror?.rawValue ?? "-"]
                        }))
            let table = try await test.reader.read(["select * from entry_rule"])
            let rules = try table.map { row in
                try [
                    row["kind", String.self], row["party", String.self],
                    row["account", String.self], row["side", String.self],
                ]
            }
            let allowed = EntryKind.allCases.flatMap { kind in
                kind.allowed.map {
                    [
                        kind.rawValue, $0.party.rawValue, $0.account.rawValue, $0.side.rawValue,
                    ]
                }
            }
            #expect(rules.count == allowed.count)
            #expect(Set(rules) == Set(allowed))
        }
    }

    /// At a day: what belongs to it and to those before it, whenever it was posted.
    @Test func trialBalanceAtADay() async throws {
        try await TestMarket.withMarket { test in
            let contract = try await test.signedContract(
                "physician-remote-reception", seller: test.addOrganisation("Seller"),
                buyer: test.addOrganisation("Buyer"))
            let life = try await LifeOfAVisit(under: contract)
            try await life.cancelledLate("2027-03-08")
            try await life.cancelledLate("2027-03-10")
            for (day, debits) in [
                ("2027-03-07", "0.00"), ("2027-03-08", "9.81"), ("2027-03-09", "9.81"),
                ("2027-03-10", "19.62"),
            ] {
                for organisation in [contract.seller, contract.buyer] {
                    let balance = try await test.market.trialBalance(
                        organisation.finance.request("getTrialBalance"),
                        on: CalendarDate(iso: day)
                    ).body
                    #expect(balance["debits"]?.text == debits, "\(day)")
                    #expect(balance["credits"]?.text == debits, "\(day)")
                    #expect(balance["on"]?.text == day)
                }
            }
            let request = contract.seller.finance.request("getTrialBalance")
            let all = try await test.market.trialBalance(request).body
            let last = try await test.market.trialBalance(
                request, on: CalendarDate(iso: "9999-12-31")
            ).body
            #expect(all["on"] == .null)
            #expect(all["accounts"] == last["accounts"])
        }
    }

    /// Through the life of an invoice both books balance, agree, and explain what is open.
    @Test func bothBooksSayTheSameAtEveryStep() async throws {
        try await TestMarket.withMarket { test in
            let contract = try await test.signedContract(
                "physician-remote-reception", seller: test.addOrganisation("Seller"),
                buyer: test.addOrganisation("Buyer"))
            let life = try await LifeOfAVisit(under: contract)
            try await life.cancelledLate("2027-03-08")
            try await expectOpen(contract, "statement", ["9.81", "0.00"])
            try await test.clock.set(to: Instant(rfc3339: "2027-03-31T21:00:00Z"))
            let statement = try await life.accepted()
            try await expectOpen(contract, "invoice", ["9.81", "0.00"])
            _ = try await test.market.issueInvoice(
                contract.seller.finance.request("issueInvoice"), of: statement)
            try await expectOpen(contract, nil, ["0.00", "12.31"])

            let balance = try await test.market.trialBalance(
                contract.buyer.finance.request("getTrialBalance")
            ).body
            #expect(balance["balanced"] == true)
            #expect(balance["difference"] == "0.00")
            let accounts = (balance["accounts"]?.elements ?? []).map {
                [$0["code"]?.text ?? "", $0["balance"]?.text ?? ""]
            }
            #expect(
                accounts == [
                    ["expense", "9.81"], ["payable", "12.31"], ["unbilled_payable", "0.00"],
                    ["vat_deductible", "2.50"],
                ])
            let entries = try await test.market.listEntries(
                contract.buyer.finance.request("listEntries"), page: Page(after: nil, limit: 1))
            #expect(entries.body["items"]?[0]?["kind"] == "accrual")
            #expect(entries.body["items"]?[0]?["postings"]?.elements?.count == 2)
            let next = try EntryID(typeID: entries.body["next"]?.text ?? "")
            let rest = try await test.market.listEntries(
                contract.buyer.finance.request("listEntries"), page: Page(after: next, limit: 9))
            #expect(rest.body["items"]?.elements?.map { $0["kind"] } == ["invoicing"])
            #expect(rest.body["next"] == .null)
        }
    }

    private func expectOpen(
        _ contract: TestContract, _ wait: String?, _ figures: [String],
        at location: SourceLocation = #_sourceLocation
    ) async throws {
        let market = contract.test.market
        for (side, other, codes) in [
            (contract.seller, contract.buyer, ["unbilled_receivable", "receivable"]),
            (contract.buyer, contract.seller, ["unbilled_payable", "payable"]),
        ] {
            let open = try await market.listOpenAmounts(
                side.finance.request("listOpenAmounts")
            ).body
            #expect(open["explained"] == true, sourceLocation: location)
            #expect(
                open["unbilled"]?[0]?["waits_for"]?.text == wait, sourceLocation: location)
            for (code, figure) in zip(codes, figures) {
                let account = open["accounts"]?.elements?.first { $0["code"] == JSON(code) }
                #expect(account?["ledger"] == JSON(figure), sourceLocation: location)
                #expect(account?["difference"] == "0.00", sourceLocation: location)
            }
            let compared = try await market.compareBooks(
                side.finance.request("compareBooks"), with: other.id)
            #expect(compared.body["agree"] == true, sourceLocation: location)
        }
        #expect(
            try await Verification.run(on: contract.test.reader).isEmpty,
            sourceLocation: location)
    }

    @Test func strangersBooksAreNotThere() async throws {
        try await TestMarket.withMarket { test in
            let one = try await test.addOrganisation("One")
            let other = try await test.addOrganisation("Other")
            let code = await refusal {
                _ = try await test.market.compareBooks(
                    one.finance.request("compareBooks"), with: other.id)
            }
            #expect(code == .notFound)
        }
    }
}
