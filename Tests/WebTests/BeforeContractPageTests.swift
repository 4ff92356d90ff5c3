import Marketplace
import MoneyAndTime
import Organisations
import StrictJSON
import TestMarket
import Testing

@testable import Web

@Suite("Before a contract: profiles, requests and needs on pages")
struct BeforeContractPageTests {
    private static let psychiatry = "specialty 1.2.246.537.6.24 70"
    private static let offered = [
        "description_en": "Mornings are <b>free</b>.", "field_1": psychiatry,
        "kind_1": "patient_visit", "modality_1": "video", "languages_1": "fi", "price_1": "3,6",
        "regions": "10", "email": "desk@example.org", "published": "yes",
    ]
    private static let beginning = [
        "template": "psychiatrist-remote-visit", "first_day": "2027-04-01",
        "last_day": "2028-03-31", "buyer_reference": "4410",
    ]
    private static let wanted = [
        "title": "A psychiatrist", "field": psychiatry, "kind": "patient_visit",
        "modality": "video", "languages": "fi", "minutes": "240", "per": "week",
        "starts_on": "2027-04-01", "ends_on": "2028-03-31", "answer_by": "2027-03-20",
        "regions": "10", "words": "Two <i>mornings</i>.",
    ]

    /// Fills the form that a page has for this address, and sends it.
    private static func send(
        _ browser: Browser, _ page: String, _ fields: [String: String], to address: String? = nil
    ) async throws -> PageAnswer {
        let address = address ?? page
        let form = try await browser.get(page).form(address)
        return try await browser.post(address, form.merging(fields) { $1 })
    }

    /// How a contract stands, in the list of contracts and on its own page.
    private static func says(
        _ state: String, _ browser: Browser, of contract: String
    ) async throws {
        let list = try await browser.get("/contracts").body
        let rows = list.split(separator: "<tr>").filter {
            $0.contains("href=\"/contracts/\(contract)\"")
        }
        #expect(rows.count == 1)
        #expect(rows.first?.contains("<span class=\"tag\">\(state)</span>") == true)
        let page = try await browser.get("/contracts/\(contract)").body
        #expect(page.contains("<dt>State</dt><dd>\(state)</dd>"))
    }

    /// The seller's profile is published by its form.
    private static func publish(_ world: PagesWorld) async throws -> Browser {
        let sellers = try await world.browser(of: world.seller.admin)
        let saved = try await send(sellers, "/profile", offered)
        #expect(saved.location == "/profile?done=saved")
        return sellers
    }

    @Test("a profile is written, found, and asked for a contract")
    func profileAndRequest() async throws {
        try await PagesWorld.with { world in
            let sellers = try await Self.publish(world)
            let address = "/sellers/\(world.seller.id)"
            let buyers = try await world.browser(of: world.outsider.admin)
            let found = try await buyers.get("/sellers?field=\(Self.psychiatry.inQuery)&region=10")
            #expect(found.links.contains(address))
            #expect(found.body.contains("Mornings are &lt;b&gt;free&lt;/b&gt;."))
            #expect(found.body.contains("About €3.60 a minute"))
            let elsewhere = try await buyers.get("/sellers?region=21")
            #expect(!elsewhere.links.contains(address))
            #expect(elsewhere.body.contains("value=\"21\" selected"))
            #expect(try await buyers.get(address).links.contains("\(address)/ask"))
            #expect(try await !sellers.get(address).links.contains("\(address)/ask"))

            let ask = "\(address)/ask"
            let page = try await buyers.get(ask)
            #expect(page.body.contains("Fits the field"))
            let wrong = try await Self.send(
                buyers, ask, ["words": "Call 131052-308T", "first_day": "2027-04-01"])
            #expect(wrong.status == 422 && wrong.body.contains("131052-308T"))
            for field in ["template", "buyer_reference", "words"] {
                #expect(wrong.links.contains("#\(field)"), "\(field)")
            }
            let asked = try await Self.send(
                buyers, ask, Self.beginning.merging(["words": "Two <i>mornings</i>."]) { $1 })
            #expect(asked.location?.hasPrefix("/contract-requests?done=asked#contract_") == true)
            for (browser, line) in [
                (buyers, "Waits for the seller"), (sellers, "Waits for your answer"),
            ] {
                let list = try await browser.get("/contract-requests")
                #expect(list.body.contains("Two &lt;i&gt;mornings&lt;/i&gt;."))
                #expect(list.body.contains(line))
            }
            let start = try await sellers.get("/").body
            #expect(start.contains("1 request for a contract waits for your answer"))
        }
    }

    @Test("a request that was declined says so, and the contract shows what the buyer wrote")
    func declinedRequest() async throws {
        try await PagesWorld.with { world in
            let sellers = try await Self.publish(world)
            let buyers = try await world.browser(of: world.outsider.admin)
            let asked = try await Self.send(
                buyers, "/sellers/\(world.seller.id)/ask",
                Self.beginning.merging(["words": "Two <i>mornings</i>."]) { $1 })
            let id = asked.location?.split(separator: "#").last ?? ""
            let signatories = try await world.browser(of: world.seller[.signatory])
            for browser in [sellers, buyers, signatories] {
                let contract = try await browser.get("/contracts/\(id)").body
                #expect(contract.contains("Two &lt;i&gt;mornings&lt;/i&gt;."))
            }
            let other = try await sellers.get("/contracts/\(world.life.contract.id)")
            #expect(!other.body.contains("What the buyer asked for"))
            let declined = try await Self.send(
                sellers, "/contracts/\(id)/decline?number=1", ["reason": "No time."],
                to: "/contracts/\(id)/decline")
            #expect(declined.status == 303)
            for browser in [sellers, buyers] {
                let list = try await browser.get("/contract-requests").body
                #expect(list.contains("<span class=\"tag\">Declined</span>"))
                #expect(!list.contains("<span class=\"tag\">Offered</span>"))
                try await Self.says("Declined", browser, of: String(id))
            }
            // an offer of one's own answers it, and is withdrawn in turn
            let document = try await world.test.market.contractVersion(
                world.seller.admin.request("getContractVersion"),
                ContractID(typeID: String(id)), number: 1
            ).body["document"]
            let contract = try ContractID(typeID: String(id))
            _ = try await world.test.market.amendContract(
                world.seller.admin.request("amendContract"), contract, document ?? .null)
            _ = try await world.test.market.offerContractVersion(
                world.seller.admin.request("offerContractVersion"), contract, number: 2)
            try await Self.says("Offered", buyers, of: String(id))
            _ = try await world.test.market.withdrawContractVersion(
                world.seller.admin.request("withdrawContractVersion"), contract, number: 2)
            for browser in [sellers, buyers] {
                try await Self.says("Withdrawn", browser, of: String(id))
            }
        }
    }

    @Test("a profile says what is wrong with it, and keeps what was typed")
    func wrongProfile() async throws {
        try await PagesWorld.with { world in
            let browser = try await world.browser(of: world.seller.admin)
            let wrong = try await Self.send(
                browser, "/profile",
                [
                    "description_en": String(repeating: "x", count: 4_001), "kind_1": "quote",
                    "price_1": "3.60001", "email": "nobody",
                ])
            #expect(wrong.status == 422)
            for field in ["description_en", "field_1", "regions", "email"] {
                #expect(wrong.links.contains("#\(field)"), "\(field)")
            }
            #expect(wrong.body.contains("value=\"3.60001\"") && wrong.body.contains("nobody"))
            let priced = try await Self.send(
                browser, "/profile", Self.offered.merging(["price_1": "3.60001"]) { $1 })
            #expect(priced.links.contains("#price_1"))
            #expect(try await Self.send(browser, "/profile", Self.offered).status == 303)
            // somebody else has saved in between
            let stale = try await Self.send(
                browser, "/profile", Self.offered.merging(["revision": "0"]) { $1 })
            #expect(stale.status == 422 && stale.body.contains("Mornings are &lt;b&gt;free"))
            // a second service; then the first is taken away
            let two = [
                "field_2": "profession 2.16.840.1.113883.2.9.6.2.7 2634",
                "kind_2": "patient_visit", "modality_2": "video", "languages_2": "sv",
            ]
            let both = Self.offered.merging(two) { $1 }
            #expect(try await Self.send(browser, "/profile", both).status == 303)
            #expect(try await browser.get("/profile").body.contains("name=\"field_3\""))
        }
    }

    @Test("a need is posted, answered, and one answer is chosen")
    func need() async throws {
        try await PagesWorld.with { world in
            let sellers = try await Self.publish(world)
            let buyers = try await world.browser(of: world.buyer.admin)
            let posted = try await Self.send(buyers, "/needs/new", Self.wanted, to: "/needs")
            let address = try #require(posted.location?.replacing("?done=posted", with: ""))
            #expect(address.hasPrefix("/needs/need_"))
            let start = try await sellers.get("/").body
            #expect(start.contains("1 need fits your profile"))
            #expect(try await sellers.get("/needs").body.contains("Fits your profile"))
            let page = try await sellers.get(address)
            #expect(page.body.contains("Two &lt;i&gt;mornings&lt;/i&gt;."))
            let plain = page.body.replacing("\u{a0}", with: " ")
            #expect(plain.contains("Sat 20 Mar 2027"))
            let answers = "\(address)/answers"
            let wrong = try await Self.send(
                sellers, address, ["words": "", "price": "cheap"], to: answers)
            #expect(wrong.status == 422 && wrong.links.contains("#words"))
            #expect(wrong.links.contains("#price") && wrong.body.contains("value=\"cheap\""))
            let given = try await Self.send(
                sellers, address, ["words": "We <b>can</b>.", "price": "2,4533"], to: answers)
            #expect(given.location == "\(address)?done=answered")
            #expect(try await !sellers.get(address).body.contains("action=\"\(answers)\""))

            #expect(try await buyers.get("/").body.contains("1 need has answers to choose from"))
            let shown = try await buyers.get(address)
            #expect(shown.body.contains("We &lt;b&gt;can&lt;/b&gt;."))
            #expect(shown.body.contains("About €2.4533 a minute"))
            let accept = try #require(shown.links.first { $0.contains("/accept?answer=") })
            let unfilled = try await Self.send(
                buyers, accept, ["first_day": "x"], to: "\(address)/accept")
            #expect(unfilled.status == 422 && unfilled.links.contains("#template"))
            let chosen = try await Self.send(
                buyers, accept, Self.beginning, to: "\(address)/accept")
            #expect(chosen.location == "/contract-requests?done=asked")
            #expect(try await sellers.get(address).body.contains("Chosen"))
            #expect(try await sellers.get("/contract-requests").body.contains("A psychiatrist"))
            let late = try await buyers.post(
                "\(address)/withdraw", shown.sealed(key: "late"))
            #expect(late.status == 409)
        }
    }

    @Test("a need says what is wrong with it, and can be withdrawn")
    func wrongNeed() async throws {
        try await PagesWorld.with { world in
            _ = try await Self.publish(world)
            let buyers = try await world.browser(of: world.buyer.admin)
            let wrong = try await Self.send(
                buyers, "/needs/new",
                [
                    "minutes": "0", "starts_on": "2027-05-01", "ends_on": "2027-04-30",
                    "answer_by": "2027-02-01", "shown_to": "some", "words": "<b>",
                ], to: "/needs")
            #expect(wrong.status == 422 && wrong.body.contains("&lt;b&gt;"))
            let fields = [
                "title", "field", "regions", "minutes", "ends_on", "answer_by", "sellers",
            ]
            for field in fields { #expect(wrong.links.contains("#\(field)"), "\(field)") }
            let named = Self.wanted.merging([
                "shown_to": "some", "sellers": world.seller.id.description,
            ]) { $1 }
            let posted = try await Self.send(buyers, "/needs/new", named, to: "/needs")
            let address = try #require(posted.location?.replacing("?done=posted", with: ""))
            let others = try await world.browser(of: world.outsider.admin)
            #expect(try await others.get(address).status == 404)
            let withdrawn = try await Self.send(
                buyers, address, [:], to: "\(address)/withdraw")
            #expect(withdrawn.location == "\(address)?done=withdrawn")
            #expect(try await buyers.get(address).body.contains("Withdrawn"))
        }
    }
}
