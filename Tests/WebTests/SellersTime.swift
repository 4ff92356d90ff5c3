import Contracts
import Marketplace
import MoneyAndTime
import Scheduling
import Storage
import StrictJSON
import TestMarket
import Testing

// What tests of the seller's pages do and look for.
extension PagesWorld {
    /// The pattern that the specialist's time is sold by.
    func availability() async throws -> String {
        let listed = try await test.market.listAvailability(
            seller.scheduler.request("listAvailability"), specialist: life.specialist,
            page: Page(after: nil, limit: 1))
        return try #require(listed.body["items"]?.elements?.first?["id"]?.text)
    }

    /// The fields of the form that publishes time on one day, as a browser would send them.
    func oneDay(_ day: String, _ from: String, _ to: String) -> [String: String] {
        [
            "kind": "once", "specialist": life.specialist.description, "date": day,
            "from": from, "to": to, "grid_minutes": "15", "shortest_minutes": "30",
            "longest_minutes": "60", "buffer_after_minutes": "10",
        ]
    }

    /// Publishes by the page's own form.
    func publish(_ fields: [String: String], _ browser: Browser) async throws -> PageAnswer {
        let kind = fields["kind"] ?? "weekly"
        let page = try await browser.get("/availability/new?kind=\(kind)")
        return try await browser.post(
            "/availability", try page.form("/availability").merging(fields) { $1 })
    }

    func week(of day: String, _ browser: Browser) async throws -> PageAnswer {
        try await browser.get("/calendar?specialist=\(life.specialist)&week=\(day)")
    }

    /// Books half an hour from an instant on.
    func booked(at starts: String) async throws -> BookingID {
        let made = try await test.market.bookTime(
            buyer.scheduler.request("bookTime", key: starts),
            .init(
                contract: life.contract.id, service: life.contract.terms.rateCard.services[0].code,
                specialist: life.specialist, starts: Instant(rfc3339: starts), minutes: 30,
                hold: false))
        return try BookingID(typeID: made.body["id"]?.text ?? "")
    }
}

extension PageAnswer {
    /// What a day of the calendar says, without its tags and with plain blanks.
    func day(_ date: String) throws -> String {
        let text = body.replacing("\u{a0}", with: " ")
        let start = try #require(text.firstRange(of: "<h3>\(date)"))
        let rest = text[start.lowerBound...]
        let day = rest[..<(rest.dropFirst(4).firstRange(of: "<h3>")?.lowerBound ?? rest.endIndex)]
        return day.replacing(/<[^>]*>/, with: " ").replacing("&#39;", with: "'")
            .split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }
}
