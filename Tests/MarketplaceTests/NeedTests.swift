import Contracts
import Marketplace
import MoneyAndTime
import Organisations
import Postgres
import Storage
import StrictJSON
import TestMarket
import Testing

/// What buyers need, and what sellers answer.
@Suite struct NeedTests {
    @Test func everySellerAnswersOnceAndTheBuyerPicksOne() async throws {
        try await TestMarket.withMarket { test in
            let scene = try await BeforeContract(test)
            let (market, buyer, sellers) = (test.market, scene.buyer, scene.sellers)
            let need = try await scene.posted(BeforeContract.need(BeforeContract.service()))
            #expect(try await scene.seen(need, by: sellers[0])["fits"] == true)
            #expect(try await scene.seen(need, by: sellers[1])["fits"] == false)
            for seller in sellers {
                let told = try await scene.answer(need, by: seller)
                #expect(told["answers"]?.elements?.count == 1)
                #expect(told["answers"]?[0]?["seller"] == JSON(seller.id.description))
                let again = await refusal { try await scene.answer(need, by: seller) }
                #expect(again == .alreadyAnswered)
            }
            let shown = try await scene.seen(need, by: buyer)
            #expect(shown["answers"]?.elements?.count == 2 && shown["revision"] == 3)
            let chosen = try NeedAnswerID(typeID: shown["answers"]?[1]?["id"]?.text ?? "")
            let wrong = await refusal {
                _ = try await market.acceptNeedAnswer(
                    sellers[0].admin.request("acceptNeedAnswer"), need, chosen,
                    BeforeContract.contract())
            }
            #expect(wrong == .notFound, "a seller accepts nothing")
            let asked = try await market.acceptNeedAnswer(
                buyer.admin.request("acceptNeedAnswer"), need, chosen, BeforeContract.contract()
            ).body
            #expect(asked["need"] == JSON(need.description) && asked["state"] == "offered")
            #expect(asked["seller"] == shown["answers"]?[1]?["seller"])
            for (seller, accepted) in zip(sellers, [JSON.null, JSON(chosen.description)]) {
                let seen = try await scene.seen(need, by: seller)
                #expect(seen["state"] == "closed" && seen["accepted"] == accepted)
            }
            let own = await refusal { _ = try await scene.answer(need, by: buyer) }
            #expect(own == .notFound)
            let late = await refusal {
                _ = try await market.withdrawNeed(buyer.admin.request("withdrawNeed"), need)
            }
            #expect(late == .needNotOpen)
        }
    }

    @Test func aNeedIsShownToThoseItNames() async throws {
        try await TestMarket.withMarket { test in
            let scene = try await BeforeContract(test)
            let (named, other) = (scene.sellers[0], scene.sellers[1])
            let need = try await scene.posted(
                BeforeContract.need(BeforeContract.service(), to: [named.id, other.id]))
            // who else is asked is not told
            let seen = try await scene.seen(need, by: named)["sellers"]?.elements
            #expect(seen == [JSON(named.id.description)])
            let third = try await test.addOrganisation("Seller Three")
            #expect(
                await refusal { _ = try await scene.seen(need, by: third) } == .notFound)
            #expect(await refusal { try await scene.answer(need, by: third) } == .notFound)
            let listed = try await test.market.listNeeds(
                third.admin.request("listNeeds"), own: false, page: Page(after: nil, limit: 50))
            #expect(listed.body["items"]?.elements?.isEmpty == true)
            let nobody = await refusal {
                _ = try await scene.posted(
                    BeforeContract.need(BeforeContract.service(), to: [scene.buyer.id]))
            }
            #expect(nobody == .notFound)
        }
    }

    @Test func aNeedEndsByItselfAtItsDeadline() async throws {
        try await TestMarket.withMarket { test in
            let scene = try await BeforeContract(test)
            let past = await refusal {
                _ = try await scene.posted(
                    BeforeContract.need(BeforeContract.service(), by: BeforeContract.beginning))
            }
            #expect(past == .deadlineInThePast)
            let answered = try await scene.posted(BeforeContract.need(BeforeContract.service()))
            let unanswered = try await scene.posted(BeforeContract.need(BeforeContract.service()))
            try await scene.answer(answered, by: scene.sellers[0])
            let end = try Instant(rfc3339: "2027-02-10T22:00:00Z")
            let third = try await test.addOrganisation("Seller Three")
            func listed(_ caller: TestOrganisation) async throws -> Int? {
                try await test.market.listNeeds(
                    caller.admin.request("listNeeds"), own: false, page: Page(after: nil, limit: 50)
                ).body["items"]?.elements?.count
            }
            try await test.clock.set(to: end.adding(seconds: -1))
            #expect(try await test.market.actOnWhatIsDue(most: 9) == 0)
            #expect(try await listed(third) == 2)
            try await test.clock.set(to: end)
            // what can be answered no more is listed for who has answered it alone
            #expect(try await listed(third) == 0)
            #expect(try await listed(scene.sellers[0]) == 1)
            // the instant decides, not the worker
            let late = await refusal { try await scene.answer(answered, by: scene.sellers[1]) }
            #expect(late == .needNotOpen)
            let states = [(answered, "deciding"), (unanswered, "expired")]
            for (need, state) in states {
                #expect(try await scene.seen(need, by: scene.buyer)["state"] == JSON(state))
            }
            #expect(try await test.market.actOnWhatIsDue(most: 9) == 2)
            for (need, state) in states {
                #expect(try await scene.seen(need, by: scene.buyer)["state"] == JSON(state))
            }
            let told = try await test.owner.read([
                "select kind from event where kind in ('need.expired', 'need.to_decide')"
            ]).map { try $0.decode(0, as: String.self) }
            #expect(told.sorted() == ["need.expired", "need.to_decide"])
        }
    }

    // MARK: Races

    @Test func ofTwoAnswersAcceptedAtOnceOneIs() async throws {
        try await TestMarket.withMarket { test in
            let scene = try await BeforeContract(test)
            for _ in 1...6 {
                let need = try await scene.posted(BeforeContract.need(BeforeContract.service()))
                for seller in scene.sellers { try await scene.answer(need, by: seller) }
                let answers = try await scene.seen(need, by: scene.buyer)["answers"]?.elements
                let ids = try (answers ?? []).map { try NeedAnswerID(typeID: $0["id"]?.text ?? "") }
                let beginning = try BeforeContract.contract()
                let outcomes = await withTaskGroup(of: RefusalCode?.self) { group in
                    for id in ids {
                        group.addTask {
                            await refusal {
                                _ = try await scene.market.acceptNeedAnswer(
                                    scene.buyer.admin.request("acceptNeedAnswer"), need, id,
                                    beginning)
                            }
                        }
                    }
                    return await group.reduce(into: []) { $0.append($1) }
                }
                #expect(outcomes.filter { $0 == nil }.count == 1)
                #expect(outcomes.contains(.needNotOpen))
                let made: Query = "select from contract_request where need = \(need)"
                #expect(try await test.owner.read([made]).count == 1)
            }
        }
    }

    @Test func anAnswerComesBeforeTheWithdrawalOrNotAtAll() async throws {
        try await TestMarket.withMarket { test in
            let scene = try await BeforeContract(test)
            for _ in 1...8 {
                let need = try await scene.posted(BeforeContract.need(BeforeContract.service()))
                async let withdrawn = refusal {
                    _ = try await scene.market.withdrawNeed(
                        scene.buyer.admin.request("withdrawNeed"), need)
                }
                async let answered = refusal { try await scene.answer(need, by: scene.sellers[0]) }
                let (first, second) = await (withdrawn, answered)
                #expect(first == nil)
                #expect(second == nil || second == .needNotOpen)
                let seen = try await scene.seen(need, by: scene.buyer)
                #expect(seen["state"] == "withdrawn")
                let count = seen["answers"]?.elements?.count
                #expect(count == (second == nil ? 1 : 0))
            }
        }
    }
}
