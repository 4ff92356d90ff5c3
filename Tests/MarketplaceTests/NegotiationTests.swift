import Contracts
import Marketplace
import MoneyAndTime
import Organisations
import Postgres
import Storage
import StrictJSON
import TestMarket
import Testing

/// Drafts, offers, answers; suspending and giving notice.
@Suite struct NegotiationTests {
    private func contract(
        _ test: TestMarket, changed: JSONObject = [:]
    ) async throws -> TestContract {
        try await test.clock.set(to: Instant(rfc3339: "2027-02-01T08:00:00Z"))
        return try await test.agreedContract(
            seller: test.addOrganisation("Seller"), buyer: test.addOrganisation("Buyer"),
            changed: changed)
    }

    private func amended(
        _ contract: TestContract, by organisation: TestOrganisation
    ) async throws -> JSON {
        let document = try await contract.test.document(
            "psychiatrist-remote-visit", seller: contract.seller, buyer: contract.buyer,
            validity: ["2027-06-01", "2027-12-31"], [:])
        return try await contract.test.market.amendContract(
            organisation.admin.request("amendContract"), contract.id, document
        ).body
    }

    private func states(_ contract: TestContract, for caller: TestCaller) async throws -> [String] {
        try await contract.test.market.contract(caller.request("getContract"), contract.id)
            .body["versions"]?.elements?.compactMap { $0["state"]?.text } ?? []
    }

    @Test func theOtherSideDoesNotKnowOfADraft() async throws {
        try await TestMarket.withMarket { test in
            let contract = try await contract(test)
            let (seller, buyer) = (contract.seller.admin, contract.buyer.admin)
            let drafted = try await amended(contract, by: contract.seller)
            let digest = try #require(ContractDigest(hex: drafted["digest"]?.text ?? ""))
            #expect(try await states(contract, for: seller) == ["signed", "draft"])
            #expect(try await states(contract, for: buyer) == ["signed"])
            let market = test.market
            let tries: [() async throws -> Void] = [
                {
                    _ = try await market.contractVersion(
                        buyer.request("getContractVersion"), contract.id, number: 2)
                },
                {
                    _ = try await market.signContractVersion(
                        contract.buyer[.signatory].request("signContractVersion"),
                        contract.id, number: 2,
                        digest: digest)
                },
                {
                    _ = try await market.compareContractVersions(
                        buyer.request("compareContractVersions"), contract.id, number: 2,
                        from: 1)
                },
                {
                    _ = try await market.compareContractVersions(
                        buyer.request("compareContractVersions"), contract.id, number: 1,
                        from: 2)
                },
                {
                    _ = try await market.offerContractVersion(
                        buyer.request("offerContractVersion"), contract.id, number: 2)
                },
                {
                    _ = try await market.declineContractVersion(
                        buyer.request("declineContractVersion"), contract.id, number: 2,
                        reason: "Test")
                },
            ]
            for attempt in tries { #expect(await refusal(attempt) == .notFound) }
            let told: Query = """
                select from event where kind = 'contract.amended' and counterparty is not null
                """
            #expect(try await test.owner.read([told]).isEmpty)
            // both may draft at the same time; who offers last has offered
            let countered = try await amended(contract, by: contract.buyer)
            #expect(countered["number"] == 3)
            for (caller, number) in [(seller, Int64(2)), (buyer, 3)] {
                _ = try await market.offerContractVersion(
                    caller.request("offerContractVersion"), contract.id, number: number)
            }
            let expected = ["signed", "withdrawn", "offered"]
            #expect(try await states(contract, for: seller) == expected)
            #expect(try await states(contract, for: buyer) == expected)
        }
    }

    @Test func anOfferIsDeclinedOrTakenBack() async throws {
        try await TestMarket.withMarket { test in
            let contract = try await contract(test)
            let (seller, buyer) = (contract.seller.admin, contract.buyer.admin)
            _ = try await amended(contract, by: contract.seller)
            _ = try await test.market.offerContractVersion(
                seller.request("offerContractVersion"), contract.id, number: 2)
            let own = await refusal {
                _ = try await test.market.declineContractVersion(
                    seller.request("declineContractVersion"), contract.id, number: 2, reason: "x")
            }
            #expect(own == .notYourSide)
            let declined = try await test.market.declineContractVersion(
                buyer.request("declineContractVersion"), contract.id, number: 2,
                reason: "Too dear.")
            #expect(declined.body["state"] == "declined")
            let seen = try await test.market.contractVersion(
                seller.request("getContractVersion"), contract.id, number: 2)
            #expect(seen.body["closed_reason"] == "Too dear.")
            let late = await refusal {
                _ = try await test.market.withdrawContractVersion(
                    seller.request("withdrawContractVersion"), contract.id, number: 2)
            }
            #expect(late == .versionWithdrawn)
            _ = try await amended(contract, by: contract.seller)
            let withdrawn = try await test.market.withdrawContractVersion(
                seller.request("withdrawContractVersion"), contract.id, number: 3)
            #expect(withdrawn.body["state"] == "withdrawn")
            #expect(try await states(contract, for: buyer) == ["signed", "declined"])
            let open = try await test.market.openVersions(buyer.request("listContracts"))
            #expect(open.isEmpty)
        }
    }

    private func open(
        _ test: TestMarket, _ organisation: TestOrganisation
    ) async throws -> [String] {
        try await test.market.openVersions(organisation.admin.request("listContracts"))
            .map { "\($0.number) \($0.state) \($0.isOwn) \($0.waitsForSignature)" }
    }

    @Test func openVersionsAreThoseThatSomebodyHasToKnowOf() async throws {
        try await TestMarket.withMarket { test in
            let contract = try await contract(test)
            let (seller, buyer) = (contract.seller, contract.buyer)
            #expect(try await open(test, seller).isEmpty)
            _ = try await amended(contract, by: seller)
            #expect(try await open(test, seller) == ["2 draft true false"])
            #expect(try await open(test, buyer).isEmpty)
            _ = try await test.market.offerContractVersion(
                seller.admin.request("offerContractVersion"), contract.id, number: 2)
            #expect(try await open(test, seller) == ["2 offered true true"])
            #expect(try await open(test, buyer) == ["2 offered false true"])
            _ = try await amended(contract, by: buyer)
            #expect(
                try await open(test, buyer) == ["2 offered false true", "3 draft true false"],
                "a draft replaces no offer")
            let shown = try await test.market.contractVersion(
                seller.admin.request("getContractVersion"), contract.id, number: 2)
            _ = try await test.market.signContractVersion(
                seller[.signatory].request("signContractVersion"), contract.id, number: 2,
                digest: try #require(ContractDigest(hex: shown.body["digest"]?.text ?? "")))
            #expect(try await open(test, seller) == ["2 signedBySeller true false"])
            _ = try await test.market.declineContractVersion(
                buyer.admin.request("declineContractVersion"), contract.id, number: 2,
                reason: "Test")
            #expect(try await open(test, seller) == ["2 declined true false"])
            #expect(try await open(test, buyer) == ["3 draft true false"])
            _ = try await amended(contract, by: seller)
            #expect(try await open(test, seller) == ["4 draft true false"], "it is answered")
        }
    }

    @Test func aNoticeThatIsAgreedForLaterSaysFromWhen() async throws {
        try await TestMarket.withMarket { test in
            let contract = try await contract(test)
            let document = try await test.document(
                "psychiatrist-remote-visit", seller: contract.seller, buyer: contract.buyer,
                validity: ["2027-06-01", "2027-12-31"], ["termination": ["notice_days": 10]])
            _ = try await test.market.amendContract(
                contract.seller.admin.request("amendContract"), contract.id, document)
            try await test.sign(contract.id, number: 2, contract.seller, contract.buyer)
            var refused: Refusal?
            do {
                _ = try await test.market.noticeEffect(
                    contract.buyer.admin.request("getNoticeEffect"), contract.id)
            } catch let refusal as Refusal {
                refused = refusal
            }
            #expect(refused?.code == .noticeNotAgreed)
            #expect(refused?.figures["at"] == "2027-05-31T21:00:00Z")
            try await test.clock.set(to: Instant(rfc3339: "2027-06-01T08:00:00Z"))
            _ = try await test.market.noticeEffect(
                contract.buyer.admin.request("getNoticeEffect"), contract.id)
        }
    }

    @Test func suspendingStopsBookingsAndNothingElse() async throws {
        try await TestMarket.withMarket { test in
            let contract = try await contract(test)
            let life = try await LifeOfAVisit(under: contract)
            let visit = try await life.booked("2027-03-08")
            let held = try await life.booked("2027-03-09", hold: true)
            let market = test.market
            let (seller, buyer) = (contract.seller.admin, contract.buyer.admin)
            let stopped = try await market.suspendContract(
                seller.request("suspendContract"), contract.id, reason: "Ill")
            #expect(stopped.body["state"] == "suspended")
            #expect(stopped.body["suspension"]?["side"] == "seller")
            let another = await refusal { _ = try await life.booked("2027-03-10") }
            #expect(another == .contractSuspended)
            let confirmed = await refusal {
                _ = try await market.confirmBooking(
                    contract.buyer.scheduler.request("confirmBooking"), held)
            }
            #expect(confirmed == .contractSuspended)
            let others = await refusal {
                _ = try await market.resumeContract(
                    buyer.request("resumeContract"), contract.id)
            }
            #expect(others == .notYourSide)
            // new terms that both sign do not let it go on
            _ = try await amended(contract, by: contract.seller)
            try await test.sign(contract.id, number: 2, contract.seller, contract.buyer)
            let sheet = try await market.contract(buyer.request("getContract"), contract.id)
            #expect(sheet.body["state"] == "suspended")
            let resumed = try await market.resumeContract(
                seller.request("resumeContract"), contract.id)
            #expect(resumed.body["state"] == "active" && resumed.body["suspension"] == .null)
            _ = try await market.confirmBooking(
                contract.buyer.scheduler.request("confirmBooking"), held)
            _ = try await life.booked("2027-03-10")
            let kept = try await market.booking(
                contract.buyer.scheduler.request("getBooking"), visit)
            #expect(kept.body["state"] == "booked")
        }
    }

    @Test func noticeIsThatOfTheContractAndEndsItOnce() async throws {
        try await TestMarket.withMarket { test in
            let without = try await contract(test)
            try await test.clock.set(to: Instant(rfc3339: "2027-03-01T08:00:00Z"))
            let no = await refusal {
                _ = try await test.market.noticeEffect(
                    without.buyer.admin.request("getNoticeEffect"), without.id)
            }
            #expect(no == .noticeNotAgreed)
            let contract = try await test.agreedContract(
                seller: without.seller, buyer: without.buyer,
                changed: ["termination": ["notice_days": 30]])
            let (market, buyer) = (test.market, contract.buyer.admin)
            let shown = try await market.noticeEffect(
                buyer.request("getNoticeEffect"), contract.id
            ).body
            // 1 March and thirty days: 31 March is the last, and in summer time by then
            #expect(shown["ends_at"] == "2027-03-31T21:00:00Z" && shown["notice_days"] == 30)
            let end = try Instant(rfc3339: "2027-03-31T21:00:00Z")
            let other = await refusal {
                _ = try await market.giveNotice(
                    buyer.request("giveNotice"), contract.id, endsAt: end.adding(seconds: 1),
                    reason: "Test")
            }
            #expect(other == .noticeEndDiffers)
            let given = try await market.giveNotice(
                buyer.request("giveNotice"), contract.id, endsAt: end, reason: "Test")
            #expect(given.body["state"] == "active" && given.body["notice"]?["side"] == "buyer")
            let again = await refusal {
                _ = try await market.giveNotice(
                    contract.seller.admin.request("giveNotice"), contract.id, endsAt: end,
                    reason: "Test")
            }
            #expect(again == .noticeGiven)
            try await test.clock.set(to: end.adding(seconds: -1))
            #expect(try await market.actOnWhatIsDue(most: 5) == 0)
            try await test.clock.set(to: end)
            #expect(try await market.actOnWhatIsDue(most: 5) == 1)
            #expect(try await market.actOnWhatIsDue(most: 5) == 0)
            let ended = try await market.contract(buyer.request("getContract"), contract.id)
            #expect(ended.body["state"] == "ended")
            let told: Query = "select from event where kind = 'contract.ended'"
            #expect(try await test.owner.read([told]).count == 1)
        }
    }
}
