import Marketplace
import MoneyAndTime
import Organisations
import Storage
import StrictJSON
import TestMarket
import Testing

@testable import Web

@Suite("Whose visits the day shows first, and who says which specialist a member is")
struct OwnDayTests {
    /// What stands under a heading of the page, up to the next one.
    private static func part(_ page: String, under heading: String) -> Substring {
        guard let start = page.firstRange(of: "<h2>\(heading)</h2>") else { return "" }
        let rest = page[start.upperBound...]
        return rest[..<(rest.firstRange(of: "<h2>")?.lowerBound ?? rest.endIndex)]
    }

    @Test("a specialist's own visits come first; all others, and what is bought, stay reachable")
    func ownFirst() async throws {
        try await PagesWorld.with { world in
            let contract = try await world.test.signedContract(
                seller: world.seller, buyer: world.buyer)
            let life = LifeOfAVisit(under: contract, sharing: world.life)
            let visit = try await life.booked("2027-03-03").description
            let address = "/visits/\(visit)"
            try await world.test.clock.set(to: Instant(rfc3339: "2027-03-03T07:00:00Z"))
            let idle = try await world.test.addSpecialist(to: world.seller, label: "Idle 1")
            // who is no specialist sees all, as does the buyer's side
            var seller = try await world.browser(of: world.seller.specialist)
            #expect(try await seller.get("/day").links.contains(address))
            #expect(!(try await seller.get("/day")).body.contains("class=\"tabs\""))
            try await world.tie(world.seller, to: idle)
            seller = try await world.browser(of: world.seller.specialist)
            let own = try await seller.get("/day")
            #expect(!own.links.contains(address) && own.body.contains("no visits on this day"))
            #expect(!(try await seller.get("/")).body.contains("One visit is left today"))
            let all = "/day?date=2027-03-03&specialist=all"
            #expect(own.links.contains(all))
            #expect(try await seller.get(all).links.contains(address))
            try await world.tie(world.seller, to: life.specialist)
            seller = try await world.browser(of: world.seller.specialist)
            #expect(try await seller.get("/day").links.contains(address))
            // a buyer's specialist attests too
            let buyers = try await world.test.addSpecialist(to: world.buyer, label: "Nurse 1")
            try await world.tie(world.buyer, to: buyers)
            let buyer = try await world.browser(of: world.buyer.specialist)
            let bought = try await buyer.get("/day").body
            let besides = Self.part(bought, under: "Visits that your organisation buys")
            #expect(besides.contains(address))
        }
    }

    @Test("the administrator ties and unties; an auditor only reads")
    func tying() async throws {
        try await PagesWorld.with { world in
            let specialist = try await world.test.addSpecialist(to: world.buyer, label: "Nurse <1>")
            let others = world.life.specialist.description
            let member = world.buyer.specialist.member.description
            let page = "/settings/members/\(member)"
            let admin = try await world.browser(of: world.buyer.admin)
            #expect(try await admin.get("/settings/members").links.contains(page))
            let typed = [
                "name": "Nurse", "email": "nurse@example.org", "roles": "specialist",
                "active": "yes",
            ]
            let form = try await admin.get(page).form(page).merging(typed) { $1 }
            let chosen = form.merging(["specialist": specialist.description]) { $1 }
            #expect(try await admin.post(page, chosen).status == 303)
            #expect(try await admin.get("/settings/members").body.contains("Nurse &lt;1&gt;"))
            // what somebody else has saved meanwhile is not lost
            let late = chosen.merging(["key": "late", "specialist": ""]) { $1 }
            #expect(try await admin.post(page, late).status == 422)
            let next = try await admin.get(page).form(page).merging(typed) { $1 }
            let foreign = next.merging(["specialist": others]) { $1 }
            #expect(try await admin.post(page, foreign).status == 404)
            let auditor = try await world.browser(of: world.buyer.auditor)
            #expect(!(try await auditor.get(page)).body.contains(">Save<"))
            #expect(try await auditor.get(page).body.contains("<dd>Nurse &lt;1&gt;</dd>"))
            let own = try await auditor.get(page).sealed(key: "own")
            #expect(
                try await auditor.post(page, next.merging(own) { $1 }).status == 403)
            let untied = next.merging(["key": "untied", "specialist": ""]) { $1 }
            #expect(try await admin.post(page, untied).status == 303)
            #expect(!(try await admin.get("/settings/members")).body.contains("Nurse &lt;"))
        }
    }
}

extension PagesWorld {
    /// Says that the organisation's member with the role of a specialist is this one.
    fileprivate func tie(_ organisation: TestOrganisation, to specialist: SpecialistID) async throws
    {
        let request = organisation.admin.request("getMember")
        let member = try await test.market.member(request, organisation.specialist.member).body
        _ = try await test.market.updateMember(
            organisation.admin.request("updateMember"), organisation.specialist.member,
            revision: member["revision"]?.integer ?? 0, name: "Test member",
            email: EmailAddress("specialist@example.org"), roles: [.specialist], isActive: true,
            specialist: specialist)
    }
}
