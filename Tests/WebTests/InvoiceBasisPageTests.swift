import Billing
import Marketplace
import MoneyAndTime
import Storage
import StrictJSON
import TestMarket
import TestServer
import Testing
import Web

@Suite("The pages of a seller that invoices from its own system")
struct InvoiceBasisPageTests {
    @Test("the basis is read and taken, the number comes back, and then a payment")
    func whole() async throws {
        try await PagesWorld.with { world in
            let contract = try await world.test.signedContract(
                seller: world.seller, buyer: world.buyer,
                changed: ["billing": LifeOfAVisit.invoicedBySeller()])
            let life = LifeOfAVisit(under: contract, sharing: world.life)
            try await life.cancelledLate("2027-03-03")
            try await world.test.clock.set(to: Instant(rfc3339: "2027-04-01T06:00:00Z"))
            let statement = "/statements/\(try await life.accepted())"
            let sellers = try await world.browser(of: world.seller.finance)
            let told = try await sellers.get(statement)
            #expect(told.links.contains("\(statement)/invoice-basis"))
            #expect(!told.body.contains("action=\"\(statement)/invoices\""))

            let page = try await sellers.get("\(statement)/invoice-basis")
            #expect(page.body.contains("4410") && page.body.contains("54.00"))
            let table = try await sellers.get("\(statement)/invoice-basis/table")
            #expect(table.body.hasPrefix("statement_id,part,line,charge_id,date,"))
            let form = try page.form("\(statement)/invoice-basis")
            let wrong = form.merging([
                "number-1": "2027/1", "issued-1": "2027-04-01", "due-1": "2027-03-31",
                "reference-1": "1233",
            ]) { $1 }
            let named = try await sellers.post("\(statement)/invoice-basis", wrong)
            #expect(named.status == 422)
            #expect(named.links.contains("#due-1") && named.links.contains("#reference-1"))
            #expect(!named.links.contains("#number-1"))
            let right = wrong.merging(
                ["due-1": "2027-05-01", "reference-1": "123 2", "key": "right"]) { $1 }
            let done = try await sellers.post("\(statement)/invoice-basis", right)
            let invoice = String(done.location?.prefix { $0 != "?" } ?? "")
            #expect(done.location == "\(invoice)?done=recorded")

            let buyers = try await world.browser(of: world.buyer.finance)
            let seen = try await buyers.get(invoice)
            #expect(seen.body.contains("2027/1") && !seen.links.contains("\(invoice)/ubl"))
            let open = try await sellers.get(invoice)
            #expect(open.links.contains("\(invoice)/reported-payments"))
            let credit = try await sellers.get("\(invoice)/credit-notes")
                .form("\(invoice)/credit-notes")
            let taken = credit.merging([
                "number": "2027/C1", "issued": "2027-04-01", "what": "net", "amount": "4,00",
                "total": "5,00", "reason": "Another price.",
            ]) { $1 }
            let differs = try await sellers.post("\(invoice)/credit-notes", taken)
            #expect(differs.status == 409 && differs.links.contains("#total"))
            let same = taken.merging(["total": "4,00", "key": "same"]) { $1 }
            let credited = try await sellers.post("\(invoice)/credit-notes", same)
            let note = String(credited.location?.prefix { $0 != "?" } ?? "")
            let read = try await buyers.get(note)
            #expect(read.body.contains("2027/C1") && !read.links.contains("\(note)/ubl"))
            let report = try await sellers.get("\(invoice)/reported-payments")
                .form("\(invoice)/reported-payments")
            let above = report.merging(["paid_on": "2027-04-01", "amount": "50.01"]) { $1 }
            let refused = try await sellers.post("\(invoice)/reported-payments", above)
            #expect(refused.status == 409 && refused.links.contains("#amount"))
            let paid = report.merging(
                ["paid_on": "2027-04-01", "amount": "50,00", "key": "paid"]) { $1 }
            let noted = try await sellers.post("\(invoice)/reported-payments", paid)
            #expect(noted.location == "\(invoice)?done=paid")
            #expect(try await buyers.get(invoice).body.contains("Paid"))
            let entry = try #require(
                try await sellers.get(invoice).links.first { $0.hasPrefix("/bank-entries/") })
            let back = try await sellers.get(entry).form("\(entry)/take-back")
            let undone = try await sellers.post("\(entry)/take-back", back)
            #expect(undone.location == "\(entry)?done=taken_back")
            #expect(try await !sellers.get(entry).body.contains("take-back"))
            #expect(try await !buyers.get(invoice).body.contains("Paid"))
        }
    }
}

@Suite("The pages of self-billing")
struct SelfBillingPageTests {
    @Test("the button on the statement is the buyer's, and the invoice says what it is")
    func whole() async throws {
        try await PagesWorld.with { world in
            let contract = try await world.test.signedContract(
                seller: world.seller, buyer: world.buyer,
                changed: ["billing": LifeOfAVisit.selfBilled])
            let life = LifeOfAVisit(under: contract, sharing: world.life)
            try await life.cancelledLate("2027-03-03")
            try await world.test.clock.set(to: Instant(rfc3339: "2027-04-01T06:00:00Z"))
            let statement = "/statements/\(try await life.accepted())"
            let sellers = try await world.browser(of: world.seller.finance)
            let waits = try await sellers.get(statement)
            #expect(!waits.body.contains("action=\"\(statement)/invoices\""))
            #expect(waits.body.contains("makes the invoice next"))
            let buyers = try await world.browser(of: world.buyer.finance)
            #expect(try await buyers.get("/statements").links.contains("/billing-runs"))
            let form = try await buyers.get(statement).form("\(statement)/invoices")
            let done = try await buyers.post("\(statement)/invoices", form)
            let invoice = String(done.location?.prefix { $0 != "?" } ?? "")
            for browser in [sellers, buyers] {
                let page = try await browser.get(invoice)
                #expect(page.body.contains("SB-2027-0001-000001"))
                #expect(page.body.contains("Self-billing: the buyer made this invoice"))
                let isBuyer = browser === buyers
                #expect(page.links.contains("\(invoice)/credit-notes") == isBuyer)
                #expect(page.links.contains("\(invoice)/write-offs") != isBuyer)
            }
        }
    }
}

@Suite("The pages of units of one legal person")
struct InternalChargePageTests {
    @Test("an accepted statement is settled by a button, and both read the list")
    func whole() async throws {
        try await PagesWorld.with { world in
            let contract = try await world.test.signedContract(
                seller: world.seller, buyer: world.buyer,
                changed: LifeOfAVisit.ofOneLegalPerson())
            let life = LifeOfAVisit(under: contract, sharing: world.life)
            try await life.cancelledLate("2027-03-03")
            try await world.test.clock.set(to: Instant(rfc3339: "2027-04-01T06:00:00Z"))
            let statement = "/statements/\(try await life.accepted())"
            let sellers = try await world.browser(of: world.seller.finance)
            let page = try await sellers.get(statement)
            #expect(!page.body.contains("action=\"\(statement)/invoices\""))
            let form = try page.form("\(statement)/internal-charges")
            #expect(form["total"] == "54.00")
            let other = form.merging(["total": "55.00", "key": "other"]) { $1 }
            #expect(try await sellers.post("\(statement)/internal-charges", other).status == 409)
            let done = try await sellers.post("\(statement)/internal-charges", form)
            let list = String(done.location?.prefix { $0 != "?" } ?? "")
            #expect(done.location == "\(list)?done=settled")
            let buyers = try await world.browser(of: world.buyer.finance)
            let read = try await buyers.get(list)
            #expect(read.body.contains("54.00") && read.body.contains("4410"))
            #expect(try await buyers.get("\(list)/table").body.hasPrefix("internal_charge_id,"))
            let after = try await buyers.get(statement)
            #expect(after.links.contains(list))
            #expect(!after.body.contains("Waits for the invoice"))
        }
    }
}
