import Marketplace
import MoneyAndTime
import Storage
import StrictJSON
import TestMarket
import Testing
import Visits

@Suite("What a visit cost its buyer in all")
struct OwnCostTests {
    private func added(
        _ kind: StoredResource.Kind, _ name: String, at cost: String?, to buyer: TestOrganisation,
        _ test: TestMarket
    ) async throws -> ResourceID {
        let made = try await test.market.addResource(
            buyer.scheduler.request("addResource", key: name), kind, in: buyer.unit,
            .init(name: name, opening: nil, minuteCost: cost.map { try UnitPrice(decimal: $0) }))
        #expect(made.body["cost_per_minute"]?.text == cost)
        return try ResourceID(typeID: made.body["id"]?.text ?? "")
    }

    @Test func theBuyerAloneSeesItAsItWasWhenTheVisitTookThem() async throws {
        try await TestMarket.withMarket { test in
            let contract = try await test.signedContract(
                seller: test.addOrganisation("Seller"), buyer: test.addOrganisation("Buyer"))
            let buyer = contract.buyer
            let life = try await LifeOfAVisit(under: contract)
            let nurse = try await added(.staff, "Nurse", at: "0.75", to: buyer, test)
            let room = try await added(.room, "Room 1", at: "0.12", to: buyer, test)
            let unknown = try await added(.room, "Room 2", at: nil, to: buyer, test)
            let booking = try await life.booked("2027-03-08")
            _ = try await test.market.chooseResources(
                buyer.scheduler.request("chooseResources"), for: booking, [nurse, room, unknown])
            // a later figure is that of later visits
            _ = try await test.market.updateResource(
                buyer.scheduler.request("updateResource"), nurse, revision: 1,
                .init(name: "Nurse", opening: nil, minuteCost: UnitPrice(decimal: "9.00")),
                isActive: true)
            let start = try Instant(rfc3339: "2027-03-08T08:00:00Z")
            try await test.clock.set(to: start.adding(seconds: -600))
            try await life.attended(booking, from: start, minutes: 17)
            let seconds = try await life.measured(booking)
            try await life.says(.seller, .attests(seconds: seconds), of: booking)
            let done = try await life.says(.buyer, .attests(seconds: seconds), of: booking)
            let charge = try ChargeID(typeID: done.body["charge"]?.text ?? "")

            let seen = try await test.market.charge(buyer.finance.request("getCharge"), charge).body
            let own = try #require(seen["own_cost"])
            let items = own["items"]?.elements ?? []
            #expect(items.map { $0["name"]?.text } == ["Nurse", "Room 1"])
            let visit = try await test.market.visit(buyer.scheduler.request("getVisit"), booking)
            let planned = try #require(visit.body["planned"])
            let ends = try Instant(rfc3339: planned["ends"]?.text ?? "")
            let length = try ends.seconds(since: Instant(rfc3339: planned["starts"]?.text ?? ""))
            // each minute of the nurse at 0.75, of the room at 0.12 for all of the planned time
            let there = try #require(items[0]["seconds"]?.integer)
            // the clock goes on between two requests
            #expect((1_018...1_021).contains(there))
            let cents = (there * 75 + 30) / 60
            #expect(items[0]["cost"]?.text == Money(minorUnits: cents, currency: .eur).decimal)
            #expect(items[0]["cost_per_minute"] == "0.75")
            #expect(items[1]["seconds"]?.integer == length)
            let total = try Money(decimal: own["total"]?.text ?? "")
            let both = try items.reduce(Money.zero) {
                try $0.adding(Money(decimal: $1["cost"]?.text ?? ""))
            }
            #expect(total == both)
            let net = try Money(decimal: seen["net"]?.text ?? "")
            #expect(try own["with_charge"]?.text == total.adding(net).decimal)

            let others = try await test.market.charge(
                contract.seller.finance.request("getCharge"), charge
            ).body
            #expect(others["own_cost"] == .null)
            #expect(others["net"] == seen["net"])
        }
    }

    @Test func whatWasNotHeldTookNothing() async throws {
        try await TestMarket.withMarket { test in
            let contract = try await test.signedContract(
                seller: test.addOrganisation("Seller"), buyer: test.addOrganisation("Buyer"))
            let life = try await LifeOfAVisit(under: contract)
            let charge = try await life.cancelledLate("2027-03-08")
            let seen = try await test.market.charge(
                contract.buyer.finance.request("getCharge"), charge)
            #expect(seen.body["own_cost"] == .null)
        }
    }

    @Test func aCostThatCannotBeIsRefused() async throws {
        #expect(throws: InvalidInput.self) {
            try Market.ResourceDetails(
                name: "Room", opening: nil, minuteCost: UnitPrice(decimal: "100000"))
        }
        _ = try Market.ResourceDetails(
            name: "Room", opening: nil, minuteCost: UnitPrice(decimal: "99999.9999"))
    }
}
