import Contracts
import Marketplace
import MoneyAndTime
import StrictJSON
import TestMarket
import Testing

@testable import Web

@Suite("What a visit would cost, asked on a page")
struct PricePageTests {
    /// A contract with supplements, which nobody has signed yet, and its page for prices.
    private static func with(
        _ body: (_ ask: ([String: String]) async throws -> PageAnswer, String) async throws -> Void
    ) async throws {
        try await PagesWorld.with { world in
            let document = try await world.test.document(
                "home-care-physician-on-demand", seller: world.seller, buyer: world.buyer,
                validity: ["2027-03-01", "2027-12-31"], [:])
            let drafted = try await world.test.market.draftContract(
                world.seller.admin.request("draftContract"), document)
            let address = "/contracts/\(drafted.body["id"]?.text ?? "")"
            let browser = try await world.browser(of: world.seller.scheduler)
            try await body(
                { changed in
                    let asked = Self.asked.merging(changed) { $1 }.sorted { $0.key < $1.key }
                    let query = asked.map { "\($0.key)=\($0.value.inQuery)" }
                    return try await browser.get(
                        "\(address)/price?\(query.joined(separator: "&"))")
                }, address)
        }
    }

    /// 23 minutes on a Friday, from ten minutes before the evening.
    private static let asked = [
        "version": "1", "service": "home-care-physician", "minutes": "25", "date": "2027-03-05",
        "time": "17:50",
        "present_minutes": "23", "present_seconds": "", "outcome": "held", "hours": "",
        "waited_by": "", "waited_minutes": "", "preparation_minutes": "",
        "record_writing_minutes": "", "before_minutes": "",
    ]

    @Test("the contract's page leads to a form that begins with today")
    func beginning() async throws {
        try await PagesWorld.with { world in
            let address = "/contracts/\(world.life.contract.id)"
            let browser = try await world.browser(of: world.buyer.finance)
            #expect(try await browser.get(address).links.contains("\(address)/price"))
            let page = try await browser.get("\(address)/price")
            #expect(page.status == 200)
            #expect(page.body.contains("name=\"time\" type=\"time\" value=\"09:00\""))
            #expect(!page.body.contains("id=\"answer\""))
            #expect(page.links.contains(address))
        }
    }

    @Test("a visit across the beginning of the evening supplement, line by line")
    func eveningBegins() async throws {
        try await Self.with { ask, _ in
            let page = try await ask([:])
            #expect(page.status == 200)
            #expect(page.body.contains("Fri\u{a0}5\u{a0}Mar\u{a0}2027, 17:50–18:15"))
            #expect(page.body.contains("Both sides are present for 23\u{a0}min."))
            // 2.90 × 23 = 66.70; 25 % of 2.90 for the 13 minutes after six is 9.425
            #expect(
                page.lines == [
                    "Start fee||6.50", "Visit|23|66.70", "Supplement: Evening supplement|13|9.43",
                ])
            #expect(page.body.contains("<strong>€82.63</strong>"))
            #expect(page.body.contains("not offered yet"))
            #expect(page.hidden("version") == "1", "it is kept for the next question")
            #expect(page.body.contains("<li>Both sides were present"))
            let second = try await ask(["present_seconds": "1"])
            #expect(second.lines.contains("Visit|24|69.60"), "a second begins a minute")
        }
    }

    @Test(
        "what does not go as planned, and a Saturday",
        arguments: [
            (["date": "2027-03-06", "time": "18:40"], "€93.90", "Supplement: Saturday supplement"),
            (["outcome": "cancelled_buyer", "hours": "1"], "€0.00", "This costs nothing."),
            (
                ["outcome": "cancelled_buyer", "hours": "0", "time": "09:10", "minutes": "10"],
                "€7.10", "The buyer cancels 0 hours before the start."
            ),
            (
                [
                    "outcome": "no_show_seller", "waited_minutes": "10", "time": "09:10",
                    "minutes": "10",
                ],
                "−€17.75", "The seller owes this to the buyer."
            ),
            (
                ["outcome": "failed", "present_minutes": "4", "time": "09:10"], "€11.60",
                "The line breaks off for good when both sides have been present for 4\u{a0}min."
            ),
        ])
    func others(changed: [String: String], total: String, said: String) async throws {
        try await Self.with { ask, _ in
            let page = try await ask(changed)
            #expect(page.status == 200)
            #expect(page.body.contains("<strong>\(total)</strong>"))
            #expect(page.body.contains(said))
        }
    }

    @Test("by what both have signed and rules on the day; by another version when asked for")
    func rulingVersion() async throws {
        try await PagesWorld.with { world in
            let id = world.life.contract.id
            let service = world.life.contract.terms.rateCard.services[0].code
            let version = try await world.test.market.contractVersion(
                world.seller.admin.request("getContractVersion"), id, number: 1
            ).body
            var members = version["document"]?.members ?? [:]
            members["validity"] = ["first_day": "2027-04-01", "last_day": "2027-12-31"]
            var sold = members["services"]?[0]?.members ?? [:]
            sold["price_per_minute"] = "3.75"
            members["services"] = [.object(sold)]
            let examples = version["document"]?["worked_examples"]?.elements ?? []
            members["worked_examples"] = .array(Array(examples.suffix(1)))
            let check = try await world.test.market.checkContract(
                world.seller.admin.request("checkContract"), .object(members)
            ).body
            var example = examples.last?.members ?? [:]
            let computed = check["worked_examples"]?[0]?["computed"]
            example["total"] = computed?["total"]
            example["lines"] = .array(
                (computed?["lines"]?.elements ?? []).map { line in
                    .object(
                        JSONObject(
                            (line.members ?? [:]).filter { !$0.value.isNull }
                                .map { ($0.key, $0.value) }))
                })
            members["worked_examples"] = [.object(example)]
            _ = try await world.test.market.amendContract(
                world.seller.admin.request("amendContract"), id, .object(members))
            let sellers = try await world.browser(of: world.seller.scheduler)
            let buyers = try await world.browser(of: world.buyer.scheduler)
            let address = "/contracts/\(id)/price?service=\(service)"
            let (before, dearer) = ("<strong>€72.00</strong>", "<strong>€75.00</strong>")
            #expect(
                try await Self.ask(sellers, address, "2027-04-08").body.contains(before),
                "an own draft")
            let draft = try await Self.ask(sellers, address, "2027-04-08", "&version=2")
            #expect(draft.body.contains(dearer) && draft.body.contains("not offered yet"))
            #expect(try await Self.ask(buyers, address, "2027-04-08", "&version=2").status == 404)
            _ = try await world.test.market.offerContractVersion(
                world.seller.admin.request("offerContractVersion"), id, number: 2)
            #expect(try await Self.ask(buyers, address, "2027-04-08").body.contains(before))
            #expect(
                try await Self.ask(buyers, address, "2027-04-08", "&version=2").body.contains(
                    dearer))
            try await world.test.sign(id, number: 2, world.seller, world.buyer)
            #expect(try await Self.ask(buyers, address, "2027-03-31").body.contains(before))
            #expect(try await Self.ask(buyers, address, "2027-04-01").body.contains(dearer))
            for (date, more, days) in [
                ("2035-03-05", "", "from Fri 1 Jan 2027 to Fri 31 Dec 2027"),
                ("2026-12-31", "", "from Fri 1 Jan 2027 to Fri 31 Dec 2027"),
                ("2027-04-01", "&version=1", "from Fri 1 Jan 2027 to Wed 31 Mar 2027"),
            ] {
                let page = try await Self.ask(buyers, address, date, more)
                #expect(page.status == 422 && page.links.contains("#date"))
                #expect(page.body.replacing("\u{a0}", with: " ").contains(days), "\(date)")
                #expect(!page.body.contains("id=\"answer\""))
            }
        }
    }

    /// Twenty minutes at ten o'clock on a day.
    private static func ask(
        _ browser: Browser, _ address: String, _ date: String, _ more: String = ""
    ) async throws -> PageAnswer {
        try await browser.get(
            "\(address)&minutes=30&date=\(date)&time=10:00&present_minutes=20\(more)")
    }

    @Test("each bad input is named at its field, and nothing typed is lost")
    func badInput() async throws {
        let bad: [(field: String, changed: [String: String])] = [
            ("service", ["service": "dentist"]),
            ("minutes", ["minutes": "7"]), ("minutes", ["minutes": "soon"]),
            ("date", ["date": "2027-02-29"]), ("date", ["date": ""]),
            ("time", ["time": "25:00"]), ("time", ["time": "24:00"]), ("time", ["time": ""]),
            ("present_minutes", ["present_minutes": ""]),
            ("present_minutes", ["present_minutes": "-1"]),
            ("present_minutes", ["present_minutes": "1,5"]),
            ("present_minutes", ["present_minutes": "1441"]),
            ("present_minutes", ["present_minutes": "99999999999999999999"]),
            ("present_seconds", ["present_seconds": "60"]),
            ("waited_by", ["waited_minutes": "5"]),
            ("waited_by", ["waited_by": "patient", "waited_minutes": "5"]),
            ("waited_minutes", ["waited_by": "buyer"]),
            ("waited_minutes", ["waited_by": "buyer", "waited_minutes": "1441"]),
            ("waited_minutes", ["outcome": "no_show_buyer"]),
            ("hours", ["outcome": "cancelled_buyer"]),
            ("hours", ["outcome": "cancelled_seller", "hours": "half"]),
            // the second 3.30 of the night in which the clock goes back has no name of its own
            (
                "hours",
                [
                    "outcome": "cancelled_buyer", "hours": "24", "date": "2027-11-01",
                    "time": "03:30",
                ]
            ),
            ("preparation_minutes", ["preparation_minutes": "1441"]),
            ("record_writing_minutes", ["record_writing_minutes": "<b>\"5\""]),
            ("before_minutes", ["before_minutes": "500001"]),
        ]
        try await Self.with { ask, _ in
            for (field, changed) in bad {
                let page = try await ask(changed)
                #expect(page.status == 422, "\(changed)")
                #expect(page.links.filter { $0.hasPrefix("#") && $0 != "#main" } == ["#\(field)"])
                #expect(page.body.contains("id=\"\(field)-error\""), "\(changed)")
                #expect(!page.body.contains("id=\"answer\""), "\(changed)")
                for (name, value) in changed
                where !["service", "minutes", "outcome", "waited_by"].contains(name) {
                    let shown = value.replacing("<", with: "&lt;").replacing(">", with: "&gt;")
                        .replacing("\"", with: "&quot;")
                    #expect(page.body.contains("name=\"\(name)\""), "\(name)")
                    #expect(page.body.contains("value=\"\(shown)\""), "\(changed)")
                }
                #expect(page.body.contains("value=\"25\" selected") || field == "minutes")
            }
            let hourMore = try await ask([
                "outcome": "cancelled_buyer", "hours": "25", "date": "2027-11-01", "time": "03:30",
            ])
            #expect(hourMore.status == 200)
        }
    }
}

extension PageAnswer {
    /// The lines of the price: for what, minutes and euros.
    fileprivate var lines: [String] {
        body.matches(
            of: /<tr><th scope="row">([^<]*)<\/th><td[^>]*>([^<]*)<\/td><td[^>]*>([^<]*)<\/td>/
        ).map { "\($0.1)|\($0.2)|\($0.3)" }
    }
}
