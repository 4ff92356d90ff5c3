import MoneyAndTime
import Postgres
import Visits

/// A row of `visit_report`: what a person of one side told of a visit.
package struct StoredReport: Sendable {
    package let side: Side
    package let report: VisitReport
    package let recordedAt: Instant

    package init(row: Row) throws {
        guard let side = Side(rawValue: try row.decode("side")),
            let kind = VisitReport.Kind(rawValue: try row.decode("kind"))
        else { throw CellError.malformed("a report's side or kind") }
        self.side = side
        report =
            switch kind {
            case .telephone:
                try .telephone(TimeSlot(start: row.decode("starts"), end: row.decode("ends")))
            case .extraTime:
                try .extraTime(
                    ExtraTime(
                        preparation: row.decode("preparation_minutes"),
                        recordWriting: row.decode("record_writing_minutes")))
            case .overrunAgreed: .overrunAgreed
            case .lineFailed: try .lineFailed(reason: row.decode("reason"))
            }
        recordedAt = try row.decode("recorded_at")
    }

    private static let columns: Query = """
        select booking, side, kind, lower(during) as starts, upper(during) as ends,
            preparation_minutes, record_writing_minutes, reason, recorded_at
        from visit_report
        """

    /// In the order in which they were told.
    package static func all(of booking: BookingID) -> Query {
        "\(columns) where booking = \(booking) order by recorded_at, id"
    }

    package static func insert(
        _ report: VisitReport, by side: Side, of booking: StoredBooking, _ caller: Caller
    ) -> Query {
        var during: TimeSlot?
        var extra: ExtraTime?
        var reason: String?
        switch report {
        case .telephone(let time): during = time
        case .extraTime(let time): extra = time
        case .lineFailed(let why): reason = why
        case .overrunAgreed: break
        }
        return """
            insert into visit_report (booking, seller, buyer, side, kind, during,
                preparation_minutes, record_writing_minutes, reason, credential, recorded_at)
            values (\(booking.id), \(booking.seller), \(booking.buyer), \(side.rawValue),
                \(report.kind.rawValue),
                case when \(during?.start)::timestamptz is not null
                    then tstzrange(\(during?.start)::timestamptz, \(during?.end)::timestamptz) end,
                \(extra?.preparation)::bigint, \(extra?.recordWriting)::bigint, \(reason)::text,
                \(caller.credential), market_now())
            """
    }
}

/// The visits of which the caller's side may have something to say: they have begun, both sides
/// had agreed on them, and no charge has closed them.
package enum OpenVisit {
    /// Where a page of them begins: after this one, in the order of their starts.
    package struct Place: Hashable, Sendable {
        package let starts: Instant
        package let booking: BookingID

        package init(starts: Instant, booking: BookingID) {
            self.starts = starts
            self.booking = booking
        }
    }

    package static func page(after place: Place?, limit: Int) -> Query {
        """
        select \(StoredBooking.names) from booking
        where state = 'booked' and join_opens(planned) <= market_now()
            and exists (select from handshake h where h.booking = booking.id
                and h.state in ('agreed', 'ready', 'rescheduling'))
            -- who has spoken waits for the other side, unless something was told since
            and not exists (select from attestation a where a.booking = booking.id
                and a.organisation = current_organisation()
                and not exists (select from attestation o where o.booking = booking.id
                    and o.organisation <> a.organisation)
                and not exists (select from visit_report r where r.booking = booking.id
                    and r.kind = 'extra_time' and r.recorded_at >= a.recorded_at)
                and not exists (select from attestation n where n.booking = booking.id
                    and n.organisation = a.organisation and n.number > a.number))
            and (\(place?.starts)::timestamptz is null
                or (lower(planned), id) > (\(place?.starts)::timestamptz, \(place?.booking)::uuid))
        order by lower(planned), id limit \(limit)
        """
    }
}
