import Contracts
import MoneyAndTime
import NIOHTTP1
import StrictJSON
import TestMarket
import Testing

@testable import Web

@Suite("A contract is written by a form")
struct ContractFormTests {
    private static let address = "/contracts/new/form"

    /// The form of a new contract, with the seller's administrator in front of it.
    private static func with(
        _ template: String = "psychiatrist-remote-visit",
        _ body: (PagesWorld, Browser, PageAnswer) async throws -> Void
    ) async throws {
        try await PagesWorld.with { world in
            let browser = try await world.browser(of: world.seller.admin)
            let page = try await browser.get(
                "\(address)?template=\(template)&side=seller&with=\(world.buyer.id)"
                    + "&first_day=2027-04-01&last_day=2028-03-31&buyer_reference=HC-1")
            #expect(page.status == 200)
            try await body(world, browser, page)
        }
    }

    private static func document(_ page: PageAnswer) throws -> JSON {
        try JSON.parse(FilledForm(page, id: "contract").value("document") ?? "")
    }

    @Test("from the choice of a template to a draft that both can read")
    func fromTemplateToDraft() async throws {
        try await PagesWorld.with { world in
            let browser = try await world.browser(of: world.seller.admin)
            #expect(try await browser.get("/contracts").links.contains("/contracts/new"))
            let choice = try await browser.get(
                "/contracts/new?with=\(world.buyer.id)&side=buyer&template=psychologist-series")
            #expect(choice.body.contains("value=\"psychologist-series\" checked"))
            #expect(choice.body.contains("value=\"\(world.buyer.id)\" selected"))
            #expect(choice.body.contains("value=\"buyer\" selected"))
            #expect(!choice.body.contains("value=\"\(world.seller.id)\""))
        }
        try await Self.with { world, browser, page in
            #expect(page.body.contains("Complete. Worked examples"))
            var form = try FilledForm(page, id: "contract")
            #expect(form["/seller/business_id"] != nil, "what the market knows is filled in")
            form["/title"] = "Psychiatry for <b>\"North\"</b>"
            let services = try await form.send(
                browser, to: Self.address, by: "section:services")
            form = try FilledForm(services, id: "contract")
            form["/services/0/price_per_minute"] = "4.10"
            let changed = try await form.send(browser, to: Self.address, by: "compute")
            #expect(changed.status == 200)
            #expect(changed.body.contains("Take the computed result"))
            let taken = try await FilledForm(changed, id: "contract").send(
                browser, to: Self.address, by: "take")
            #expect(taken.body.contains("Complete. Worked examples"))
            let saved = try await FilledForm(taken, id: "contract").send(
                browser, to: Self.address, by: "save")
            #expect(saved.status == 303)
            let location = try #require(saved.location)
            let contract = try await browser.get(location)
            #expect(contract.body.contains("Saved as a draft"))
            #expect(contract.body.contains("Psychiatry for &lt;b&gt;"))
            #expect(contract.body.contains("4.10"))
            let again = try await FilledForm(taken, id: "contract").send(
                browser, to: Self.address, by: "save")
            #expect(again.location == location, "a form takes effect once")
        }
    }

    @Test("a supplement and a tier are added, filled in, and taken away again")
    func addAndRemove() async throws {
        try await Self.with { _, browser, page in
            let first = try await FilledForm(page, id: "contract").send(
                browser, to: Self.address, by: "section:services")
            let before = try Self.document(first)
            let added = try await FilledForm(first, id: "contract").send(
                browser, to: Self.address, by: "add:/services/0/supplements")
            #expect(added.status == 200)
            var form = try FilledForm(added, id: "contract")
            for (name, text) in [("fi", "Lauantai"), ("sv", "Lördag"), ("en", "Saturday")] {
                form["/services/0/supplements/0/name/\(name)"] = text
            }
            form["/services/0/supplements/0/percent"] = "25"
            let tiers = try await form.send(
                browser, to: Self.address, by: "add:/services/0/tiers")
            form = try FilledForm(tiers, id: "contract")
            #expect(form["/services/0/supplements/0/percent"] == "25")
            form["/services/0/tiers/steps/0/price_per_minute"] = "3.00"
            let whole = try await form.send(browser, to: Self.address, by: "compute")
            #expect(whole.status == 200 && !whole.body.contains("Not complete yet"))
            #expect(whole.body.contains("Take the computed result"), "one is on a Saturday")
            let supplement = try await FilledForm(whole, id: "contract").send(
                browser, to: Self.address, by: "remove:/services/0/supplements/0")
            let after = try await FilledForm(supplement, id: "contract").send(
                browser, to: Self.address, by: "remove:/services/0/tiers")
            #expect(try Self.document(after) == before)
        }
    }

    @Test(
        "what is opened and sent back untouched comes out with the same bytes",
        arguments: ["en", "fi", "sv"])
    func roundTrip(language: String) async throws {
        try await Self.with { _, browser, page in
            for name in try ContractFiles.names(in: "v1/examples/valid") {
                let text = try ContractFiles.read("v1/examples/valid/\(name)")
                let canonical = try JSON.parse(text).canonical()
                var form = try FilledForm(page, id: "contract")
                form["document"] = String(decoding: text, as: UTF8.self)
                for field in form.pairs where field.name.hasPrefix("/") { form[field.name] = nil }
                for part in ContractSection.allCases {
                    let shown = try await form.send(
                        browser, to: Self.address, by: "section:\(part.rawValue)",
                        language: language)
                    #expect(shown.status == 200 && shown.body.utf8.count < 70_000, "\(part)")
                    form = try FilledForm(shown, id: "contract")
                    let document = try JSON.parse(form["document"] ?? "")
                    for place in ["services", "services/0/supplements", "worked_examples"] {
                        let tokens = place.split(separator: "/").map(String.init)
                        guard tokens[0] == part.members.first else { continue }
                        for index in (document[place: tokens]?.elements ?? []).indices {
                            form = try await FilledForm(
                                form.send(
                                    browser, to: Self.address, by: "open:/\(place)/\(index)",
                                    language: language), id: "contract")
                        }
                    }
                }
                let file = try await form.send(
                    browser, to: Self.address, by: "download", language: language)
                #expect(file.headers.first(name: "content-type") == "application/json")
                #expect(try JSON.parse(file.body).canonical() == canonical, "\(name)")
            }
        }
    }

    @Test("each bad input is named at its field, and nothing typed is lost")
    func badInput() async throws {
        let bad: [(part: String, field: String, typed: String)] = [
            ("parties", "/title", ""), ("parties", "/seller/business_id", "2345678-5"),
            ("parties", "/seller/iban", "FI00 1234"), ("parties", "/seller/email", "nobody"),
            ("parties", "/validity/last_day", "2027-03-31"),
            ("parties", "/validity/first_day", "31.2.2027"),
            ("parties", "/seller/ovt", "003700000000"),
            ("services", "/services/0/price_per_minute", "3.12345"),
            ("services", "/services/0/price_per_minute", "3 <b>\"euro\"</b>"),
            ("services", "/services/0/start_fee", "5.123"),
            ("services", "/services/0/languages", "finnish"),
            ("services", "/services/0/increment/first_seconds", "61"),
            ("services", "/services/0/minimum_seconds", "-3"),
            ("services", "/services/0/kind", "surgery"),
            ("planning", "/limits/hold_minutes", "61"), ("planning", "/limits/hold_minutes", "ten"),
            ("planning", "/limits/budget_ceiling", "-1.00"),
            ("exceptions", "/cancellation/buyer/0/fee_percent", "101"),
            ("exceptions", "/cancellation/buyer/0/notice_hours", "0"),
            ("billing", "/billing/payment_days", "99999999999999999999"),
            ("billing", "/billing/vat/rate_percent", "25.5"),
            ("records", "/data_protection/purpose", String(repeating: "x", count: 201)),
        ]
        try await Self.with { _, browser, page in
            var parts: [String: FilledForm] = [:]
            for part in Set(bad.map(\.part)) {
                let shown = try await FilledForm(page, id: "contract").send(
                    browser, to: Self.address, by: "section:\(part)")
                parts[part] = try FilledForm(shown, id: "contract")
            }
            for (part, field, typed) in bad {
                for button in ["compute", "save"] {
                    var form = try #require(parts[part])
                    form[field] = typed
                    let answer = try await form.send(browser, to: Self.address, by: button)
                    #expect(answer.status == 422, "\(field): \(typed)")
                    let named = answer.links.filter { $0.hasPrefix("#/") }
                    let last =
                        field.contains("buyer/0/notice") ? "#/cancellation/buyer" : "#\(field)"
                    #expect(named.first?.hasPrefix(last) == true, "\(field): \(typed) \(named)")
                    let target = named.first?.dropFirst() ?? ""
                    #expect(answer.body.contains("id=\"\(target)-error\""), "\(field)")
                    let kept = try FilledForm(answer, id: "contract")
                    #expect(kept.value(field) == typed, "\(field)")
                }
            }
        }
    }

    @Test("a document in place of the form: taken, or named and kept")
    func pasted() async throws {
        try await Self.with { world, browser, page in
            let whole = try await FilledForm(page, id: "contract").send(
                browser, to: Self.address, by: "section:document")
            var form = try FilledForm(whole, id: "contract")
            let before = try Self.document(whole)
            for broken in ["{", "[]", "{\"a\": 1, \"a\": 2}"] {
                form["pasted"] = broken
                let answer = try await form.send(browser, to: Self.address, by: "compute")
                #expect(answer.status == 422 && answer.links.contains("#pasted"), "\(broken)")
                let kept = try FilledForm(answer, id: "contract")
                #expect(kept.value("pasted") == broken)
                #expect(try Self.document(answer) == before, "what was there is not lost")
            }
            let unknown = before.members.map { members -> JSON in
                var members = members
                var limits = members["limits"]?.members ?? [:]
                limits["colour"] = "blue"
                members["limits"] = .object(limits)
                return .object(members)
            }
            form["pasted"] = unknown?.compactText
            let strange = try await form.send(browser, to: Self.address, by: "compute")
            #expect(strange.status == 422 && strange.links.contains("#/limits/colour"))
            let mended = try await FilledForm(strange, id: "contract").send(
                browser, to: Self.address, by: "remove:/limits/colour")
            #expect(try Self.document(mended) == before)
            let template = try ContractFiles.read("v1/templates/physician-remote-reception.json")
            form["pasted"] = String(decoding: template, as: UTF8.self)
            let other = try await form.send(browser, to: Self.address, by: "compute")
            #expect(other.status == 200)
            #expect(try Self.document(other)["seller"] == before["seller"])
            let seal = ["seal": whole.hidden("seal") ?? "", "key": "file"]
            let uploaded = try await browser.upload(
                Self.address, seal.merging(["document": "{}", "do": "section:parties"]) { $1 },
                file: before.write())
            #expect(uploaded.status == 200)
            #expect(try Self.document(uploaded) == before)
            let none = try await browser.upload(
                Self.address, seal.merging(["document": "{}", "do": "section:parties"]) { $1 },
                file: nil)
            #expect(none.status == 422 && none.links.contains("#file"))
        }
    }

    @Test("what no form of ours sends is refused")
    func attacks() async throws {
        try await Self.with { _, browser, page in
            let form = try FilledForm(page, id: "contract")
            func answer(_ change: (inout FilledForm) -> Void, by button: String = "compute")
                async throws -> Int
            {
                var changed = form
                change(&changed)
                return try await changed.send(browser, to: Self.address, by: button).status
            }
            for pointer in [
                "/__proto__/polluted", "/services/7/code", "/services/99999999999/code",
                "/seller", "/seller/address/street/x", "/worked_examples/0", "/~",
            ] {
                #expect(try await answer { $0[pointer] = "typed" } == 400, "\(pointer)")
            }
            for button in [
                "add:/title", "add:/services/0", "remove:/nothing", "section:nowhere", "explode",
                "",
                "add:",
            ] {
                #expect(try await answer({ _ in }, by: button) == 400, "\(button)")
            }
            #expect(try await answer { $0["document"] = nil } == 400)
            #expect(try await answer { $0["document"] = "[]" } == 400)
            #expect(try await answer { $0["document"] = "{\"a\":1,\"a\":1}" } == 400)
            let many = (0..<10_000).map { "/worked_examples/0/\($0)=x" }
            let seal = ["seal": form["seal"] ?? "", "key": "many", "document": "{}"]
            #expect(try await browser.post(Self.address, seal, also: many).status == 400)
        }
    }

    @Test("a price is tried out before anything is stored")
    func tried() async throws {
        try await Self.with("home-care-physician-on-demand") { _, browser, page in
            var form = try FilledForm(page, id: "contract")
            form["try_starts"] = "2027-04-02T17:50"
            form["try_minutes"] = "23"
            let priced = try await form.send(browser, to: Self.address, by: "compute")
            // Good Friday of 2027 is 26 March; the second of April is an ordinary Friday.
            #expect(priced.body.contains("<p class=\"cost\">€82.63</p>"))
            form["try_minutes"] = "soon"
            let wrong = try await form.send(browser, to: Self.address, by: "compute")
            #expect(wrong.body.contains("Give the minutes in which both are present"))
            #expect(try FilledForm(wrong, id: "contract").value("try_minutes") == "soon")
        }
    }

    @Test("new terms begin with those that stand, and keep the parties")
    func newVersion() async throws {
        try await PagesWorld.with { world in
            let address = "/contracts/\(world.life.contract.id)/versions/new"
            let browser = try await world.browser(of: world.buyer.admin)
            let page = try await browser.get(address)
            #expect(page.status == 200)
            var form = try FilledForm(page, id: "contract")
            form["/validity/last_day"] = "2028-12-31"
            let saved = try await form.send(browser, to: address, by: "save")
            #expect(saved.status == 303, "\(saved.body)")
            #expect(
                saved.location
                    == "/contracts/\(world.life.contract.id)?version=2&done=drafted")
            form["/validity/first_day"] = "2027-04-01"
            form["/validity/last_day"] = "2027-06-30"
            form["key"] = "another"
            let refused = try await form.send(browser, to: address, by: "save")
            #expect(refused.status == 422 && refused.links.contains("#/validity/last_day"))
            #expect(
                try FilledForm(refused, id: "contract").value("/validity/last_day")
                    == "2027-06-30")
        }
    }

    @Test("every term, value and template is called something in every language")
    func everythingHasAName() throws {
        let texts = try Texts()
        let shape = try ContractShape.ofContract()
        var terms: Set<[String]> = []
        func walk(_ place: [String], _ shape: ContractShape) {
            terms.insert(place)
            switch shape {
            case .object(let members):
                for member in members { walk(place + [member.key], member.shape) }
            case .list(let element, _): walk(place + ["0"], element)
            default: break
            }
        }
        walk([], shape)
        let unseen: Set = ["period"]
        for language in Language.allCases {
            let own = texts[language]
            for place in terms {
                guard let key = TermLabels.kinds(place).last, !unseen.contains(key),
                    JSON.index(place.last ?? "") == nil
                else { continue }
                #expect(
                    TermLabels.keys("term", place).contains { own[$0] != nil },
                    "\(language): \(place)")
            }
            for template in try ContractFiles.templates() {
                let key = "template_\(template.name.replacing("-", with: "_"))"
                #expect(own[key] != nil && own["\(key)_for"] != nil, "\(key)")
            }
            for rule in ContractRule.allCases where rule != .exampleDiffers {
                #expect(
                    own["problem_\(rule.rawValue)"] != nil
                        || rule == .outOfRange, "\(language): \(rule)")
            }
        }
    }
}
