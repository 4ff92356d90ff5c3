import Contracts
import Marketplace
import MoneyAndTime
import Organisations
import Storage
import StrictJSON
import TestMarket
import Testing

/// A booking brings what its contract asks for the hand-over, or is refused with what is missing.
@Suite struct HandOverTests {
    private func life(_ test: TestMarket, _ example: String) async throws -> LifeOfAVisit {
        try await LifeOfAVisit(
            under: test.signedContract(
                example, seller: test.addOrganisation("Seller"),
                buyer: test.addOrganisation("Buyer")))
    }

    /// What is refused as missing; empty when the visit is booked.
    private func missing(
        _ life: LifeOfAVisit, patient: String? = nil, record: String? = nil,
        authorisation: String? = nil, diary: String? = nil
    ) async throws -> [String] {
        let service = life.contract.terms.rateCard.services[0]
        do {
            let made = try await life.test.market.bookTime(
                life.contract.buyer.scheduler.request("bookTime", key: "\(newID(BookingTag.self))"),
                .init(
                    contract: life.contract.id, service: service.code,
                    specialist: life.specialist, starts: life.instant("2027-03-08", "10:00"),
                    minutes: service.plannedLengths.minimum, hold: false,
                    handOver: HandOver(
                        patient: patient.map { try PatientReference($0) }, record: record,
                        authorisation: authorisation, diary: diary)))
            #expect(made.body["diary_reference"]?.text == diary)
            #expect(made.body["authorisation_reference"]?.text == authorisation)
            return []
        } catch let refusal as Refusal {
            #expect(refusal.code == .handOverMissing)
            return (refusal.figures["missing"]?.elements ?? []).compactMap(\.text)
        }
    }

    @Test func whatIsMissingIsNamed() async throws {
        try await TestMarket.withMarket { test in
            // asks for the patient and the diary number
            let life = try await life(test, "physician-remote-reception")
            let (patient, diary) = ("/patient_reference", "/diary_reference")
            #expect(try await missing(life) == [patient, diary])
            let others = try await missing(life, record: "R 1", authorisation: "A 1")
            #expect(others == [patient, diary])
            #expect(try await missing(life, diary: "D 1/2027") == [patient])
            #expect(try await missing(life, patient: "PT-1") == [diary])
            #expect(try await missing(life, patient: "PT-1", diary: "D 1/2027") == [])
            let seen = try await test.market.listBookings(
                life.contract.seller.scheduler.request("listBookings"), state: nil, from: nil,
                until: nil, page: Page(after: nil, limit: 10)
            ).body["items"]?[0]
            #expect(seen?["diary_reference"] == "D 1/2027")
            #expect(seen?["patient_reference"] == .null)
        }
    }

    @Test func betweenProfessionalsThereIsNoPatient() async throws {
        try await TestMarket.withMarket { test in
            let life = try await life(test, "psychiatrist-professional-consultation")
            #expect(life.contract.terms.records?.requiredAtBooking == [.patient])
            #expect(try await missing(life) == [])
        }
    }

    /// A preview asks for none of it; the booking of a series for all.
    @Test func ofASeries() async throws {
        try await TestMarket.withMarket { test in
            let life = try await life(test, "physician-remote-reception")
            let service = life.contract.terms.rateCard.services[0]
            let wanted = Market.WantedSeries(
                contract: life.contract.id, service: service.code, specialist: life.specialist,
                minutes: service.plannedLengths.minimum,
                starts: .weekly(
                    first: try life.instant("2027-03-08", "10:00"), intervalWeeks: 1, count: 2),
                mode: .best)
            let scheduler = life.contract.buyer.scheduler
            let seen = try await test.market.previewSeries(scheduler.request("bookSeries"), wanted)
            #expect(seen.body["bookable"] == 2)
            let code = await refusalCode {
                _ = try await test.market.bookSeries(scheduler.request("bookSeries"), wanted)
            }
            #expect(code == "hand_over_missing")
        }
    }
}
