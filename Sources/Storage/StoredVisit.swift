import MoneyAndTime
import Postgres
import StrictJSON
import Visits

/// A row of `observation`.
package enum StoredObservation {
    package static func all(of booking: BookingID) -> Query {
        """
        select id, booking, side, participant, kind, source, at from observation
        where booking = \(booking) order by at, id
        """
    }

    package static func all(of bookings: [BookingID]) -> Query {
        """
        select id, booking, side, participant, kind, source, at from observation
        where booking = any (\(bookings)) order by at, id
        """
    }

    package static func observation(row: Row) throws -> Observation {
        let kind: Observation.Kind =
            switch try row["kind", String.self] {
            case "join": .join
            case "heartbeat": .heartbeat
            case "leave": .leave
            default: throw CellError.malformed("an observation's kind")
            }
        guard let side = Side(rawValue: try row.decode("side")),
            let source = Observation.Source(rawValue: try row.decode("source"))
        else { throw CellError.malformed("an observation's side or source") }
        return Observation(
            id: try row["id", ObservationID.self].description, visit: try row.decode("booking"),
            side: side, participant: try row.decode("participant"), kind: kind,
            at: try row.decode("at"), source: source)
    }

    /// By the holder of a join token, whatever its organisation: the token is the credential.
    package static func observe(
        _ token: JoinTokenDigest, _ observation: ObservationID, kind: String
    ) -> Query {
        "select * from observe(\(token.bytes), \(observation), \(kind)::text)"
    }
}

/// The SHA-256 of a join token: what the database keeps of it.
package struct JoinTokenDigest: Hashable, Sendable {
    package let bytes: [UInt8]

    package init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    package func insert(
        _ token: JoinToken, seller: OrganisationID, buyer: OrganisationID,
        credential: CredentialID, forSession: Bool
    ) -> Query {
        """
        insert into join_token (digest, booking, seller, buyer, side, participant, label, opens,
            closes, credential, for_session)
        values (\(bytes), \(token.visit), \(seller), \(buyer), \(token.side.rawValue),
            \(token.participant), \(token.label), \(token.window.start), \(token.window.end),
            \(credential), \(forSession))
        """
    }

    /// A person's new token takes the place of the old one.
    package static func revoke(_ token: JoinToken) -> Query {
        """
        update join_token set revoked_at = market_now()
        where booking = \(token.visit) and side = \(token.side.rawValue)
          and participant = \(token.participant) and revoked_at is null
        """
    }

    /// A visit that moved is entered with new tokens.
    package static func revokeAll(of booking: BookingID) -> Query {
        """
        update join_token set revoked_at = market_now()
        where booking = \(booking) and revoked_at is null
        """
    }
}

/// A row of `visit_minutes`: the fold's result, from the first attestation on.
package struct StoredMinutes: Sendable {
    package let billable: BillableTime
    package let foldVersion: Int32

    package init(row: Row) throws {
        let spans = try JSON.parse(row["intervals", JSONText.self].text)
        billable = try BillableTime(
            intervals: try JSONReader(spans).array(max: .max) { try TimeSlot(kept: $0) })
        foldVersion = try row.decode("fold_version")
    }

    package static func find(_ booking: BookingID) -> Query {
        """
        select intervals, fold_version from visit_minutes where booking = \(booking)
        """
    }

    package static func insert(_ billable: BillableTime, of booking: StoredBooking) -> Query {
        """
        insert into visit_minutes
            (booking, seller, buyer, fold_version, billable_seconds, intervals)
        values (\(booking.id), \(booking.seller), \(booking.buyer), \(Attendance.foldVersion),
            \(billable.seconds), \(JSONText(billable.intervals.json.compactText)))
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
        let seconds: Int64 = try row.decode("billable_seconds")
        word =
            try row["verdict", String.self] == "attested"
            ? .attests(seconds: seconds)
            : .contests(seconds: seconds, reason: row["reason", String?.self] ?? "")
        recordedAt = try row.decode("recorded_at")
    }

    /// The last word of each side.
    package static func last(of booking: BookingID) -> Query {
        """
        select case organisation when seller then 'seller' else 'buyer' end as side, number,
            verdict, billable_seconds, reason, recorded_at
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
                billable_seconds, reason, credential)
            values (\(booking.id), \(caller.organisation), \(number), \(booking.seller),
                \(booking.buyer), \(verdict), \(word.seconds), \(why), \(caller.credential))
            """
    }
}
