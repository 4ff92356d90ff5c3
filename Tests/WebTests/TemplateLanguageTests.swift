import Contracts
import Marketplace
import MoneyAndTime
import Organisations
import StrictJSON
import TestMarket
import Testing

@testable import Web

@Suite("A contract begins in the language of who begins it")
struct TemplateLanguageTests {
    private static let words: [(language: String, title: String, reason: String)] = [
        (
            "fi", "Psykiatrin etäkäynnit",
            "Julkisyhteisön terveyden- ja sairaanhoitopalvelu, arvonlisäverolain 34 §"
        ),
        (
            "sv", "Psykiaters distansbesök",
            "Hälso- och sjukvårdstjänst av ett offentligt samfund, 34 § i mervärdesskattelagen"
        ),
        (
            "en", "Psychiatrist's remote visits",
            "Hospital and medical care by a public body, section 34 of the VAT Act"
        ),
    ]

    @Test("by the form", arguments: words)
    func byForm(language: String, title: String, reason: String) async throws {
        try await PagesWorld.with { world in
            let browser = try await world.browser(of: world.seller.admin)
            _ = try await browser.get("/language?to=\(language)&next=%2F")
            let page = try await browser.get(
                "/contracts/new/form?template=psychiatrist-remote-visit&side=seller"
                    + "&with=\(world.buyer.id)&first_day=2027-04-01&last_day=2028-03-31"
                    + "&buyer_reference=HC-1")
            #expect(page.body.contains("<html lang=\"\(language)\">"))
            let form = try FilledForm(page, id: "contract")
            let document = try ContractDocument(
                reading: Array((form.value("document") ?? "").utf8))
            try document.requireExamplesHold()
            #expect(document.terms.title == title)
            #expect(document.json["billing"]?["vat"]?["reason"] == JSON(reason))
        }
    }

    @Test("and by asking a seller for one", arguments: words)
    func byAsking(language: String, title: String, reason: String) async throws {
        try await PagesWorld.with { world in
            let market = world.test.market
            let service = try JSONReader([
                "kind": "patient_visit", "modality": "video", "languages": ["fi"],
                "specialty": ["system": "1.2.246.537.6.24", "code": "70"],
            ]).object { try ServiceOutline(reading: &$0, hasPrice: true) }
            _ = try await market.updateProfile(
                world.seller.admin.request("updateProfile"), revision: 0,
                ProfileDetails(
                    isPublished: true, description: ["fi": "Etävastaanottoja."],
                    services: [service],
                    regions: [.wholeCountry], email: EmailAddress("desk@example.org")))
            let browser = try await world.browser(of: world.outsider.admin)
            _ = try await browser.get("/language?to=\(language)&next=%2F")
            let ask = "/sellers/\(world.seller.id)/ask"
            let form = try await browser.get(ask).form(ask)
            let asked = try await browser.post(
                ask,
                form.merging([
                    "template": "psychiatrist-remote-visit", "first_day": "2027-04-01",
                    "last_day": "2028-03-31", "buyer_reference": "4410", "words": "?",
                ]) { $1 })
            let text = asked.location?.split(separator: "#").last ?? ""
            let contract = try ContractID(typeID: String(text))
            let version = try await market.contractVersion(
                world.seller.admin.request("getContractVersion"), contract, number: 1
            ).body
            #expect(version["document"]?["title"] == JSON(title))
            #expect(version["document"]?["billing"]?["vat"]?["reason"] == JSON(reason))
        }
    }
}
