import Contracts
import Marketplace
import MoneyAndTime
import Organisations
import Storage
import StrictJSON
import TestMarket
import Testing

@testable import Web

@Suite("How a contract with several versions stands, on the pages")
struct ContractStandingTests {
    /// A second version that the seller has drafted, from the first of April.
    private static func draft(
        _ world: PagesWorld, _ changed: JSONObject = [:]
    ) async throws -> String {
        let document = try await world.test.document(
            "psychiatrist-remote-visit", seller: world.seller, buyer: world.buyer,
            validity: ["2027-04-01", "2027-12-31"], changed)
        _ = try await world.test.market.amendContract(
            world.seller.admin.request("amendContract"), world.life.contract.id, document)
        return "/contracts/\(world.life.contract.id)"
    }

    private static func offer(_ world: PagesWorld) async throws {
        _ = try await world.test.market.offerContractVersion(
            world.seller.admin.request("offerContractVersion"), world.life.contract.id, number: 2)
    }

    @Test("the page opens on what is in force, and leads to what is offered")
    func opensOnWhatIsInForce() async throws {
        try await PagesWorld.with { world in
            let address = try await Self.draft(world)
            let second = "\(address)?version=2"
            let (sellers, buyers) = (
                try await world.browser(of: world.seller.scheduler),
                try await world.browser(of: world.buyer[.signatory])
            )
            let own = try await sellers.get(address)
            #expect(own.body.contains("<dd>1: signed by both</dd>") && own.links.contains(second))
            #expect(own.body.contains("Version 2 is your organisation&#39;s draft."))
            #expect(try await !buyers.get(address).links.contains(second))
            #expect(try await !buyers.get("/contracts").links.contains(second))
            try await Self.offer(world)
            let page = try await buyers.get(address)
            #expect(page.body.contains("<dd>1: signed by both</dd>"))
            #expect(page.body.contains("Version 2 is offered and waits for both signatures."))
            #expect(page.links.contains(second))
            #expect(!page.body.contains("action=\"\(address)/signatures\""))
            #expect(try await buyers.get("/").links.contains(second))
            #expect(try await buyers.get("/contracts").links.contains(second))
            let offered = try await buyers.get(second)
            #expect(offered.body.contains("You are reading version 2."))
            #expect(offered.links.contains("\(address)/price?version=2"))
            let form = try offered.form("\(address)/signatures")
            let signed = try await buyers.post(
                "\(address)/signatures", form.merging(["read": "yes"]) { $1 })
            #expect(signed.status == 303)
            let waits = "Version 2 is offered and waits for the seller&#39;s signature."
            #expect(try await sellers.get(address).body.contains(waits))
            #expect(try await sellers.get("/contracts").body.contains(waits))
            let theirs = try await world.browser(of: world.seller[.signatory])
            let last = try await theirs.get(second).form("\(address)/signatures")
            _ = try await theirs.post("\(address)/signatures", last.merging(["read": "yes"]) { $1 })
            let after = try await buyers.get(address)
            #expect(after.body.contains("<dd>1: signed by both</dd>"))
            #expect(after.body.contains("Version 2 is signed by both and rules visits from Thu"))
            #expect(try await !buyers.get("/contracts").links.contains(second))
        }
    }

    @Test("a step is offered only where it can be done, and refused for the true reason")
    func steps() async throws {
        try await PagesWorld.with { world in
            let address = try await Self.draft(world, ["termination": ["notice_days": 30]])
            let buyers = try await world.browser(of: world.buyer.admin)
            #expect(try await !buyers.get(address).links.contains("\(address)/notice"))
            #expect(try await buyers.get("\(address)/decline?number=1").status == 409)
            try await Self.offer(world)
            #expect(try await buyers.get("\(address)/decline?number=2").status == 200)
            let writers = try await world.browser(of: world.seller.admin)
            #expect(try await writers.get("\(address)/decline?number=2").status == 403)
            try await world.test.sign(
                world.life.contract.id, number: 2, world.seller, world.buyer)
            #expect(try await buyers.get("\(address)/decline?number=2").status == 409)
            #expect(try await !buyers.get(address).links.contains("\(address)/notice"))
            let early = try await buyers.get("\(address)/notice")
            #expect(early.status == 409)
            #expect(early.body.contains("The version that does rules from Thu\u{a0}1\u{a0}Apr"))
            _ = try await world.test.market.suspendContract(
                world.buyer.admin.request("suspendContract"), world.life.contract.id,
                reason: "Test")
            #expect(try await !buyers.get(address).links.contains("\(address)/suspend"))
            #expect(try await buyers.get("\(address)/suspend").status == 409)
            try await world.test.clock.set(to: Instant(rfc3339: "2027-04-01T06:00:00Z"))
            let later = try await world.browser(of: world.buyer.admin)
            #expect(try await later.get(address).links.contains("\(address)/notice"))
        }
    }
}
