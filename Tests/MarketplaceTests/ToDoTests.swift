import Billing
import Marketplace
import MoneyAndTime
import Organisations
import Storage
import StrictJSON
import TestMarket
import Testing

/// What waits for an organisation, counted in one question.
@Suite struct ToDoTests {
    /// March is invoiced, April is stated, and in May the buyer has a visit and an offer before it.
    private func life(_ test: TestMarket) async throws -> LifeOfAVisit {
        let life = try await LifeOfAVisit(
            under: test.agreedContract(
                seller: test.addOrganisation("Seller"), buyer: test.addOrganisation("Buyer"),
                changed: ["handshake": ["reply_within_minutes": 240, "accepted_in_advance": true]]))
        let (seller, buyer) = (life.contract.seller, life.contract.buyer)
        try await life.cancelledLate("2027-03-08")
        try await test.clock.set(to: Instant(rfc3339: "2027-04-01T06:00:00Z"))
        let invoice = try InvoiceID(typeID: await life.invoiced()[0]["id"]?.text ?? "")
        _ = try await test.market.importBankFile(
            seller.finance.request("importBankFile"), BankDay([("7.00", nil)]).file())
        try await life.cancelledLate("2027-04-06")
        _ = try await life.booked("2027-05-03", at: "12:00")
        _ = try await test.market.approveInvoicePayment(
            buyer.finance.request("approveInvoicePayment"), invoice)
        _ = try await test.market.proposePaymentFile(
            buyer.finance.request("proposePaymentFile"), invoices: [invoice],
            on: CalendarDate(iso: "2027-04-30"))
        let document = try await test.document(
            "psychiatrist-remote-visit", seller: seller, buyer: buyer,
            validity: ["2027-06-01", "2027-12-31"], [:])
        _ = try await test.market.amendContract(
            seller.admin.request("amendContract"), life.contract.id, document)
        _ = try await test.market.offerContractVersion(
            seller.admin.request("offerContractVersion"), life.contract.id, number: 2)
        try await test.clock.set(to: Instant(rfc3339: "2027-05-01T06:00:00Z"))
        _ = try await life.statement(of: "2027-04")
        return life
    }

    private func toDo(
        _ test: TestMarket, _ caller: TestCaller
    ) async throws -> [String: JSON] {
        let items = try await test.market.listToDo(caller.request("listToDo")).body["items"]
        return Dictionary(
            uniqueKeysWithValues: (items?.elements ?? []).map { ($0["kind"]?.text ?? "", $0) })
    }

    @Test func oneOfEach() async throws {
        try await TestMarket.withMarket { test in
            let life = try await life(test)
            let (seller, buyer) = (life.contract.seller, life.contract.buyer)
            var bought = try await toDo(test, buyer.finance)
            #expect(
                bought.mapValues { $0["count"]?.integer } == [
                    "statements_to_accept": 1, "invoices_to_pay": 1, "payment_files_to_approve": 1,
                    "months_to_close": 2,
                ])
            #expect(bought["statements_to_accept"]?["due_on"] == "2027-05-08")
            #expect(bought["invoices_to_pay"]?["due_on"] == "2027-05-01")
            #expect(bought["payment_files_to_approve"]?["due_on"] == "2027-04-30")
            var sold = try await toDo(test, seller.finance)
            #expect(sold["bank_entries_waiting"]?["count"] == 1)
            #expect(Set(sold.keys) == ["bank_entries_waiting", "months_to_close"])
            #expect(try await toDo(test, buyer[.signatory])["contracts_to_sign"]?["count"] == 1)
            #expect(try await toDo(test, seller[.signatory])["contracts_to_sign"]?["count"] == 1)

            let open = try await test.market.listStatements(
                buyer.finance.request("listStatements"), contract: nil, state: .open,
                page: Page(after: nil, limit: 100)
            ).body["items"]
            #expect(open?.elements?.count == 1)
            let statement = try StatementID(typeID: open?[0]?["id"]?.text ?? "")
            let charge = try ChargeID(
                typeID: await life.seen(statement)["lines"]?[0]?["charge"]?.text ?? "")
            try await life.disputed(charge, on: statement, DisputeWords(net: "10.00"))
            sold = try await toDo(test, seller.finance)
            #expect(sold["disputes_to_answer"]?["count"] == 1)
            #expect(sold["disputes_to_answer"]?["due_at"]?.text?.hasPrefix("2027-05-") == true)
            #expect(try await toDo(test, buyer.finance)["disputes_to_answer"] == nil)

            try await test.clock.set(to: Instant(rfc3339: "2027-05-03T06:00:00Z"))
            bought = try await toDo(test, buyer.finance)
            #expect(bought["invoices_overdue"]?["count"] == 1 && bought["invoices_to_pay"] == nil)
            let today = try await toDo(test, seller.scheduler)
            #expect(today["visits_today"]?["due_at"] == "2027-05-03T09:00:00Z")
            #expect(Set(today.keys).isSubset(of: ["visits_today", "handshakes_to_answer"]))
        }
    }
}
