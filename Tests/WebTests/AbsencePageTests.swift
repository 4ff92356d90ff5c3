import Marketplace
import MoneyAndTime
import Storage
import StrictJSON
import TestMarket
import Testing

@testable import Web

@Suite("Absent today: what becomes of each visit, and one button")
struct AbsencePageTests {
    @Test func aDayIsDealtWith() async throws {
        try await PagesWorld.with { world in
            let booking = try await world.life.booked("2027-03-02")
            let browser = try await world.browser(of: world.seller.scheduler)
            let week = try await world.week(of: "2027-03-02", browser)
            #expect(week.links.contains { $0.hasPrefix("/absence?specialist=") })
            let asked = "/absence?specialist=\(world.life.specialist)&date=2027-03-02"
            let page = try await browser.get(asked)
            #expect(page.body.contains("The contract does not let you send another specialist."))
            #expect(page.body.contains("Is cancelled; it costs you"))
            #expect(page.links.contains("/bookings/\(booking)"))
            let form = try page.form("/absences")
            // a visit that came since is shown first
            _ = try await world.life.booked("2027-03-02", at: "13:00")
            let stale = try await browser.post("/absences", form)
            #expect(stale.status == 409)
            #expect(stale.body.contains("has changed meanwhile"))
            let done = try await browser.post("/absences", try stale.form("/absences"))
            #expect(done.location?.hasSuffix("&done=absent&moved=0&cancelled=2") == true)
            let after = try await browser.get(done.location ?? "")
            #expect(after.body.contains("Visits moved: 0, cancelled: 2."))
            #expect(try after.day("Tue 2 Mar").contains("Nothing is for sale."))
            let buyers = try await world.browser(of: world.buyer.scheduler)
            let told = try await buyers.get("/bookings/\(booking)")
            #expect(told.body.contains("Cancelled"))
        }
    }

    @Test(
        "days that cannot be asked about",
        arguments: ["date=2027-01-04", "date=2027-03-03&last=2027-03-02", "date=never"])
    func badDays(_ query: String) async throws {
        try await PagesWorld.with { world in
            let browser = try await world.browser(of: world.seller.scheduler)
            let page = try await browser.get(
                "/absence?specialist=\(world.life.specialist)&\(query)")
            #expect(page.status == 422)
            #expect(!page.body.contains("action=\"/absences\""))
        }
    }
}
