import MoneyAndTime
import NIOHTTP1
import Organisations
import StrictJSON
import TestMarket
import Testing

@testable import Web

@Suite("The contract form keeps what was typed when the language changes, and for Back")
struct ContractFormSwitchTests {
    private static let address = "/contracts/new/form"

    private static func begin(_ world: PagesWorld, _ browser: Browser) async throws -> PageAnswer {
        try await browser.get(
            "\(address)?template=psychiatrist-remote-visit&side=seller&with=\(world.buyer.id)"
                + "&first_day=2027-04-01&last_day=2028-03-31&buyer_reference=HC-1")
    }

    @Test("the language is a button of the form, which comes back with all that was typed")
    func language() async throws {
        try await PagesWorld.with { world in
            let browser = try await world.browser(of: world.seller.admin)
            let page = try await Self.begin(world, browser)
            #expect(!page.links.contains { $0.hasPrefix("/language?") })
            let services = try await FilledForm(page, id: "contract").send(
                browser, to: Self.address, by: "section:services")
            var form = try FilledForm(services, id: "contract")
            form["/services/0/price_per_minute"] = "4.10"
            form["try_minutes"] = "17"
            let swedish = try await form.send(browser, to: Self.address, by: "language:sv")
            #expect(swedish.status == 200 && swedish.body.contains("<html lang=\"sv\">"))
            let kept = try FilledForm(swedish, id: "contract")
            #expect(kept.value("/services/0/price_per_minute") == "4,10")
            #expect(kept.value("try_minutes") == "17")
            #expect(try await browser.get("/contracts").body.contains("<html lang=\"sv\">"))
            let next = try await kept.send(browser, to: Self.address, by: "section:parties")
            let document = try JSON.parse(
                FilledForm(next, id: "contract").value("document") ?? "")
            #expect(document["services"]?[0]?["price_per_minute"] == "4.10")
            let none = try await kept.send(browser, to: Self.address, by: "language:xx")
            #expect(none.status == 400)
            #expect(
                try await browser.get("/contracts").links.contains { $0.hasPrefix("/language?") })
        }
    }

    @Test("the visitor's browser may keep each step, and nobody between")
    func back() async throws {
        try await PagesWorld.with { world in
            let browser = try await world.browser(of: world.seller.admin)
            let page = try await Self.begin(world, browser)
            let step = try await FilledForm(page, id: "contract").send(
                browser, to: Self.address, by: "section:billing")
            for answer in [page, step] {
                #expect(answer.headers["cache-control"] == ["private, no-cache"])
            }
            #expect(try await browser.get("/contracts").headers["cache-control"] == ["no-store"])
        }
    }

    @Test("what holds without a term is said only while it is not there")
    func absence() async throws {
        try await PagesWorld.with { world in
            let browser = try await world.browser(of: world.seller.admin)
            let page = try await Self.begin(world, browser)
            let without = "Left out: only both together can end the contract early"
            #expect(page.body.contains(without))
            let added = try await FilledForm(page, id: "contract").send(
                browser, to: Self.address, by: "add:/termination")
            #expect(try FilledForm(added, id: "contract").value("/termination/notice_days") != nil)
            #expect(!added.body.contains(without))
        }
    }

    @Test("a last day before the first is told what to do, and that it may be left out is not said")
    func lastDay() async throws {
        try await PagesWorld.with { world in
            let browser = try await world.browser(of: world.seller.admin)
            let page = try await browser.get(
                "\(Self.address)?template=psychiatrist-remote-visit&side=seller"
                    + "&with=\(world.buyer.id)&first_day=2027-04-01&last_day=2027-03-31")
            #expect(page.status == 422 && page.links.contains("#last_day"))
            #expect(page.body.contains("Give a last day that is not before the first"))
            #expect(!page.body.contains("leave it empty"))
        }
    }
}
