import MoneyAndTime
import Postgres
import Visits

/// A row of `attestation`: a side's word.
package struct StoredAttestation: Sendable {
    package let side: Side
    package let number: Int64
    package let word: Attestation.Word
    package let recordedAt: Instant

    package init(row: Row) throws {
        guard let side = Side(rawValue: try row.decode("side")) else {
            throw CellError.malformed("an attestation's side")
        }
        self.side = side
        number = try row.decode("number")
        let figures = try Attestation.Figures(
            seconds: row.decode("billable_seconds"),
            extra: ExtraTime(
                preparation: row.decode("preparation_minutes"),
                recordWriting: row.decode("record_writing_minutes")),
            lineFailed: row.decode("line_failed"))
        word =
            try row["verdict", String.self] == "attested"
            ? .attests(figures)
            : .contests(figures, reason: row["reason", String?.self] ?? "")
        recordedAt = try row.decode("recorded_at")
    }

    /// The last word of each side.
    package static func last(of booking: BookingID) -> Query {
        """
        select case organisation when seller then 'seller' else 'buyer' end as side, number,
            verdict, billable_seconds, preparation_minutes, record_writing_minutes, line_failed,
            reason, recorded_at
        from last_attestation where booking = \(booking)
        """
    }

    /// The number of the next event of a visit whose booking is locked.
    package static func nextRevision(of booking: BookingID) -> Query {
        "select next_visit_revision(\(booking)) as revision"
    }

    package static func insert(
        _ word: Attestation.Word, number: Int64, of booking: StoredBooking, by caller: Caller
    ) -> Query {
        var verdict = "attested"
        var why: String?
        if case .contests(_, let reason) = word { (verdict, why) = ("contested", reason) }
        return """
            insert into attestation (booking, organisation, number, seller, buyer, verdict,
                billable_seconds, preparation_minutes, record_writing_minutes, line_failed, reason,
                credential)
            values (\(booking.id), \(caller.organisation), \(number), \(booking.seller),
                \(booking.buyer), \(verdict), \(word.seconds),
                \(word.figures.extra.preparation), \(word.figures.extra.recordWriting),
                \(word.figures.lineFailed), \(why), \(caller.credential))
            """
    }
}
