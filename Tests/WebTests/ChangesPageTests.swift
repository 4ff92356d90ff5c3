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
            #expect(body.contains("<th scope=\"row\">Price per minute, €</th>"))
            #expect(body.contains(">4.00 (+11.1%)<"))
            #expect(body.contains(">Not there<"))
            #expect(body.contains("Notice, days: 30"))
            #expect(body.contains("Ending it early"))
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

    @Test("a worked example that changes is told once, with its price")
    func examplesOnce() async throws {
        try await PagesWorld.with { world in
            let contract = try await world.test.agreedContract(
                seller: world.seller, buyer: world.buyer)
            let titles = contract.terms.workedExamples.map(\.title)
            let address = try await Self.offer(world, of: contract) { members in
                var examples = members["worked_examples"]?.elements ?? []
                // one is left out, one comes, one is of another length, one expects other lines
                examples.removeLast()
                var new = examples[0].members ?? [:]
                new["title"] = "A visit by another name"
                examples.append(.object(new))
                var longer = examples[1].members ?? [:]
                longer["visit"] = [
                    "starts": "2027-03-06T10:00", "planned_minutes": 30, "billable_seconds": 1081,
                ]
                longer["lines"] = [["kind": "visit", "minutes": "19", "amount": "68.40"]]
                longer["total"] = "68.40"
                examples[1] = .object(longer)
                members["worked_examples"] = .array(examples)
            }
            let buyers = try await world.browser(of: world.buyer.admin)
            let body = try await buyers.get("\(address)/versions/2/changes").body
            func fates(_ title: String) -> [String] {
                let rows = body.split(
                    separator: "<th scope=\"row\">\(title)<", omittingEmptySubsequences: false
                ).dropFirst()
                return rows.map { row in
                    row.firstMatch(of: /^br><span class="tag">([^<]*)</).map { String($0.1) } ?? ""
                }
            }
            #expect(fates(titles[0]) == [""])
            #expect(fates(titles[1]) == ["After", "Before"])
            #expect(fates(titles.last ?? "") == ["Left out"])
            #expect(fates("A visit by another name") == ["New"])
            #expect(!body.contains("Only the worked examples change."), "the validity does, too")
        }
    }

    @Test("every difference is named, each by a name of its own")
    func everyDifference() async throws {
        try await PagesWorld.with { world in
            let contract = try await world.test.agreedContract(
                seller: world.seller, buyer: world.buyer,
                changed: ["termination": ["notice_days": 30]])
            let address = try await Self.offer(world, of: contract) { members in
                var service = members["services"]?[0]?.members ?? [:]
                service["price_per_minute"] = "4.00"
                service["start_fee"] = "5.00"
                members["services"] = [.object(service)]
                var limits = members["limits"]?.members ?? [:]
                limits["hold_minutes"] = 7
                limits["budget_ceiling"] = "19999.00"
                limits["horizon_days"] = 88
                limits["minimum_notice_minutes"] = 11
                members["limits"] = .object(limits)
                var billing = members["billing"]?.members ?? [:]
                billing["payment_days"] = 9
                members["billing"] = .object(billing)
                members["termination"] = nil
                members["no_show"] = [
                    "wait_minutes": 10, "buyer_fee_percent": "20", "seller_fee_percent": "50",
                ]
                members["title"] = "By another name"
            }
            let compared = try await world.test.market.compareContractVersions(
                world.buyer.admin.request("compareContractVersions"), contract.id, number: 2,
                from: 1
            ).body
            let changes = try #require(compared["changes"]?.elements)
            let kinds = Set(changes.compactMap { $0["kind"]?.text })
            #expect(kinds == ["changed", "added", "removed"] && changes.count >= 10)
            let buyers = try await world.browser(of: world.buyer.admin)
            let page = try await buyers.get("\(address)/versions/2/changes")
            let tables = page.body.split(separator: "<table class=\"changes\">").dropFirst()
            let labels = tables.flatMap { table in
                table.prefix(upTo: table.firstRange(of: "</table>")?.lowerBound ?? table.endIndex)
                    .matches(of: /<tr><th scope="row">([^<]*)</).map { String($0.1) }
            }
            #expect(labels.count == changes.count, "\(labels)")
            #expect(labels.allSatisfy { !$0.isEmpty })
            #expect(Set(labels).count == labels.count, "\(labels)")
            // called as in the form, and on the page where the contract is read
            let form = try await buyers.get("\(address)/versions/new")
            let planning = try await FilledForm(form, id: "contract").send(
                buyers, to: "\(address)/versions/new", by: "section:planning")
            let read = try await buyers.get("\(address)?version=2").body
            for name in ["A time is held for, minutes", "Booked at most ahead, days"] {
                #expect(labels.contains(name))
                #expect(planning.body.contains(">\(name)</label>"))
                #expect(read.contains("<dt>\(name)</dt>"))
            }
            #expect(read.contains("<dt>Limits of booking</dt>"))
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
}
