import Billing
import Marketplace
import MoneyAndTime
import Storage
import StrictJSON
import TestMarket
import Testing

struct StatementTests {
    private func april(_ test: TestMarket) async throws {
        // midnight of the first of April in Helsinki
        try await test.clock.set(to: Instant(rfc3339: "2027-03-31T21:00:00Z"))
    }

    @Test func statesWhatIsOverAndIsAcceptedOnce() async throws {
        try await TestMarket.withMarket { test in
            let contract = try await test.signedContract(
                seller: test.addOrganisation("Seller"), buyer: test.addOrganisation("Buyer"))
            let life = try await LifeOfAVisit(under: contract)
            let first = try await life.cancelledLate("2027-03-08")
            let second = try await life.cancelledLate("2027-03-09")

            // one microsecond before the month is over
            try await test.clock.set(to: Instant(rfc3339: "2027-03-31T20:59:30Z"))
            #expect(await refusal { _ = try await life.statement() } == .periodNotOver)
            try await april(test)
            let made = try await life.statement()
            #expect(made.body["total"] == "108.00")
            #expect(made.body["run"] == 1)
            #expect(made.body["state"] == "open")
            let lines = made.body["lines"]?.elements ?? []
            #expect(lines.map { $0["charge"] } == [first, second].map { JSON($0.description) })
            #expect(lines.allSatisfy { $0["late"] == false })
            #expect(await refusal { _ = try await life.statement() } == .nothingToState)

            let id = try StatementID(typeID: made.body["id"]?.text ?? "")
            let market = test.market
            let buyer = contract.buyer.finance
            let seen = try await market.statement(buyer.request("getStatement"), id)
            #expect(seen.body == made.body)
            let wrong = await refusal {
                _ = try await market.acceptStatement(
                    buyer.request("acceptStatement"), id, total: Money(decimal: "107.99"))
            }
            #expect(wrong == .totalDiffers)
            let total = try Money(decimal: "108.00")
            let seller = await refusal {
                _ = try await market.acceptStatement(
                    contract.seller.finance.request("acceptStatement"), id, total: total)
            }
            #expect(seller == .notYourSide)
            let accepted = try await market.acceptStatement(
                buyer.request("acceptStatement"), id, total: total)
            #expect(accepted.body["state"] == "accepted")
            #expect(accepted.revision == 2)
            let again = await refusal {
                _ = try await market.acceptStatement(
                    buyer.request("acceptStatement"), id, total: total)
            }
            #expect(again == .statementSettled)
        }
    }

    @Test func takesLateChargesMarked() async throws {
        try await TestMarket.withMarket { test in
            let contract = try await test.signedContract(
                seller: test.addOrganisation("Seller"), buyer: test.addOrganisation("Buyer"))
            let life = try await LifeOfAVisit(under: contract)
            try await life.cancelledLate("2027-03-08")
            try await life.cancelledLate("2027-04-06")
            try await test.clock.set(to: Instant(rfc3339: "2027-05-01T00:00:00Z"))
            let april = try await life.statement(of: "2027-04")
            let lines = april.body["lines"]?.elements ?? []
            #expect(lines.map { $0["late"] } == [true, false])
            #expect(lines.map { $0["period"] } == ["2027-03", "2027-04"])
            #expect(await refusal { _ = try await life.statement() } == .nothingToState)
        }
    }

    @Test func isTheSellersAndNobodyElsesToMake() async throws {
        try await TestMarket.withMarket { test in
            let contract = try await test.signedContract(
                seller: test.addOrganisation("Seller"), buyer: test.addOrganisation("Buyer"))
            let stranger = try await test.addOrganisation("Stranger")
            let life = try await LifeOfAVisit(under: contract)
            let charge = try await life.cancelledLate("2027-03-08")
            try await april(test)
            let period = try StatementPeriod(key: "2027-03")
            let market = test.market
            let byBuyer = await refusal {
                _ = try await market.createStatement(
                    contract.buyer.finance.request("createStatement"), contract: contract.id,
                    period: period)
            }
            #expect(byBuyer == .notYourSide)
            let byStranger = await refusal {
                _ = try await market.createStatement(
                    stranger.finance.request("createStatement"), contract: contract.id,
                    period: period)
            }
            #expect(byStranger == .notFound)
            let byScheduler = await refusal {
                _ = try await market.createStatement(
                    contract.seller.scheduler.request("createStatement"), contract: contract.id,
                    period: period)
            }
            #expect(byScheduler == .roleNotAllowed)
            let statement = try StatementID(
                typeID: try await life.statement().body["id"]?.text ?? "")
            let hidden = await refusal {
                _ = try await market.statement(
                    stranger.finance.request("getStatement"), statement)
            }
            #expect(hidden == .notFound)
            let unseen = await refusal {
                _ = try await market.charge(stranger.finance.request("getCharge"), charge)
            }
            #expect(unseen == .notFound)
            let seen = try await market.charge(
                contract.buyer.finance.request("getCharge"), charge)
            #expect(seen.body["statement"] == JSON(statement.description))
            #expect(seen.body["invoice"] == .null)
            #expect(seen.body["net"] == "54.00")
        }
    }

    /// Two at once: one takes the charges, and nothing is left for the other.
    @Test func twoAtOnceStateEachChargeOnce() async throws {
        try await TestMarket.withMarket { test in
            let contract = try await test.signedContract(
                seller: test.addOrganisation("Seller"), buyer: test.addOrganisation("Buyer"))
            let life = try await LifeOfAVisit(under: contract)
            try await life.cancelledLate("2027-03-08")
            try await april(test)
            async let left = try? life.statement()
            async let right = try? life.statement()
            #expect(await [left, right].compactMap { $0 }.count == 1)
        }
    }
}
