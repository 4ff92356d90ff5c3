import Contracts
import Crypto
import Marketplace
import MoneyAndTime
import NIOHTTP1
import Organisations
import StrictJSON
import TestMarket
import Testing

@testable import Web

@Suite("Every term of what is signed is on the page on which one signs")
struct WholeContractTests {
    private static let shape = Result { try ContractShape.ofContract() }

    /// What the page has to say of a document: each value once, and the words of those that need
    /// no list to be known.
    private static func expected(
        _ json: JSON, at place: [String] = []
    ) throws -> (values: Int, words: [String]) {
        if let members = json.members {
            return try members.map { ($0, $1) }.reduce((0, [])) { sum, member in
                let inner = try expected(member.1, at: place + [member.0])
                return (sum.0 + inner.values, sum.1 + inner.words)
            }
        }
        if let elements = json.elements, elements.contains(where: { $0.members != nil }) {
            return try elements.indices.reduce((0, [])) { sum, index in
                let inner = try expected(elements[index], at: place + ["\(index)"])
                return (sum.0 + inner.values, sum.1 + inner.words)
            }
        }
        guard let text = json.text else {
            return (1, json.integer.map { [Language.english.number("\($0)")] } ?? [])
        }
        switch try shape.get().at(place) {
        case .text(.line), .text(.other), .text(.slug): return (1, [text])
        case .text(.date): return (1, [Language.english.date(try CalendarDate(iso: text))])
        case .text(.money), .text(.unitPrice), .text(.signedMoney):
            return (1, [Language.english.number(text)])
        default: return (1, [])
        }
    }

    private static func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;")
            .replacing(">", with: "&gt;").replacing("\"", with: "&quot;")
            .replacing("'", with: "&#39;")
    }

    @Test("of every template, with what none of them has")
    func everyTerm() async throws {
        try await PagesWorld.with { world in
            let browser = try await world.browser(of: world.seller.admin)
            let more: JSONObject = [
                "renewal": ["months": 60, "notice_days": 366],
                "termination": ["notice_days": 10], "sudden_absence": "free",
            ]
            // that one is for units of one legal person, which these two are not
            for template in try ContractFiles.templates() where template.name != "county-units" {
                let document = try await world.test.document(
                    template.name, seller: world.seller, buyer: world.buyer,
                    validity: ["2027-04-01", "2027-12-31"], more)
                let drafted = try await world.test.market.draftContract(
                    world.seller.admin.request("draftContract"), document
                ).body
                let address = "/contracts/\(drafted["id"]?.text ?? "")"
                let page = try await browser.get(address)
                let expected = try Self.expected(document)
                #expect(expected.values > 60 && expected.words.count > 30)
                #expect(
                    page.body.ranges(of: "class=\"said\"").count == expected.values,
                    "\(template.name)")
                for words in expected.words {
                    #expect(page.body.contains(Self.escaped(words)), "\(template.name): \(words)")
                }
                // each by its name; the key of a term is none
                let names = page.body.matches(of: /<dt>([a-z]+_[a-z_]+)<\/dt>/).map { $0.1 }
                #expect(names.isEmpty, "\(template.name)")
                #expect(page.body.utf8.count < 100_000, "\(template.name)")
            }
        }
    }

    @Test("in words, with what the sentences above leave out, and as a file before signing")
    func wordsAndFile() async throws {
        try await PagesWorld.with { world in
            var billing: JSONObject = [
                "period": "month", "statement": ["acceptance_days": 7], "payment_days": 30,
                "late_interest": "50", "dispute": ["window_days": 3, "tolerance": "500.00"],
            ]
            billing["vat"] = [
                "category": "E", "rate_percent": "0", "reason": "Care",
                "exemption_code": "VATEX-EU-132-1B",
            ]
            let document = try await world.test.document(
                "psychiatrist-remote-visit", seller: world.seller, buyer: world.buyer,
                validity: ["2027-04-01", "2027-12-31"],
                [
                    "billing": .object(billing), "termination": ["notice_days": 10],
                    "sudden_absence": "free",
                ])
            let drafted = try await world.test.market.draftContract(
                world.seller.admin.request("draftContract"), document)
            let id = try ContractID(typeID: drafted.body["id"]?.text ?? "")
            let file = "/contracts/\(id)/document?version=1"
            let buyers = try await world.browser(of: world.buyer[.signatory])
            #expect(try await buyers.get(file).status == 404, "a draft is its writer's")
            _ = try await world.test.market.offerContractVersion(
                world.seller.admin.request("offerContractVersion"), id, number: 1)
            let page = try await buyers.get("/contracts/\(id)?version=1")
            #expect(page.links.contains(file))
            let terms = page.body.matches(
                of: /<dt>([^<]*)<\/dt><dd><span class="line"><span class="said">([^<]*)<\/span>/
            ).map { "\($0.1): \($0.2)" }
            let iban = document["seller"]?["iban"]?.text ?? "none"
            for term in [
                "Late interest, % a year: 50", "Notice, days: 10",
                "When the specialist falls ill: Nothing", "Bank account (IBAN): \(iban)",
                "Billing period: Month", "Disputing afterwards: Days after the statement: 3",
                "First day: Thu\u{a0}1\u{a0}Apr\u{a0}2027",
            ] {
                #expect(terms.contains(term), "\(term)")
            }
            #expect(page.body.contains("When: Mon\u{a0}8\u{a0}Mar\u{a0}2027 09:00:01"))
            let sent = try await buyers.get(file)
            let digest = SHA256.hash(data: Array(sent.body.utf8)).map {
                ($0 < 16 ? "0" : "") + String($0, radix: 16)
            }.joined()
            #expect(page.body.contains(digest))
            #expect(sent.headers.first(name: "content-type") == "application/json")
            let others = try await world.browser(of: world.outsider[.signatory])
            #expect(try await others.get(file).status == 404)
        }
    }
}
