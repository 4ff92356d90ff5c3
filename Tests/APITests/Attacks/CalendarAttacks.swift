import API
import MoneyAndTime
import StrictJSON
import TestMarket
import TestServer

extension Trade {
    var calendarAttacks: [Attack] {
        [
            Attack(operation: .getBookingCalendar, path: [bookings.toJoin]),
            Attack(operation: .listCalendarFeeds, outsider: .ownOnly),
            Attack(
                operation: .addCalendarFeed,
                body: .json(["specialist": JSON(world.specialist), "language": "fi"])),
            Attack(operation: .revokeCalendarFeed, path: [feed]),
            Attack(operation: .listCalendarMailboxes, outsider: .ownOnly),
            Attack(
                operation: .setCalendarMailbox,
                body: .json([
                    "unit": JSON(seller.unit.description), "address": "desk@hospital.example",
                    "language": "fi",
                ])),
            Attack(operation: .removeCalendarMailbox, path: [mailbox]),
        ]
    }
}

extension World {
    /// A private feed of the seller's unit, and where the seller has calendar messages mailed to.
    func calendars() async throws -> (feed: String, mailbox: String) {
        let feed = try await client.post(
            "/v1/calendar-feeds", ["unit": JSON(seller.unit.description), "language": "sv"],
            as: seller.admin
        ).made().text("id")
        let mailbox = try await client.post(
            "/v1/calendar-mailboxes", ["address": "office@hospital.example", "language": "sv"],
            as: seller.admin
        ).made().text("id")
        return (feed, mailbox)
    }
}
