import Marketplace
import MoneyAndTime
import NIOHTTP1
import Postgres
import Storage
import StrictJSON
import TestMarket
import TestServer
import Testing

@Suite("Statements and invoices on the pages")
struct FinancePageTests {
    @Test("from the list to the invoice, by the forms that the pages offer")
    func fromTheListToTheInvoice() async throws {
        try await PagesWorld.with { world in
            let contract = try await world.charged().life.contract.id.description
            let sellers = try await world.browser(of: world.seller.finance)
            let list = try await sellers.get("/statements")
            #expect(list.body.contains("Not on a statement yet"))
            // what has something, and nothing else
            let choices = list.body.matches(of: /<option value="([^"]*)"/).map { String($0.1) }
            #expect(choices == ["\(contract) 2027-03"])
            let wanted = ["of": choices.first ?? ""]
            let form = try list.form("/statements").merging(wanted) { $1 }
            let made = try await sellers.post("/statements", form)
            let address = try #require(made.location?.prefix { $0 != "?" }).description
            #expect(address.hasPrefix("/statements/statement_"))
            let twice = try await sellers.post("/statements", form)
            #expect(twice.location == made.location, "sent twice, made once")
            let own = try await sellers.get(address)
            #expect(own.body.contains("accepts it next"))
            let none = try await sellers.get("/statements").body
            #expect(!none.contains("<select") && none.contains("Nothing of a month that is over"))
            #expect(!own.body.contains("action=\"\(address)/"))

            let buyers = try await world.browser(of: world.buyer.finance)
            let seen = try await buyers.get(address)
            #expect(seen.body.contains("You accept the total of €54.00"))
            // made on 1 April, and the contract gives a week
            let lastDay = "Thu\u{a0}8\u{a0}Apr\u{a0}2027"
            #expect(seen.body.contains("To be accepted by</dt><dd>\(lastDay)<"))
            #expect(seen.body.contains("dispute it here by \(lastDay): open it in the table."))
            let acceptance = try seen.form("\(address)/accept")
            let other = acceptance.merging(["total": "53.99", "key": "other"]) { $1 }
            let refused = try await buyers.post("\(address)/accept", other)
            #expect(refused.status == 409 && refused.body.contains("has changed meanwhile"))
            let early = try await sellers.post(
                "\(address)/invoices", own.sealed(key: "early"))
            #expect(early.status == 409 && early.body.contains("has not accepted"))
            let accepted = try await buyers.post("\(address)/accept", acceptance)
            #expect(accepted.location == "\(address)?done=accepted")
            #expect(try await buyers.get(address).body.contains("makes the invoice next"))

            let ready = try await sellers.get(address)
            let issuing = try ready.form("\(address)/invoices")
            let issued = try await sellers.post("\(address)/invoices", issuing)
            #expect(issued.location?.hasPrefix("/invoices/invoice_") == true)
            let again = try await sellers.post(
                "\(address)/invoices", issuing.merging(["key": "again"]) { $1 })
            #expect(again.status == 409 && again.body.contains("has been made already"))
        }
    }

    @Test(
        "a form that cannot be says where, and keeps what was chosen",
        arguments: [
            ("", 422), ("2027-03", 422), ("contract_1 2027-03", 422), ("CONTRACT", 422),
            ("CONTRACT 2027-13", 422), ("CONTRACT 2027-04", 409), ("CONTRACT 2026-12", 409),
        ])
    func badForms(chosen: String, status: Int) async throws {
        try await PagesWorld.with { world in
            let contract = try await world.charged().life.contract.id.description
            let browser = try await world.browser(of: world.seller.finance)
            let form = try await browser.get("/statements").form("/statements")
            let wanted = ["of": chosen.replacing("CONTRACT", with: contract)]
            let page = try await browser.post("/statements", form.merging(wanted) { $1 })
            #expect(page.status == status && page.links.contains("#of"))
            #expect(page.body.contains("aria-invalid=\"true\""))
        }
    }

    @Test("what is open is written off by the form, and the invoice says so")
    func writtenOff() async throws {
        try await PagesWorld.with { world in
            let address = "/invoices/\(try await world.invoiced()["invoice"] ?? "")"
            let sellers = try await world.browser(of: world.seller.finance)
            #expect(try await sellers.get(address).links.contains("\(address)/write-offs"))
            let page = try await sellers.get("\(address)/write-offs")
            #expect(page.body.contains("value=\"34.00\""))
            let form = try page.form("\(address)/write-offs").merging(["amount": "34.00"]) { $1 }
            for (amount, reason, status, field) in [
                ("0", "Not worth it.", 422, "#amount"), ("34.01", "Not worth it.", 409, "#amount"),
                ("34.00", "", 422, "#reason"),
            ] {
                let page = try await sellers.post(
                    "\(address)/write-offs",
                    form.merging([
                        "amount": amount, "reason": reason, "key": "\(amount)-\(status)",
                    ]) { $1 })
                #expect(page.status == status && page.links.contains(field), "\(amount)")
            }
            let done = try await sellers.post(
                "\(address)/write-offs", form.merging(["reason": "Not worth it."]) { $1 })
            #expect(done.location == "\(address)?done=written_off")
            let seen = try await world.browser(of: world.buyer.finance).get(address)
            #expect(seen.body.contains(">Written off</span>"))
            #expect(seen.body.contains("Not worth it."))
            #expect(!seen.links.contains("\(address)/write-offs"))
            let id = address.replacing("/invoices/", with: "")
            _ = try await world.test.market.creditInvoice(
                world.seller.finance.request("creditInvoice"), InvoiceID(typeID: id),
                reason: "Another price.", parts: nil)
            let credited = try await sellers.get(address).body
            #expect(credited.contains("Credited after all: AKC-2027-000001"))
        }
    }

    /// March is accepted, and its only charge is what the seller owes.
    @Test("what comes to less than nothing says where it goes, and where it comes from")
    func carried() async throws {
        try await PagesWorld.with { world in
            let life = try await world.charged().life
            let march = "/statements/\(try await life.accepted())"
            try await world.test.superuser.pool.transaction { transaction in
                try await transaction.script(
                    """
                    set local session_replication_role = replica;
                    update charge set cause = 'seller_no_show', net = -net;
                    update charge_line set quantity_hundredths = -quantity_hundredths,
                        numerator = -numerator, net = -net;
                    update statement set total = -total;
                    """)
            }
            let sellers = try await world.browser(of: world.seller.finance)
            let left = try await sellers.get(march).body
            #expect(left.contains("It is set against the contract"))
            #expect(!left.contains("action=\"\(march)/invoices\""), "there is nothing to invoice")
            let open = try await sellers.get("/open-amounts").body
            #expect(open.contains("Something to set it against"))
            try await life.cancelledLate("2027-04-06")
            try await life.cancelledLate("2027-04-07")
            try await world.test.clock.set(to: Instant(rfc3339: "2027-05-01T06:00:00Z"))
            let april = "/statements/\(try await life.accepted(of: "2027-04"))"
            let from = try await world.browser(of: world.buyer.finance).get(april)
            #expect(from.body.contains("Carried from an earlier statement"))
            #expect(from.links.contains(march))
            #expect(try await sellers.get(march).links.contains(april))
            #expect(try await sellers.get(april).body.contains("action=\"\(april)/invoices\""))
        }
    }

    @Test("a member of a round of netting sees its own list and figure, and consents once")
    func netting() async throws {
        try await PagesWorld.with { world in
            _ = try await world.invoiced()
            let address = "/netting/\(try await world.nettingRound())"
            let buyers = try await world.browser(of: world.buyer.finance)
            let list = try await buyers.get("/netting")
            #expect(list.links.contains(address))
            let none = try await buyers.post("/netting", list.form("/netting"))
            #expect(none.status == 409 && none.links.contains("#with"))
            let page = try await buyers.get(address)
            #expect(page.body.contains("Owed by you") && page.body.contains("34.00"))
            let form = try page.form("\(address)/answer")
            #expect(form["figure"] == "-34.00")
            let other = form.merging(["figure": "0.00", "answer": "consent", "key": "o"]) { $1 }
            #expect(try await buyers.post("\(address)/answer", other).status == 409)
            let done = try await buyers.post(
                "\(address)/answer", form.merging(["answer": "consent"]) { $1 })
            #expect(done.location == "\(address)?done=answered")
            let answered = try await buyers.get(address)
            #expect(answered.body.contains("Consents"))
            #expect(!answered.body.contains("name=\"figure\""))
        }
    }

    @Test("each step of a price in each language", arguments: ["fi", "sv", "en"])
    func traceInEachLanguage(language: String) async throws {
        try await PagesWorld.with { world in
            let things = try await world.invoiced()
            let browser = try await world.browser(of: world.buyer.finance)
            let page = try await browser.get(
                "/charges/\(things["charge"] ?? "")", headers: ["Accept-Language": language])
            #expect(page.status == 200)
            let amount = language == "en" ? "€54.00" : "54,00\u{a0}€"
            #expect(page.body.contains("<strong>\(amount)</strong>"))
            let steps = try #require(page.body.firstRange(of: "<ol class=\"trace\">"))
            let trace = page.body[steps.upperBound...].prefix { $0 != "§" }
            #expect(!trace.contains("trace_") && !trace.contains("{"))
            #expect(trace.ranges(of: "<li>").count > 6)
        }
    }

    @Test("how invoices are received is set on a page; what was delivered is on the invoice's")
    func reception() async throws {
        try await PagesWorld.with { world in
            let address = "/settings/invoices"
            let browser = try await world.browser(of: world.buyer.finance)
            let form = try await browser.get(address).form(address)
            let wrong = try await browser.post(
                address,
                form.merging(["way": "mail", "form": "ubl", "email": "nobody"]) { $1 })
            #expect(wrong.status == 422 && wrong.links.contains("#email"))
            let fresh = try await browser.get(address).form(address)
            let saved = try await browser.post(
                address, fresh.merging(["way": "operator", "form": "finvoice"]) { $1 })
            #expect(saved.status == 303 && saved.location == "\(address)?done=saved")
            let things = try await world.invoiced()
            let page = try await browser.get(
                "/invoices/\(things["invoice"] ?? "")", headers: ["Accept-Language": "en"])
            #expect(page.body.contains("Through the e-invoice operator"))
            #expect(page.body.contains("class=\"barcode\""))
            #expect(!page.body.contains("/pdf\""))
        }
    }

    @Test("an invoice says all that the e-invoice says, and the file is the API's")
    func invoiceSaysWhatTheDocumentSays() async throws {
        try await PagesWorld.with { world in
            let things = try await world.invoiced()
            let id = try InvoiceID(typeID: things["invoice"] ?? "")
            let browser = try await world.browser(of: world.buyer.finance)
            let file = try await browser.get("/invoices/\(id)/ubl")
            let document = try await world.test.market.invoiceDocument(
                world.buyer.finance.request("getInvoiceDocument"), id)
            #expect(file.body == String(decoding: document.bytes, as: UTF8.self))
            #expect(file.headers.first(name: "content-type") == "application/xml")
            #expect(
                file.headers.first(name: "content-disposition")
                    == "attachment; filename=\"\(document.fileName)\"")
            let page = try await browser.get(
                "/invoices/\(id)", headers: ["Accept-Language": "en"])
            let shown = page.body.replacing("&#39;", with: "'").filter { $0 != " " }
            #expect(page.body.contains("Wed\u{a0}3\u{a0}Mar\u{a0}2027, 10:00</td>"))
            #expect(file.body.contains("<cbc:Description>Begins at 10:00</cbc:Description>"))
            let texts = file.body.matches(of: />([^<>\n]+)</).map { String($0.1) }
            // Not for people: codes of programs, and dates in the form of XML.
            let forPrograms = try Regex(
                "urn:.*|380|58|EUR|VAT|MIN|C62|S|E|Z|\\d{4}-\\d\\d-\\d\\d|0216")
            for text in texts where text.wholeMatch(of: forPrograms) == nil {
                // the page has the hour beside the day
                let wanted = text.replacing("Begins at ", with: "").filter { $0 != " " }
                let isShown = shown.contains(wanted)
                #expect(isShown, "\(text)")
            }
            #expect(texts.count > 40)
        }
    }
}

@Suite("Bank files and the books on the pages")
struct BankFilePageTests {
    @Test("a file is imported once, and each entry's fate is told")
    func fates() async throws {
        try await PagesWorld.with { world in
            let things = try await world.invoiced()
            let browser = try await world.browser(of: world.seller.finance)
            let invoice = try await world.test.market.invoice(
                world.seller.finance.request("getInvoice"),
                InvoiceID(typeID: things["invoice"] ?? "")
            ).body
            var day = BankDay([
                ("34.00", invoice["reference"]?.text), ("5.00", invoice["reference"]?.text),
                ("3.00", "1009"), ("2.00", nil),
            ])
            day.id = "S2"
            let form = try await browser.get("/bank-files").form("/bank-files")
            let imported = try await browser.upload("/bank-files", form, file: day.file())
            let address = try #require(imported.location)
            #expect(address.hasSuffix("?done=imported"))
            let page = try await browser.get(address)
            for words in [
                "Pays exactly what was open of", "Already paid:", "belongs to none",
                "has no reference number", invoice["number"]?.text ?? "",
            ] {
                let isSaid = page.body.contains(words)
                #expect(isSaid, "\(words)")
            }
            let twice = try await browser.upload("/bank-files", form, file: day.file())
            #expect(twice.status == 303, "another boundary, and the same form")
            let again = try await browser.upload(
                "/bank-files", form.merging(["key": "again"]) { $1 }, file: day.file())
            let path = address.prefix { $0 != "?" }
            #expect(again.location == "\(path)?done=again")
            #expect(try await browser.get("/bank-files").links.contains(String(path)))
            let open = try await browser.get("/open-amounts")
            #expect(open.body.contains("To the cent it is what the books have open."))
            let books = try await browser.get("/trial-balance?on=2027-03-31")
            #expect(books.body.contains("Debits and credits are equal"))
            #expect(books.body.contains("54.00"))
            let odd = try await browser.get("/trial-balance?on=2027-02-29")
            #expect(odd.status == 422 && odd.links.contains("#on"))
            #expect(odd.body.contains("value=\"2027-02-29\""))
        }
    }

    @Test("what is no file of a bank's is refused by name, and where")
    func badFiles() async throws {
        try await PagesWorld.with { world in
            let browser = try await world.browser(of: world.seller.finance)
            let form = try await browser.get("/bank-files").form("/bank-files")
            func words(_ file: [UInt8]?, key: String) async throws -> String {
                let page = try await browser.upload(
                    "/bank-files", form.merging(["key": key]) { $1 }, file: file)
                #expect(page.status == 422 && page.links.contains("#file"), "\(key)")
                return page.body
            }
            #expect(try await words(nil, key: "none").contains("Choose a file"))
            #expect(try await words([], key: "empty").contains("Choose a file"))
            #expect(try await words(Array("<a/>".utf8), key: "a").contains("not an account"))
            let root = "<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.053.001.02\">"
            let broken = Array("\(root)\n<b>\n</Document>".utf8)
            #expect(try await words(broken, key: "b").contains("on line 3 of the file"))
            #expect(try await words([0xFF, 0xFE], key: "c").contains("not in UTF-8"))
            let malformed = try await browser.upload(
                "/bank-files", form, file: broken, boundary: "another", body: Array("--a".utf8))
            #expect(malformed.status == 400)
            let large = [UInt8](repeating: 32, count: 10_700_000)
            let tooMuch = try await browser.upload("/bank-files", form, file: large)
            #expect(tooMuch.status == 413)
            let stranger = Browser(port: world.server.port)
            let unread = try await stranger.upload(
                "/bank-files", form, file: [UInt8](repeating: 32, count: 70_000))
            #expect(unread.status == 413, "nobody's file is read")
        }
    }
}
