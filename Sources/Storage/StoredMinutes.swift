import MoneyAndTime
import Postgres
import StrictJSON
import Visits

/// A row of `visit_minutes`: what was measured, from the first attestation on.
package struct StoredMinutes: Sendable {
    package let billable: BillableTime
    package let foldVersion: Int32
    /// What is not counted, because the specialist's next booking began then.
    package let cut: OverrunCut
    /// How long each person of a side was there, added up, in seconds.
    package let sellerSeconds: Int64
    package let buyerSeconds: Int64

    package init(
        billable: BillableTime, cut: OverrunCut, sellerSeconds: Int64, buyerSeconds: Int64
    ) {
        self.billable = billable
        foldVersion = Attendance.foldVersion
        self.cut = cut
        self.sellerSeconds = sellerSeconds
        self.buyerSeconds = buyerSeconds
    }

    package init(row: Row) throws {
        let spans = try JSON.parse(row["intervals", JSONText.self].text)
        billable = try BillableTime(
            intervals: try JSONReader(spans).array(max: .max) { try TimeSlot(kept: $0) })
        foldVersion = try row.decode("fold_version")
        cut = try OverrunCut(seconds: row.decode("cut_seconds"), at: row.decode("cut_at"))
        sellerSeconds = try row.decode("seller_seconds")
        buyerSeconds = try row.decode("buyer_seconds")
    }

    package static func find(_ booking: BookingID) -> Query {
        """
        select intervals, fold_version, cut_seconds, cut_at, seller_seconds, buyer_seconds
        from visit_minutes where booking = \(booking)
        """
    }

    package func insert(for booking: StoredBooking) -> Query {
        """
        insert into visit_minutes
            (booking, seller, buyer, fold_version, billable_seconds, intervals, cut_seconds,
                cut_at, seller_seconds, buyer_seconds)
        values (\(booking.id), \(booking.seller), \(booking.buyer), \(foldVersion),
            \(billable.seconds), \(JSONText(billable.intervals.json.compactText)),
            \(cut.seconds), \(cut.at), \(sellerSeconds), \(buyerSeconds))
        """
    }

    /// Until when the specialist's booking before it takes its time, and from when the next one
    /// does; null where there is none.
    package static func taken(around booking: BookingID) -> Query {
        """
        select specialist_taken_until(\(booking)) as before,
            specialist_taken_from(\(booking)) as after
        """
    }
}

extension TimeSlot {
    fileprivate init(kept reader: JSONReader) throws {
        self = try reader.object { fields in
            try TimeSlot(
                start: fields.parsed("from", Instant.init(rfc3339:)),
                end: fields.parsed("until", Instant.init(rfc3339:)))
        }
    }
}
