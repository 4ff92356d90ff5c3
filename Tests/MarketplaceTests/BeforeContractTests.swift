import Contracts
import Marketplace
import MoneyAndTime
import Organisations
import Postgres
import Storage
import StrictJSON
import TestMarket
import Testing

/// Profiles, and requests for a contract.
@Suite struct BeforeContractTests {
    // MARK: Profiles

    private func found(
        _ scene: BeforeContract, _ change: (inout ProfileSearch) -> Void
    ) async throws -> [String] {
        var search = ProfileSearch()
        change(&search)
        let page = try await scene.market.findProfiles(
            scene.buyer.scheduler.request("findProfiles"), search,
            page: Page(after: nil, limit: 50))
        return page.body["items"]?.elements?.compactMap { $0["name"]?.text } ?? []
    }

    @Test func aProfileIsSeenOnceItIsPublishedAndFoundByWhatItSays() async throws {
        try await TestMarket.withMarket { test in
            let scene = try await BeforeContract(test)
            let (market, buyer, seller) = (test.market, scene.buyer, scene.sellers[0])
            #expect(try await found(scene) { _ in } == ["Seller One", "Seller Two"])
            #expect(try await found(scene) { $0.specialty = "70" } == ["Seller One"])
            #expect(try await found(scene) { $0.profession = "70" } == [])
            #expect(try await found(scene) { $0.language = "sv" } == ["Seller Two"])
            // one service has both, or none is found
            #expect(
                try await found(scene) {
                    $0.specialty = "70"
                    $0.language = "sv"
                } == [])
            #expect(
                try await found(scene) { $0.region = .lapland } == ["Seller One", "Seller Two"])
            #expect(try await found(scene) { $0.region = .kainuu } == ["Seller One"])
            #expect(try await found(scene) { $0.text = "seller t" } == ["Seller Two"])
            #expect(
                try await found(scene) { $0.text = "AAMUISIN" } == ["Seller One", "Seller Two"])
            #expect(try await found(scene) { $0.text = "100 %" } == [])

            let hidden = try BeforeContract.profile([BeforeContract.service()], isPublished: false)
            let stale = await refusal {
                _ = try await market.updateProfile(
                    seller.admin.request("updateProfile"), revision: 0, hidden)
            }
            #expect(stale == .revisionDiffers)
            _ = try await market.updateProfile(
                seller.admin.request("updateProfile"), revision: 1, hidden)
            #expect(try await found(scene) { _ in } == ["Seller Two"])
            let read = await refusal {
                _ = try await market.readProfile(
                    buyer.admin.request("readProfile"), of: seller.id)
            }
            #expect(read == .notFound)
            let asked = await refusal {
                _ = try await market.askForContract(
                    buyer.admin.request("askForContract"), of: seller.id, words: "x",
                    BeforeContract.contract())
            }
            #expect(asked == .notFound)
            let own = try await market.profile(seller.admin.request("getProfile")).body
            #expect(own["revision"] == 2 && own["published"] == false)
        }
    }

    @Test func whoLacksWhatAContractSaysOfASellerDoesNotPublish() async throws {
        try await TestMarket.withMarket { test in
            let scene = try await BeforeContract(test)
            let poor = try await test.addOrganisation("No account", iban: nil)
            func update(_ isPublished: Bool) async -> RefusalCode? {
                await refusal {
                    _ = try await test.market.updateProfile(
                        poor.admin.request("updateProfile"), revision: 0,
                        BeforeContract.profile([BeforeContract.service()], isPublished: isPublished)
                    )
                }
            }
            #expect(await update(true) == .partyDataMissing)
            #expect(await update(false) == nil)
            let need = try await scene.posted(BeforeContract.need(BeforeContract.service()))
            let answered = await refusal { try await scene.answer(need, by: poor) }
            #expect(answered == .partyDataMissing)
        }
    }

    // MARK: Requests

    @Test func aRequestIsAnOfferThatTheSellerAnswers() async throws {
        try await TestMarket.withMarket { test in
            let scene = try await BeforeContract(test)
            let (market, buyer, seller) = (test.market, scene.buyer, scene.sellers[0])
            let asked = try await market.askForContract(
                buyer.admin.request("askForContract"), of: seller.id,
                words: "Two mornings a week.", BeforeContract.contract()
            ).body
            #expect(asked["state"] == "offered" && asked["awaits_seller"] == true)
            let id = try ContractID(typeID: asked["contract"]?.text ?? "")
            func requests(_ organisation: TestOrganisation) async throws -> [JSON] {
                try await market.listContractRequests(
                    organisation.admin.request("listContractRequests"),
                    page: Page(after: nil, limit: 50)
                ).body["items"]?.elements ?? []
            }
            for party in [buyer, seller] {
                let seen = try #require(try await requests(party).first)
                #expect(seen["words"] == "Two mornings a week." && seen == asked)
            }
            #expect(try await requests(scene.sellers[1]).isEmpty)

            // what the market knows of both is in it, and what the buyer said
            let version = try await market.contractVersion(
                seller.admin.request("getContractVersion"), id, number: 1
            ).body
            let document = try #require(version["document"])
            #expect(document["seller"]?["iban"] == "FI2112345600000785")
            #expect(document["buyer"]?["iban"] == nil)
            #expect(document["buyer"]?["organisation"] == JSON(buyer.id.description))
            #expect(document["billing"]?["buyer_reference"] == "4410")
            #expect(document["validity"]?["last_day"] == "2027-12-31")

            // the seller answers with its own words, and both sign them
            var members = document.members ?? [:]
            members["title"] = "As the seller has it"
            _ = try await market.amendContract(
                seller.admin.request("amendContract"), id, .object(members))
            #expect(try await requests(buyer)[0]["awaits_seller"] == true, "a draft is no answer")
            _ = try await market.offerContractVersion(
                seller.admin.request("offerContractVersion"), id, number: 2)
            #expect(try await requests(buyer)[0]["awaits_seller"] == false)
            try await test.sign(id, number: 2, seller, buyer)
            #expect(try await requests(buyer)[0]["state"] == "active")
        }
    }

    @Test func aRequestIsRefusedOrSaysWhatIsWrong() async throws {
        try await TestMarket.withMarket { test in
            let scene = try await BeforeContract(test)
            let (market, buyer, seller) = (test.market, scene.buyer, scene.sellers[0])
            func pointer(_ beginning: ContractBeginning) async -> String? {
                do {
                    _ = try await market.askForContract(
                        buyer.admin.request("askForContract"), of: seller.id, words: "x",
                        beginning)
                } catch let input as InvalidInput {
                    return input.problems.first?.pointer
                } catch { return "\(error)" }
                return nil
            }
            #expect(try await pointer(BeforeContract.contract("../secrets")) == "/template")
            #expect(try await pointer(BeforeContract.contract(reference: "")) == "/buyer_reference")
            let first = try CalendarDate(iso: "2027-03-01")
            let backwards = ContractBeginning(
                template: "psychiatrist-remote-visit", firstDay: first,
                lastDay: try first.adding(days: -1), buyerReference: "1")
            #expect(await pointer(backwards) == "/last_day")
            let itself = await refusal {
                _ = try await market.askForContract(
                    seller.admin.request("askForContract"), of: seller.id, words: "x",
                    BeforeContract.contract())
            }
            #expect(itself == .notFound)
            #expect(try await test.owner.read(["select from contract"]).isEmpty)

            // declined, it waits for nobody
            let asked = try await market.askForContract(
                buyer.admin.request("askForContract"), of: seller.id, words: "x",
                BeforeContract.contract()
            ).body
            _ = try await market.declineContractVersion(
                seller.admin.request("declineContractVersion"),
                ContractID(typeID: asked["contract"]?.text ?? ""), number: 1, reason: "No time.")
            let after = try await market.listContractRequests(
                buyer.admin.request("listContractRequests"), page: Page(after: nil, limit: 50)
            ).body["items"]?[0]
            #expect(after?["awaits_seller"] == false && after?["state"] == "declined")

            // offered anew and taken back, it says that
            let id = try ContractID(typeID: asked["contract"]?.text ?? "")
            let version = try await market.contractVersion(
                buyer.admin.request("getContractVersion"), id, number: 1)
            _ = try await market.amendContract(
                buyer.admin.request("amendContract"), id, version.body["document"] ?? .null)
            _ = try await market.offerContractVersion(
                buyer.admin.request("offerContractVersion"), id, number: 2)
            func state() async throws -> JSON? {
                try await market.listContractRequests(
                    seller.admin.request("listContractRequests"), page: Page(after: nil, limit: 9)
                ).body["items"]?[0]?["state"]
            }
            #expect(try await state() == "offered")
            _ = try await market.withdrawContractVersion(
                buyer.admin.request("withdrawContractVersion"), id, number: 2)
            #expect(try await state() == "withdrawn")
        }
    }
}
