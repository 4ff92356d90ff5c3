import Marketplace
import MoneyAndTime
import Organisations
import StrictJSON
import TestMarket
import Testing

@Suite("Contracts on the pages: read in words and figures, and signed")
struct ContractPageTests {
    @Test func readAndSign() async throws {
        try await PagesWorld.with { world in
            let test = world.test
            let document = try await test.document(
                "physician-remote-reception", seller: world.seller, buyer: world.buyer,
                validity: ["2027-04-01", "2027-12-31"], [:])
            let drafted = try await test.market.draftContract(
                world.seller.admin.request("draftContract"), document)
            let id = try ContractID(typeID: drafted.body["id"]?.text ?? "")
            let address = "/contracts/\(id)"
            let buyers = try await world.browser(of: world.buyer[.signatory])
            #expect(try await buyers.get(address).status == 404)
            #expect(try await !buyers.get("/contracts").links.contains(address))
            _ = try await test.market.offerContractVersion(
                world.seller.admin.request("offerContractVersion"), id, number: 1)
            #expect(try await buyers.get("/contracts").links.contains(address))
            let page = try await buyers.get(address)
            #expect(page.body.contains("<dd>Offered</dd>"))
            #expect(page.body.contains("<dd>1: offered, signed by nobody yet</dd>"))
            #expect(page.body.contains("from Thu\u{a0}1\u{a0}Apr\u{a0}2027"))
            let examples = document["worked_examples"]?.elements ?? []
            #expect(examples.count > 3)
            let holds = page.body.ranges(of: "The computed price is the agreed one.").count
            #expect(holds == examples.count)
            let form = try page.form("\(address)/signatures")
            let unread = try await buyers.post("\(address)/signatures", form)
            #expect(unread.status == 422 && unread.links.contains("#read"))
            let signed = try await buyers.post(
                "\(address)/signatures", form.merging(["read": "yes", "key": "one"]) { $1 })
            #expect(signed.location == "\(address)?version=1&done=signed")
            let after = try await buyers.get(address)
            #expect(after.body.contains("signed by the buyer"))
            #expect(!after.body.contains("action=\"\(address)/signatures\""))
            let again = try await buyers.post(
                "\(address)/signatures", form.merging(["read": "yes", "key": "two"]) { $1 })
            #expect(again.status == 409 && again.body.contains("signed this already"))

            let sellers = try await world.browser(of: world.seller[.signatory])
            let theirs = try await sellers.get(address).form("\(address)/signatures")
            let done = try await sellers.post(
                "\(address)/signatures", theirs.merging(["read": "yes"]) { $1 })
            #expect(done.status == 303)
            #expect(try await buyers.get(address).body.contains("<dd>1: signed by both</dd>"))
            // in March it does not rule yet
            let toCome = "<dd>Signed by both, in force from Thu\u{a0}1\u{a0}Apr\u{a0}2027</dd>"
            #expect(try await buyers.get(address).body.contains(toCome))
            #expect(try await buyers.get("/contracts").body.contains("in force from Thu"))
        }
    }

    @Test("only a signatory sees the form")
    func whoMaySign() async throws {
        try await PagesWorld.with { world in
            let address = "/contracts/\(world.life.contract.id)"
            let auditor = try await world.browser(of: world.buyer.auditor)
            let page = try await auditor.get(address)
            #expect(page.status == 200 && page.body.contains("<dd>In force</dd>"))
            #expect(!page.body.contains("\(address)/signatures"))
        }
    }
}
