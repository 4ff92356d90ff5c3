import Marketplace
import MoneyAndTime
import StrictJSON
import TestMarket
import Testing

@Suite("What waits on bank statements, and payments out, on the pages")
struct PaymentPageTests {
    @Test("a suggestion is confirmed by its button, and what is left by hand")
    func confirms() async throws {
        try await PagesWorld.with { world in
            let things = try await world.invoiced()
            let browser = try await world.browser(of: world.seller.finance)
            let invoice = try await world.test.market.invoice(
                world.seller.finance.request("getInvoice"),
                InvoiceID(typeID: things["invoice"] ?? "")
            ).body
            var day = BankDay([("34.00", nil), ("9.00", nil)])
            day.id = "S2"
            let file = try await world.test.market.importBankFile(
                world.seller.finance.request("importBankFile"), day.file()
            ).body
            let ids = (file["entries"]?.elements ?? []).compactMap { $0["id"]?.text }
            let waiting = try await browser.get("/bank-entries")
            for id in ids { #expect(waiting.links.contains("/bank-entries/\(id)")) }
            let number = invoice["number"]?.text ?? ""
            #expect(waiting.body.contains(number))
            let address = "/bank-entries/\(ids[0])"
            let page = try await browser.get(address)
            #expect(page.body.contains("its sum is exactly what is open"))
            let form = try page.form("\(address)/apply")
            #expect(form["suggestion"]?.hasSuffix("=34.00") == true)
            let applied = try await browser.post("\(address)/apply", form)
            #expect(applied.location == "\(address)?done=applied")
            let done = try await browser.get(applied.location ?? "")
            #expect(done.body.contains("Paid in full"))
            #expect(!done.body.contains("\(address)/apply"))
            // by hand beyond what is open, a text that is no sum, and set aside
            let other = "/bank-entries/\(ids[1])"
            let sealed = try await browser.get(other).form("\(other)/set-aside")
            let by = ["invoice": things["invoice"] ?? "", "amount": "9,00"]
            let late = try await browser.post(
                "\(other)/apply", sealed.merging(by) { $1 }.merging(["key": "a"]) { $1 })
            #expect(late.status == 409)
            #expect(late.body.contains("So much is not open of the invoice."))
            let odd = try await browser.post(
                "\(other)/apply",
                sealed.merging(by) { $1 }.merging(["key": "b", "amount": "nine"]) { $1 })
            #expect(odd.status == 422 && odd.links.contains("#amount"))
            let aside = try await browser.post("\(other)/set-aside", sealed)
            #expect(aside.location == "\(other)?done=aside")
            #expect(try await browser.get(other).body.contains("Not of your invoices"))
        }
    }

    @Test("two people pay an invoice, and the bank's answer is read")
    func pays() async throws {
        try await PagesWorld.with { world in
            let things = try await world.invoiced()
            let invoice = things["invoice"] ?? ""
            let finance = try await world.browser(of: world.buyer.finance)
            let admin = try await world.browser(of: world.buyer.admin)
            let list = try await finance.get("/payments")
            #expect(list.body.contains("34.00") && list.body.contains("above 0.00 euros"))
            let approval = "/invoices/\(invoice)/payment-approval"
            let approved = try await finance.post(approval, list.form(approval))
            #expect(approved.location == "/payments?done=approved")
            let form = try await finance.get("/payments").form("/payment-files")
            let early = try await finance.post(
                "/payment-files", form.merging(["on": "2027-03-01", "key": "early"]) { $1 })
            #expect(early.status == 422 && early.links.contains("#on"))
            let proposed = try await finance.post(
                "/payment-files", form.merging(["on": "2027-04-10"]) { $1 })
            let address = String((proposed.location ?? "").prefix { $0 != "?" })
            let approve = try await finance.get(address).form("\(address)/approve")
            let alone = try await finance.post("\(address)/approve", approve)
            #expect(alone.status == 403)
            #expect(alone.body.contains("Another person must approve this"))
            let second = try await admin.post(
                "\(address)/approve", admin.get(address).form("\(address)/approve"))
            #expect(second.location == "\(address)?done=approved")
            let page = try await finance.get(address)
            #expect(page.links.contains("\(address)/pain001"))
            let document = try await finance.get("\(address)/pain001")
            #expect(document.body.contains("pain.001.001.09"))
            let name = try #require(document.body.firstMatch(of: /<MsgId>([^<]+)</)?.1)
            let answer = """
                <Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.10">\
                <CstmrPmtStsRpt><OrgnlGrpInfAndSts><OrgnlMsgId>\(name)</OrgnlMsgId>\
                <GrpSts>ACCP</GrpSts></OrgnlGrpInfAndSts></CstmrPmtStsRpt></Document>
                """
            let status = try page.form("\(address)/status")
            let broken = try await finance.upload(
                "\(address)/status", status.merging(["key": "x"]) { $1 }, file: Array("<a".utf8))
            #expect(broken.status == 422 && broken.links.contains("#file"))
            let read = try await finance.upload(
                "\(address)/status", status, file: Array(answer.utf8))
            #expect(read.location == "\(address)?done=answered")
            #expect(try await finance.get("/payments").body.contains("The bank accepted it"))
            let limit = try await admin.post(
                "/payments/limit",
                admin.get("/payments").form("/payments/limit").merging(["above": "500,00"]) { $1 })
            #expect(limit.location == "/payments?done=limit")
            #expect(try await admin.get("/payments").body.contains("above 500.00 euros"))
        }
    }

    @Test("one person pays within the limit, and the same invoice never again")
    func paysAgain() async throws {
        try await PagesWorld.with { world in
            let things = try await world.invoiced()
            let finance = try await world.browser(of: world.buyer.finance)
            let admin = try await world.browser(of: world.buyer.admin)
            let limit = try await admin.get("/payments").form("/payments/limit")
            _ = try await admin.post("/payments/limit", limit.merging(["above": "500,00"]) { $1 })
            let approval = "/invoices/\(things["invoice"] ?? "")/payment-approval"
            _ = try await finance.post(approval, finance.get("/payments").form(approval))
            func proposed() async throws -> String {
                let form = try await finance.get("/payments").form("/payment-files")
                let made = try await finance.post(
                    "/payment-files", form.merging(["on": "2027-04-10"]) { $1 })
                return String((made.location ?? "").prefix { $0 != "?" })
            }
            let first = try await proposed()
            let alone = try await finance.post(
                "\(first)/approve", finance.get(first).form("\(first)/approve"))
            #expect(alone.location == "\(first)?done=approved")
            _ = try await finance.post(
                "\(first)/withdraw", finance.get(first).form("\(first)/withdraw"))
            let second = try await proposed()
            let page = try await finance.get(second)
            #expect(page.body.contains("It was in an approved file before"))
            let again = try await finance.post(
                "\(second)/approve", page.form("\(second)/approve"))
            #expect(again.status == 403 && again.body.contains("pays an invoice again"))
        }
    }
}
