import API
import StrictJSON

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
