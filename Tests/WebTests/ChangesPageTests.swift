import Contracts
import Marketplace
import MoneyAndTime
import Storage
import StrictJSON
import TestMarket
import Testing

@testable import Web

@Suite("What a version changes, and the steps of a contract's life, on the pages")
struct ChangesPageTests {
    /// The contract in force with a second version that the seller has offered.
    private static func offer(
        _ world: PagesWorld, of contract: TestContract, _ changed: (inout JSONObject) -> Void
    ) async throws -> String {
        let market = world.test.market
        let version = try await market.contractVersion(
            world.seller.admin.request("getContractVersion"), contract.id, number: 1
        ).body
        var members = version["document"]?.members ?? [:]
        members["validity"] = ["first_day": "2027-04-01", "last_day": "2027-12-31"]
        changed(&members)
        let drafted = try await market.amendContract(
            world.seller.admin.request("amendContract"), contract.id, .object(members)
        ).body
        _ = try await market.offerContractVersion(
            world.seller.admin.request("offerContractVersion"), contract.id,
            number: drafted["number"]?.integer ?? 0)
        return "/contracts/\(contract.id)"
    }

    @Test("a dearer minute in words, and in euros for the examples and last month's visits")
    func dearer() async throws {
        try await PagesWorld.with { world in
            let contract = try await world.test.agreedContract(
                seller: world.seller, buyer: world.buyer,
                changed: [
                    "handshake": ["reply_within_minutes": 240, "accepted_in_advance": true]
                ])
            let life = LifeOfAVisit(under: contract, sharing: world.life)
            let charge = try await life.held("2027-03-03", minutes: 20)
            try await world.test.clock.set(to: Instant(rfc3339: "2027-04-01T06:00:00Z"))
            let address = try await Self.offer(world, of: contract) { members in
                var service = members["services"]?[0]?.members ?? [:]
                service["price_per_minute"] = "4.00"
                members["services"] = [.object(service)]
                members["termination"] = ["notice_days": 30]
            }
            let buyers = try await world.browser(of: world.buyer.admin)
            #expect(try await buyers.get(address).links.contains("\(address)/versions/2/changes"))
            let page = try await buyers.get("\(address)/versions/2/changes")
            #expect(page.status == 200)
            let body = page.body.replacing("\u{a0}", with: " ")
            #expect(body.contains("<th scope=\"row\">Price per minute</th>"))
            #expect(body.contains(">€4.00 a minute (+11.1%)<"))
            #expect(body.contains(">Not there<"))
            #expect(body.contains("Notice: 30 days"))
            #expect(body.contains("Ending by one side"))
            // twenty minutes at 3.60, and at 4.00
            #expect(page.links.contains("/charges/\(charge)"))
            #expect(
                body.contains(
                    "The visits of March 2027 would have cost €80.00 instead of €72.00: +€8.00."))
            let examples = contract.terms.workedExamples
            #expect(!examples.isEmpty)
            for example in examples { #expect(body.contains(">\(example.title)<")) }
        }
    }

    @Test("the steps that change a contract ask for a reason and keep what was typed")
    func reasons() async throws {
        try await PagesWorld.with { world in
            let address = try await Self.offer(world, of: world.life.contract) {
                $0["termination"] = ["notice_days": 30]
            }
            let buyers = try await world.browser(of: world.buyer.admin)
            for (step, hidden) in [("decline", "number"), ("suspend", nil)] {
                let page = try await buyers.get("\(address)/\(step)?number=2")
                var form = try page.form("\(address)/\(step)")
                #expect(hidden == nil || form[hidden ?? ""] == "2")
                let long = String(repeating: "x", count: 501)
                form["reason"] = long
                let wrong = try await buyers.post("\(address)/\(step)", form)
                #expect(wrong.status == 422 && wrong.links.contains("#reason"))
                #expect(wrong.body.contains(long))
                form["reason"] = "Too <b>dear</b>."
                form["key"] = step
                let done = try await buyers.post("\(address)/\(step)", form)
                #expect(done.status == 303)
                let after = try await buyers.get(address)
                #expect(after.body.contains("Too &lt;b&gt;dear&lt;/b&gt;."))
            }
            let sellers = try await world.browser(of: world.seller.admin)
            let seen = try await sellers.get(address)
            #expect(seen.body.contains("New bookings paused") && seen.body.contains("declined"))
            #expect(!seen.body.contains("action=\"\(address)/resume\""))
            let resume = try await buyers.get(address).form("\(address)/resume")
            #expect(try await buyers.post("\(address)/resume", resume).status == 303)
            // the version in force says nothing of ending it
            #expect(try await buyers.get("\(address)/notice").status == 409)
        }
    }

    @Test("every term of the form has its name in every language")
    func everyTermHasAName() throws {
        let schema = try JSON.parse(ContractFiles.read("v1/contract.schema.json"))
        let texts = try Texts()
        var names: Set<String> = []
        func collect(_ json: JSON) {
            for (name, inner) in json["properties"]?.members ?? [:] {
                names.insert(name)
                collect(inner)
            }
            if let items = json["items"] { collect(items) }
        }
        collect(schema)
        let facts: Set<String> = ["visit_facts", "expected_line", "worked_example", "localised"]
        for (name, inner) in schema["$defs"]?.members ?? [:] where !facts.contains(name) {
            collect(inner)
        }
        #expect(names.count > 120)
        let others = ["months": "months_at_a_time", "days": "days_of_week"]
        let missing = names.filter { texts[.english]["changed_\(others[$0] ?? $0)"] == nil }
        #expect(missing.isEmpty, "\(missing.sorted())")
    }
}
