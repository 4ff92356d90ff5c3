import Contracts
import Marketplace
import MoneyAndTime
import Scheduling
import Storage
import TestMarket
import Testing

@testable import Web

@Suite("Two specialists together, on a page")
struct TogetherPageTests {
    private static func address(_ world: PagesWorld, _ first: Int, _ second: Int) -> String {
        let service = "\(world.life.contract.id)+psychiatrist-visit"
        return "/together?service_1=\(service)&minutes_1=\(first)"
            + "&service_2=\(service)&minutes_2=\(second)&from=2027-03-08"
    }

    @Test("found where both are free, and booked together once")
    func bothAreBooked() async throws {
        try await PagesWorld.with { world in
            let browser = try await world.browser(of: world.buyer.scheduler)
            let alone = try await browser.get(Self.address(world, 30, 30))
            #expect(alone.body.contains("There is no time in the coming two weeks"))
            let colleague = try await world.test.addSpecialist(
                to: world.seller, label: "Specialist 2",
                specialty: world.life.contract.terms.rateCard.services[0].field.code)
            _ = try await world.test.market.publishAvailability(
                world.seller.scheduler.request("publishAvailability", key: "colleague"),
                .init(
                    specialist: colleague, pattern: .once(CalendarDate(iso: "2027-03-08")),
                    from: TimeOfDay("10:00"), to: TimeOfDay("11:00"),
                    terms: OfferTerms(
                        grid: .fifteen, shortestMinutes: 10, longestMinutes: 90,
                        bufferAfterMinutes: 0)))
            let found = try await browser.get(Self.address(world, 30, 30))
            let times = found.links.filter { $0.hasPrefix("/together?starts=") }
            #expect(times.count == 3, "from ten to half past: \(times)")
            let form = try await browser.get(try #require(times.first))
            #expect(form.body.contains("Specialist 1") && form.body.contains("Specialist 2"))
            let wrong = try await browser.post(
                "/together",
                form.form("/together").merging(["patient_reference": "131052-308T"]) { $1 })
            #expect(wrong.status == 422)
            let typed = try form.form("/together").merging(["patient_reference": "PT-7"]) { $1 }
            let booked = try await browser.post("/together", typed)
            #expect(booked.location?.hasPrefix("/bookings?series=") == true)
            #expect(try await browser.post("/together", typed).location == booked.location)
            let late = try await browser.get(times[1])
            #expect(late.status == 409 && late.body.contains("Nothing was booked."))
        }
    }

    @Test("lengths that a service does not have, and links that are none")
    func wrongQuestions() async throws {
        try await PagesWorld.with { world in
            let browser = try await world.browser(of: world.buyer.scheduler)
            #expect(try await browser.get(Self.address(world, 30, 31)).status == 422)
            #expect(try await browser.get("/together?service_1=x&service_2=y").status == 422)
            #expect(try await browser.get("/together?first=x&starts=2027").status == 404)
        }
    }
}
