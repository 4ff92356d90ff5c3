import Marketplace
import Organisations
import StrictJSON
import TestMarket
import Testing

@testable import Web

@Suite("A member's name, roles and access are changed on a page")
struct MemberPageTests {
    private static let typed = [
        "name": "Desk <2>", "email": "desk2@example.org", "active": "yes", "specialist": "",
    ]

    @Test("all that a member is, from the next click on")
    func change() async throws {
        try await PagesWorld.with { world in
            let member = world.buyer.scheduler.member
            let page = "/settings/members/\(member)"
            let admin = try await world.browser(of: world.buyer.admin)
            let changed = try await world.browser(of: world.buyer.scheduler)
            #expect(try await changed.get("/find").status == 200)
            let shown = try await admin.get(page)
            #expect(shown.body.contains("value=\"scheduler\" checked"))
            #expect(!shown.body.contains("value=\"finance\" checked"))
            let form = try shown.form(page).merging(Self.typed) { $1 }
            let saved = try await admin.post(
                page, form, also: ["roles=finance", "roles=auditor"])
            #expect(saved.location == "/settings/members?done=saved")
            let list = try await admin.get("/settings/members").body
            #expect(list.contains("Desk &lt;2&gt;") && list.contains("desk2@example.org"))
            #expect(list.contains("<td data-label=\"Roles\">Finance, Auditor</td>"))
            // the same login without what was taken away, the next one with what was given
            #expect(try await changed.get("/find").status == 403)
            let next = try await world.browser(of: world.buyer.scheduler)
            #expect(try await next.get("/statements").status == 200)
            // and out of it altogether
            var away = try await admin.get(page).form(page).merging(Self.typed) { $1 }
            away["active"] = nil
            #expect(try await admin.post(page, away, also: ["roles=finance"]).status == 303)
            #expect(try await admin.get("/settings/members").body.contains("Not active"))
            #expect(try await next.get("/statements").status == 303)
        }
    }

    @Test("what is wrong is said at its field, with what was typed")
    func wrong() async throws {
        try await PagesWorld.with { world in
            let page = "/settings/members/\(world.buyer.scheduler.member)"
            let admin = try await world.browser(of: world.buyer.admin)
            let form = try await admin.get(page).form(page)
            let cases: [(changed: [String: String], roles: [String], field: String)] = [
                (["name": ""], ["roles=finance"], "name"),
                (["name": String(repeating: "x", count: 121)], ["roles=finance"], "name"),
                (["name": "131052-308T"], ["roles=finance"], "name"),
                (["email": "nobody"], ["roles=finance"], "email"),
                ([:], [], "roles"), ([:], ["roles=king"], "roles"),
            ]
            for (index, wrong) in cases.enumerated() {
                let fields = form.merging(Self.typed) { $1 }.merging(wrong.changed) { $1 }
                    .merging(["key": "wrong \(index)"]) { $1 }
                let answer = try await admin.post(page, fields, also: wrong.roles)
                #expect(answer.status == 422 && answer.links.contains("#\(wrong.field)"))
                #expect(answer.body.contains("id=\"\(wrong.field)-error\""))
                let kept = fields["email"] ?? ""
                #expect(answer.body.contains("value=\"\(kept)\""))
            }
            // an address that another member has
            let taken = try await world.test.market.member(
                world.buyer.admin.request("getMember"), world.buyer.auditor.member
            ).body["email"]?.text
            let twice = form.merging(Self.typed) { $1 }
                .merging(["key": "twice", "email": taken ?? ""]) { $1 }
            let refused = try await admin.post(page, twice, also: ["roles=finance"])
            #expect(refused.status == 422 && refused.links.contains("#email"))
            #expect(refused.body.contains("Another member has this address"))
            #expect(try await !admin.get("/settings/members").body.contains("Desk"))
        }
    }

    @Test("the last administrator stays one")
    func last() async throws {
        try await PagesWorld.with { world in
            let page = "/settings/members/\(world.buyer.admin.member)"
            let admin = try await world.browser(of: world.buyer.admin)
            let form = try await admin.get(page).form(page).merging(Self.typed) { $1 }
            let refused = try await admin.post(page, form, also: ["roles=auditor"])
            #expect(refused.status == 422 && refused.links.contains("#roles"))
            #expect(refused.body.contains("Somebody must be able to administer"))
            #expect(try await admin.get("/settings/members").status == 200)
        }
    }
}
