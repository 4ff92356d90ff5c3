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

    @Test("all problems are named at once, each with its party, beside what can be computed")
    func allProblems() async throws {
        try await PagesWorld.with { world in
            let browser = try await world.browser(of: world.seller.admin)
            let page = try await Self.begin(world, browser)
            var form = try FilledForm(page, id: "contract")
            for field in ["/buyer/address/street", "/buyer/email", "/seller/iban"] {
                form[field] = ""
            }
            let limits = try await form.send(browser, to: Self.address, by: "section:planning")
            form = try FilledForm(limits, id: "contract")
            form["/limits/hold_minutes"] = "61"
            form["try_minutes"] = "20"
            let beside = try await form.send(browser, to: Self.address, by: "beside")
            #expect(beside.body.contains("Not complete yet. To fill in or put right: 4."))
            let checked = try await form.send(browser, to: Self.address, by: "compute")
            #expect(checked.status == 422)
            #expect(checked.links.filter { $0.hasPrefix("#/") }.first == "#/limits/hold_minutes")
            for words in [
                "Seller: Bank account (IBAN): fill this in (in the part Parties and validity)",
                "Buyer: Street and number, or post box:", "Buyer: Shared e-mail address:",
                "A time is held for, minutes: give a whole number from 1 to 60",
            ] {
                #expect(checked.body.contains(words), "\(words)")
            }
            #expect(checked.body.contains("value=\"section:parties\">Go to: Parties"))
            // no price depends on them: twenty minutes at 3.60
            for answer in [beside, checked] {
                #expect(answer.body.contains("<p class=\"cost\">€72.00</p>"))
                #expect(answer.body.contains("A 17-minute visit: <strong>€61.20</strong>"))
            }
            let parties = try await FilledForm(checked, id: "contract").send(
                browser, to: Self.address, by: "section:parties")
            let saved = try await FilledForm(parties, id: "contract").send(
                browser, to: Self.address, by: "save")
            #expect(saved.status == 422)
            for field in ["/seller/iban", "/buyer/address/street", "/buyer/email"] {
                #expect(saved.links.contains("#\(field)"))
                #expect(saved.body.contains("id=\"\(field)-error\""))
            }
        }
    }

    @Test("a sentence has room, and is one line however it was typed")
    func longTexts() async throws {
        try await PagesWorld.with { world in
            let browser = try await world.browser(of: world.seller.admin)
            let page = try await Self.begin(world, browser)
            let records = try await FilledForm(page, id: "contract").send(
                browser, to: Self.address, by: "section:records")
            #expect(records.body.contains("<textarea id=\"/data_protection/purpose\""))
            var form = try FilledForm(records, id: "contract")
            form["/data_protection/purpose"] = "Visits,\r\ntheir records\r\n"
            let next = try await form.send(browser, to: Self.address, by: "section:billing")
            #expect(next.body.contains("<textarea id=\"/billing/vat/reason\""))
            let document = try JSON.parse(FilledForm(next, id: "contract").value("document") ?? "")
            #expect(document["data_protection"]?["purpose"] == "Visits, their records")
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
