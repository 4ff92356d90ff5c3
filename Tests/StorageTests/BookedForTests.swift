import Contracts
import Marketplace
import MoneyAndTime
import Organisations
import Storage
import StrictJSON
import TestMarket
import Testing

/// A booking says for which unit of the buyer's and for whom in it it was made, and carries what
/// the contract asks to be done before the visit.
@Suite struct BookedForTests {
    @Test func aUnitAndAColleagueOfTheBuyers() async throws {
        try await TestMarket.withMarket { test in
            let life = try await life(test)
            let (buyer, seller) = (life.contract.buyer, life.contract.seller)
            let booked = try await book(
                life, HandOver(unit: buyer.unit, onBehalfOf: buyer.admin.member))
            #expect(booked["buyer_unit"]?.text == buyer.unit.description)
            #expect(booked["on_behalf_of"]?.text == buyer.admin.member.description)
            let id = try BookingID(typeID: booked["id"]?.text ?? "")
            let bought = try await test.market.booking(buyer.scheduler.request("getBooking"), id)
            #expect(bought.body["buyer_unit"] == booked["buyer_unit"])
            let sold = try await test.market.booking(seller.scheduler.request("getBooking"), id)
            #expect(sold.body["buyer_unit"] == .null && sold.body["on_behalf_of"] == .null)
            // in three languages, as the contract's version has them, for both
            let instructions = life.contract.terms.rateCard.services[0].preparationInstructions
            #expect(instructions?.finnish.isEmpty == false)
            for seen in [booked, bought.body, sold.body] {
                #expect(
                    seen["preparation_instructions"]?["fi"]?.text == instructions?.finnish)
                #expect(
                    seen["preparation_instructions"]?["sv"]?.text == instructions?.swedish)
            }
        }
    }

    @Test func thoseOfOthersAreRefusedByPlace() async throws {
        try await TestMarket.withMarket { test in
            let life = try await life(test)
            let (buyer, seller) = (life.contract.buyer, life.contract.seller)
            for (handOver, places) in [
                (HandOver(unit: seller.unit), ["/buyer_unit"]),
                (HandOver(onBehalfOf: seller.admin.member), ["/on_behalf_of"]),
                (
                    HandOver(unit: seller.unit, onBehalfOf: seller.admin.member),
                    ["/buyer_unit", "/on_behalf_of"]
                ),
                (HandOver(unit: buyer.unit, onBehalfOf: newID()), ["/on_behalf_of"]),
            ] {
                do {
                    _ = try await book(life, handOver)
                    Issue.record("booked")
                } catch let refusal as Refusal {
                    #expect(refusal.code == .notOfBuyer)
                    #expect(
                        refusal.figures["unknown"]?.elements?.compactMap(\.text) == places)
                }
            }
            let waiting = await refusalCode {
                _ = try await test.market.joinWaitingList(
                    buyer.scheduler.request("joinWaitingList"),
                    .init(
                        contract: life.contract.id, service: "psychiatrist-visit",
                        specialist: nil, minutes: 30,
                        wanted: TimeSlot(
                            start: life.instant("2027-03-06", "10:00"),
                            end: life.instant("2027-03-06", "12:00")),
                        handOver: HandOver(unit: seller.unit)))
            }
            #expect(waiting == "not_of_buyer")
        }
    }

    private func life(_ test: TestMarket) async throws -> LifeOfAVisit {
        try await LifeOfAVisit(
            under: test.signedContract(
                seller: test.addOrganisation("Seller"), buyer: test.addOrganisation("Buyer")))
    }

    private func book(_ life: LifeOfAVisit, _ handOver: HandOver) async throws -> JSON {
        try await life.test.market.bookTime(
            life.contract.buyer.scheduler.request("bookTime", key: "\(newID(BookingTag.self))"),
            .init(
                contract: life.contract.id, service: "psychiatrist-visit",
                specialist: life.specialist, starts: life.instant("2027-03-08", "10:00"),
                minutes: 30, hold: false, handOver: handOver)
        ).body
    }
}
