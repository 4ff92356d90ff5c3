import Billing
import Marketplace
import MoneyAndTime
import Storage
import StrictJSON
import TestMarket
import TestServer
import Testing
import Web

@Suite("The pages of an agreed capacity")
struct CommitmentPageTests {
    @Test("what is taken, the month without a visit that waits, its line and its invoice")
    func whole() async throws {
        try await PagesWorld.with { world in
            let contract = try await world.test.signedContract(
                seller: world.seller, buyer: world.buyer,
                changed: [
                    "validity": ["first_day": "2027-03-10", "last_day": "2027-12-31"],
                    "commitment": ["minutes_per_period": 310, "price_per_minute": "2.00"],
                ])
            let life = LifeOfAVisit(under: contract, sharing: world.life)
            try await world.test.clock.set(to: Instant(rfc3339: "2027-03-20T06:00:00Z"))
            let buyers = try await world.browser(of: world.buyer.finance)
            let own = try await buyers.get("/contracts/\(contract.id)")
            let minutes = "0\u{a0}min of 220\u{a0}min are billed; 220\u{a0}min are not taken yet."
            #expect(own.body.contains("Agreed capacity in this period"))
            #expect(own.body.contains(minutes))
            let other = try await buyers.get("/contracts/\(world.life.contract.id)")
            #expect(!other.body.contains("Agreed capacity in this period"))

            try await world.test.clock.set(to: Instant(rfc3339: "2027-04-01T06:00:00Z"))
            let sellers = try await world.browser(of: world.seller.finance)
            let list = try await sellers.get("/statements")
            let choices = list.body.matches(of: /<option value="([^"]*)"/).map { String($0.1) }
            #expect(choices == ["\(contract.id) 2027-03"])
            let form = try list.form("/statements").merging(["of": choices.first ?? ""]) { $1 }
            let made = try await sellers.post("/statements", form)
            let address = try #require(made.location?.prefix { $0 != "?" }).description
            let statement = try await buyers.get(address)
            #expect(statement.body.contains("Agreed capacity</td>"))
            #expect(statement.body.contains("Shortfall of the agreed capacity</td>"))
            #expect(statement.links.contains { $0.hasPrefix("\(address)/disputes?charge=") })
            let charge = try #require(statement.links.first { $0.hasPrefix("/charges/") })
            let how = try await buyers.get(charge).body
            #expect(how.contains("The contract rules 22 of 31 days"))
            #expect(how.contains("220 minutes were agreed and 0 billed: 220 are missing."))
            #expect(!how.contains("/bookings/\""))

            let id = try StatementID(typeID: String(address.split(separator: "/").last ?? ""))
            try await life.accepts(id)
            let invoice = try await life.invoiced(id).first?["id"]?.text ?? ""
            let shown = try await buyers.get("/invoices/\(invoice)").body
            #expect(shown.contains("Shortfall of the agreed capacity, March\u{a0}2027"))
            for (language, word) in [("fi", "maaliskuu\u{a0}2027"), ("sv", "mars\u{a0}2027")] {
                let page = try await buyers.get(
                    "/invoices/\(invoice)", headers: ["Accept-Language": language]
                ).body
                #expect(page.contains(word), "\(language)")
            }
        }
    }
}
