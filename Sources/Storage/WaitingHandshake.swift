import MoneyAndTime
import Postgres

/// Handshakes in which the caller's side has something to say: an offer of the other side's that is
/// still open, or no offer yet, which either side may make.
package enum WaitingHandshake {
    /// Where a page of them begins: after this one, in the order of their deadlines.
    package struct Place: Hashable, Sendable {
        package let replyBy: Instant
        package let booking: BookingID

        package init(replyBy: Instant, booking: BookingID) {
            self.replyBy = replyBy
            self.booking = booking
        }
    }

    /// The offer's sender is that of the last message: whatever else is said ends an offer.
    static let waits: Query = """
        reply_by > market_now()
            and exists (select from booking b where b.id = handshake.booking and b.state = 'booked')
            and (state = 'none' or current_organisation() <> (
                select m.sender from handshake_message m
                where m.booking = handshake.booking order by m.sequence desc limit 1))
        """

    /// Soonest deadline first.
    package static func page(after place: Place?, limit: Int) -> Query {
        """
        \(StoredHandshake.columns) where \(waits)
            and (\(place?.replyBy)::timestamptz is null
                or (reply_by, booking)
                    > (\(place?.replyBy)::timestamptz, \(place?.booking)::uuid))
        order by reply_by, booking limit \(limit)
        """
    }

    /// The last place that `row` of a page has.
    package static func place(of row: Row) throws -> Place {
        try Place(replyBy: row.decode("reply_by"), booking: row.decode("booking"))
    }

    /// How many there are, and what the organisation does in the market: whether it has time to
    /// sell, and contracts to buy under.
    package static let standing: Query = """
        select (select count(*) from handshake where \(waits)) as waiting,
            exists (select from specialist where active) as sells,
            exists (select from contract where buyer = current_organisation()) as buys
        """
}
