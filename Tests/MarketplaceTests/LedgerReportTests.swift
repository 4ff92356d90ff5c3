import Billing
import Ledger
import Marketplace
import MoneyAndTime
import Storage
import StrictJSON
import TestMarket
import Testing

/// What a book says of its months, its accounts and of any day.
@Suite struct LedgerReportTests {
    /// Two late cancellations of March, invoiced in April and paid in May but for a part.
    private func withPaidMonth(
        _ body: (TestMarket, LifeOfAVisit, JSON) async throws -> Void
    ) async throws {
        try await TestMarket.withMarket { test in
            let life = try await LifeOfAVisit(
                under: test.signedContract(
                    "physician-remote-reception", seller: test.addOrganisation("Seller"),
                    buyer: test.addOrganisation("Buyer")))
            try await life.cancelledLate("2027-03-08")
            try await life.cancelledLate("2027-03-10")
            try await test.clock.set(to: Instant(rfc3339: "2027-04-02T08:00:00Z"))
            let invoice = try await life.invoiced()[0]
            try await test.clock.set(to: Instant(rfc3339: "2027-05-20T08:00:00Z"))
            var day = BankDay([("14.62", invoice["reference"]?.text)])
            day.day = "2027-05-17"
            _ = try await test.market.importBankFile(
                life.contract.seller.finance.request("importBankFile"), day.file())
            try await body(test, life, invoice)
        }
    }

    private func figures(_ answer: JSON, _ code: String) -> [String?] {
        let account = answer["accounts"]?.elements?.first { $0["code"]?.text == code }
        return ["opening", "debits", "credits", "closing"].map { account?[$0]?.text }
    }

    @Test func aMonthOpensWithWhatTheOneBeforeHad() async throws {
        try await withPaidMonth { test, life, _ in
            let seller = life.contract.seller.finance
            func month(_ key: String) async throws -> JSON {
                try await test.market.monthBalance(
                    seller.request("getMonthBalance"), of: .init(key: key)
                ).body
            }
            let march = try await month("2027-03")
            #expect(figures(march, "unbilled_receivable") == ["0.00", "19.62", "0.00", "19.62"])
            #expect(figures(march, "receivable") == [nil, nil, nil, nil])
            let april = try await month("2027-04")
            #expect(figures(april, "unbilled_receivable") == ["19.62", "0.00", "19.62", "0.00"])
            #expect(figures(april, "receivable") == ["0.00", "24.62", "0.00", "24.62"])
            // on the side on which it grows
            #expect(figures(april, "revenue") == ["19.62", "0.00", "0.00", "19.62"])
            let may = try await month("2027-05")
            #expect(figures(may, "receivable") == ["24.62", "0.00", "14.62", "10.00"])
            for answer in [march, april, may] { #expect(answer["balanced"] == true) }
        }
    }

    @Test func anAccountIsReadPageByPage() async throws {
        try await withPaidMonth { test, life, _ in
            let (seller, buyer) = (life.contract.seller, life.contract.buyer)
            var after: LedgerPlace?
            var lines: [[String?]] = []
            repeat {
                let part = try await test.market.accountStatement(
                    buyer.finance.request("getAccountStatement"), of: .unbilledPayable,
                    with: seller.id, in: .init(key: "2027-03"), page: Page(after: after, limit: 1)
                ).body
                #expect(part["account"]?["closing"] == "19.62")
                lines += (part["items"]?.elements ?? []).map { line in
                    [line["effective_on"]?.text, line["side"]?.text, line["balance"]?.text]
                }
                after = try part["next"]?.text.map { try LedgerPlace($0) }
            } while after != nil
            #expect(
                lines == [
                    ["2027-03-08", "credit", "9.81"], ["2027-03-10", "credit", "19.62"],
                ])
            // nothing in a month is not nothing on the account
            let may = try await test.market.accountStatement(
                seller.finance.request("getAccountStatement"), of: .revenue, with: buyer.id,
                in: .init(key: "2027-05"), page: Page(after: nil, limit: 10)
            ).body
            #expect(may["items"] == [] && may["account"]?["opening"] == "19.62")
            let stranger = try await test.addOrganisation("Stranger")
            let code = await refusal {
                _ = try await test.market.accountStatement(
                    stranger.finance.request("getAccountStatement"), of: .receivable,
                    with: buyer.id, in: .init(key: "2027-03"), page: Page(after: nil, limit: 1))
            }
            #expect(code == .notFound)
        }
    }

    @Test func ageingAtAnyDay() async throws {
        try await withPaidMonth { test, life, invoice in
            #expect(invoice["due_on"] == "2027-05-02")
            for (day, bucket, open) in [
                ("2027-04-01", nil, "0.00"), ("2027-04-02", "not_due", "24.62"),
                ("2027-05-02", "not_due", "24.62"), ("2027-05-03", "days_1_30", "24.62"),
                ("2027-05-16", "days_1_30", "24.62"), ("2027-05-17", "days_1_30", "10.00"),
                ("2027-06-02", "days_31_60", "10.00"), ("2027-07-31", "days_61_90", "10.00"),
                ("2027-08-01", "days_over_90", "10.00"),
            ] as [(String, String?, String)] {
                for (side, index) in [(life.contract.seller, 0), (life.contract.buyer, 1)] {
                    let ageing = try await test.market.ageing(
                        side.finance.request("getAgeing"), on: CalendarDate(iso: day)
                    ).body
                    let own = ageing["sides"]?[index]
                    #expect(own?["total"]?["all"]?.text == open, "\(day)")
                    #expect(own?["explained"] == true, "\(day)")
                    #expect(own?["items"]?[0]?["bucket"]?.text == bucket, "\(day)")
                    if let bucket {
                        #expect(own?["total"]?[bucket]?.text == open, "\(day)")
                        #expect(own?["counterparties"]?[0]?["total"]?[bucket]?.text == open)
                    }
                    #expect(ageing["sides"]?[1 - index]?["items"] == [])
                }
            }
        }
    }

    @Test func theJournalOfAClosedMonthNeverChanges() async throws {
        try await withPaidMonth { test, life, _ in
            let seller = life.contract.seller.finance
            func journal() async throws -> String {
                let file = try await test.market.journal(
                    seller.request("getJournal"), of: .init(key: "2027-03"))
                #expect(file.fileName == "journal-2027-03.csv")
                return String(decoding: file.bytes, as: UTF8.self)
            }
            let before = try await journal()
            let lines = before.split(separator: "\r\n")
            #expect(
                lines[0]
                    == "effective_on,entry_id,number,kind,subject,about_on,recorded_at,account,"
                    + "counterparty_id,debit,credit,currency")
            #expect(lines.count == 5)
            let cells = lines[1].split(separator: ",", omittingEmptySubsequences: false)
            #expect(cells.count == 12)
            #expect(cells[0] == "2027-03-08" && cells[3] == "accrual" && cells[5] == "")
            #expect(cells[7] == "unbilled_receivable" && cells[9] == "9.81" && cells[10] == "")
            _ = try await test.market.closePeriod(
                seller.request("closePeriod", key: "close"), month: .init(key: "2027-03"))
            _ = try await life.cancelledLate("2027-05-24")
            #expect(try await journal() == before)
        }
    }

    @Test func whatIsUnfinishedIsCounted() async throws {
        try await withPaidMonth { test, life, _ in
            let seller = life.contract.seller.finance
            func next() async throws -> JSON? {
                try await test.market.periods(seller.request("getPeriods")).body["next"]
            }
            func close(_ month: String) async throws -> RefusalCode? {
                await refusal {
                    _ = try await test.market.closePeriod(
                        seller.request("closePeriod", key: "close \(month)"),
                        month: .init(key: month))
                }
            }
            #expect(try await next()?["month"] == "2027-03")
            #expect(try await close("2027-04") == .earlierMonthOpen)
            #expect(try await close("2027-03") == nil)
            #expect(try await close("2027-04") == nil)
            #expect(try await close("2027-02") == .periodClosed)
            #expect(try await close("2027-05") == .periodNotOver)
            try await life.cancelledLate("2027-05-24")
            let may = try await next()
            #expect(may?["month"] == "2027-05" && may?["over"] == false)
            #expect(may?["ends"] == "2027-05-31T21:00:00Z")
            let counts = may?["unfinished"]?.elements?.map {
                [$0["kind"]?.text, $0["amount"]?.text]
            }
            #expect(
                counts == [
                    ["unattested", "0.00"], ["unbilled", "9.81"], ["draft", "0.00"],
                    ["disputed", "0.00"], ["unmatched", "0.00"],
                ])
            let again = try await test.market.closePeriod(
                seller.request("closePeriod", key: "close 2027-04"), month: .init(key: "2027-04"))
            #expect(again.body["month"] == "2027-04")
        }
    }
}
