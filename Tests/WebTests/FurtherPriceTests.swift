import Contracts
import Marketplace
import MoneyAndTime
import Organisations
import StrictJSON
import TestMarket
import Testing

@testable import Web

@Suite("What groups, agreed capacity and a specialist that falls ill would cost, asked on a page")
struct FurtherPriceTests {
    /// The page for prices of a draft from a template, asked with these fields.
    private static func with(
        _ template: String,
        _ body: (_ ask: ([String: String]) async throws -> PageAnswer) async throws -> Void
    ) async throws {
        try await PagesWorld.with { world in
            let document = try await world.test.document(
                template, seller: world.seller, buyer: world.buyer,
                validity: ["2027-03-01", "2027-12-31"], [:])
            let drafted = try await world.test.market.draftContract(
                world.seller.admin.request("draftContract"), document)
            let browser = try await world.browser(of: world.seller.scheduler)
            try await body { fields in
                let query = fields.sorted { $0.key < $1.key }
                    .map { "\($0.key)=\($0.value.inQuery)" }
                let address = "/contracts/\(drafted.body["id"]?.text ?? "")/price?version=1"
                return try await browser.get(([address] + query).joined(separator: "&"))
            }
        }
    }

    @Test("each buyer of a shared group pays its places, and the shares are the whole price")
    func shares() async throws {
        let asked = [
            "service": "rehabilitation-group", "minutes": "60", "date": "2027-03-11",
            "time": "13:00", "present_minutes": "60", "outcome": "held",
        ]
        try await Self.with("rehabilitation-group") { ask in
            let whole = try await ask(asked)
            #expect(whole.body.contains("<strong>€120.00</strong>"))
            let shared = try await ask(asked.merging(["places": "1, 2,4"]) { $1 })
            #expect(shared.status == 200)
            // a seventh of 120.00 is 17.142857: what is rounded away comes to the last ones
            #expect(
                shared.rows == [
                    "Buyer 1, places: 1 of 7|17.14", "Buyer 2, places: 2 of 7|34.28",
                    "Buyer 3, places: 4 of 7|68.58",
                ])
            #expect(shared.body.contains("<strong>120.00</strong>"))
            #expect(shared.body.contains("<strong>€120.00</strong>"))
            #expect(shared.body.contains("<summary>Buyer 3, places: 4 of 7</summary>"))
            for bad in ["1, two", "0, 3", "5, 4", "-1", ",", "1.5", "99999999999999999999"] {
                let page = try await ask(asked.merging(["places": bad]) { $1 })
                #expect(page.status == 422 && page.links.contains("#places"), "\(bad)")
                #expect(page.body.contains("value=\"\(bad)\""), "\(bad)")
            }
        }
    }

    @Test("a month below its agreed capacity has a line for what is missing")
    func commitment() async throws {
        try await Self.with("physiotherapist-beside-physician") { ask in
            let form = try await ask([:])
            #expect(form.body.contains("The contract agrees on 1,200 minutes a month."))
            #expect(!form.body.contains("name=\"places\""), "nothing is shared here")
            let below = try await ask(["of": "month", "month_minutes": "1000"])
            // 200 minutes at 1.30
            #expect(below.status == 200 && below.body.contains("<strong>€260.00</strong>"))
            #expect(below.body.contains("Shortfall of the agreed capacity"))
            #expect(below.body.contains("1,000 minutes are billed of the 1,200"))
            let enough = try await ask(["of": "month", "month_minutes": "1200"])
            #expect(enough.body.contains("<strong>€0.00</strong><br>This costs nothing."))
            for bad in ["", "many", "500001", "-1"] {
                let page = try await ask(["of": "month", "month_minutes": bad])
                #expect(page.status == 422 && page.links.contains("#month_minutes"), "\(bad)")
                #expect(page.body.contains("value=\"\(bad)\""))
            }
        }
        try await Self.with("psychologist-series") { ask in
            let none = try await ask(["of": "month", "month_minutes": "1"])
            #expect(none.status == 200 && !none.body.contains("id=\"answer\""))
        }
    }

    @Test("a specialist that falls ill costs what the contract says of it")
    func absence() async throws {
        let asked = [
            "minutes": "45", "date": "2027-03-11", "time": "09:00", "present_minutes": "45",
            "outcome": "absent_seller", "hours": "1",
        ]
        try await Self.with("psychologist-series") { ask in
            let free = try await ask(asked.merging(["service": "psychologist-visit"]) { $1 })
            #expect(free.status == 200 && free.body.contains("<strong>€0.00</strong>"))
            #expect(free.body.contains("<dt>When the specialist falls ill</dt><dd>Nothing</dd>"))
        }
        try await Self.with("speech-therapist-series") { ask in
            let service = ["service": "speech-therapist-visit"]
            let owed = try await ask(asked.merging(service) { $1 })
            #expect(owed.body.contains("<dd>As a cancellation</dd>"))
            #expect(owed.body.contains("The seller owes this to the buyer."))
            let cancelled = try await ask(
                asked.merging(service.merging(["outcome": "cancelled_seller"]) { $1 }) { $1 })
            let total = /<strong>(−€[0-9.]*)<\/strong>/
            #expect(
                try total.firstMatch(in: owed.body)?.1 == total.firstMatch(in: cancelled.body)?.1)
            #expect(!cancelled.body.contains("When the specialist falls ill"))
            let unknown = try await ask(
                asked.merging(service.merging(["hours": ""]) { $1 }) { $1 })
            #expect(unknown.status == 422 && unknown.links.contains("#hours"))
        }
    }
}

extension PageAnswer {
    /// The rows of a table with a name and one figure each.
    fileprivate var rows: [String] {
        body.matches(of: /<tr><th scope="row">([^<]*)<\/th><td[^>]*>([^<]*)<\/td><\/tr>/)
            .map { "\($0.1)|\($0.2)" }
    }
}
