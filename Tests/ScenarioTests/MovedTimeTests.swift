import Marketplace
import MoneyAndTime
import Storage
import StrictJSON
import TestMarket
import Testing
import Visits

@Suite("Time that moves: counter-proposals, silence, and holds that run out")
struct MovedTimeTests {
    @Test("A counter-proposal takes the visit over the night in which the clocks change")
    func overTheClockChange() async throws {
        try await Story.tell { story in
            let visit = try await story.life.booked("2027-03-26")
            try await story.says(
                .buyer, .propose, 1, of: visit,
                offer: ("2027-03-26T08:00:00Z", "2027-03-05T08:00:00Z"))
            // ten o'clock is an hour earlier in UTC from 28 March on
            try await story.says(
                .seller, .counter, 2, of: visit,
                offer: ("2027-03-30T07:00:00Z", "2027-03-05T08:00:00Z"))
            let agreed = try await story.says(.buyer, .accept, 3, of: visit)
            #expect(agreed["state"] == "agreed")
            #expect(agreed["agreement"]?["needs"] == ["nurse_present"])
            #expect(try await story.booking(visit)["starts"] == "2027-03-30T07:00:00Z")
            try await story.says(.seller, .ready, 4, of: visit)
            let ready = try await story.says(.buyer, .ready, 5, of: visit)
            #expect(ready["state"] == "ready")
            let charge = try await story.held(visit, minutes: 20)
            #expect(try await story.charge(charge)["served_on"] == "2027-03-30")
            #expect(try await story.charge(charge)["net"] == "72.00")
        }
    }

    @Test("Moved into another month, it is paid from that month's budget")
    func intoAnotherMonth() async throws {
        try await Story.tell { story in
            let visit = try await story.life.booked("2027-03-31")
            try await story.agreed(
                visit, at: "2027-03-31T07:00:00Z", answeredBy: "2027-03-05T08:00:00Z")
            try await story.says(
                .buyer, .counter, 3, of: visit,
                offer: ("2027-04-01T07:00:00Z", "2027-03-05T08:00:00Z"))
            try await story.says(.seller, .accept, 4, of: visit)
            #expect(try await story.booking(visit)["period"] == "2027-04")
        }
    }

    @Test("Who does not answer cancels, at the deadline and at the price of that instant")
    func silence() async throws {
        try await Story.tell { story in
            let visit = try await story.life.booked("2027-03-08")
            // the answer is due 23 hours before the visit: within the notice of 24 hours
            try await story.says(
                .seller, .propose, 1, of: visit,
                offer: ("2027-03-08T08:00:00Z", "2027-03-07T09:00:00Z"))
            // the worker comes late; what counts is the deadline
            try await story.at("2027-03-08T07:00:00Z")
            #expect(try await story.market.actOnWhatIsDue(most: 10) > 0)
            let over = try await story.booking(visit)
            #expect(over["state"] == "cancelled")
            #expect(over["cancelled_by"] == "buyer")
            #expect(over["cancellation_fee"] == "54.00")
            let other = try await story.life.booked("2027-03-08", at: "13:00")
            try await story.says(
                .buyer, .propose, 1, of: other,
                offer: ("2027-03-08T11:00:00Z", "2027-03-08T10:00:00Z"))
            try await story.at("2027-03-08T10:00:00Z")
            _ = try await story.market.actOnWhatIsDue(most: 10)
            let free = try await story.booking(other)
            #expect(free["cancelled_by"] == "seller")
            #expect(free["cancellation_fee"] == "0.00")
        }
    }

    @Test("A hold that ran out blocks nobody, though nobody has cleared it away")
    func holds() async throws {
        try await Story.tell { story in
            let held = try await story.life.booked("2027-03-08", hold: true)
            let taken = await refusal { _ = try await story.life.booked("2027-03-08") }
            #expect(taken == .taken)
            try await story.test.clock.advance(seconds: 601)
            let late = await refusal {
                _ = try await story.market.confirmBooking(
                    story.buyer.scheduler.request("confirmBooking"), held)
            }
            #expect(late == .holdExpired)
            _ = try await story.life.booked("2027-03-08")
            #expect(try await story.booking(held)["state"] == "expired")
        }
    }
}
