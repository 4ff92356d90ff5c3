import MoneyAndTime
import Postgres
import StrictJSON
import Visits

/// A row of `observation`.
package enum StoredObservation {
    package static func all(of booking: BookingID) -> Query { all(of: [booking]) }

    /// What was observed, and what either side says was held by telephone.
    package static func all(of bookings: [BookingID]) -> Query {
        """
        select id, booking, side, participant, kind, source, at, null::timestamptz as starts,
            null::timestamptz as ends
        from observation where booking = any (\(bookings))
        union all
        select id, booking, side, 'telephone', 'word', 'word', recorded_at, lower(during),
            upper(during)
        from visit_report where booking = any (\(bookings)) and kind = 'telephone'
        order by at, id
        """
    }

    package static func observation(row: Row) throws -> Observation {
        let kind: Observation.Kind =
            switch try row["kind", String.self] {
            case "join": .join
            case "heartbeat": .heartbeat
            case "leave": .leave
            case "duty_begun": .dutyBegun
            case "duty_ended": .dutyEnded
            case "word":
                try .word(TimeSlot(start: row.decode("starts"), end: row.decode("ends")))
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
        _ token: JoinTokenDigest, _ observation: ObservationID, kind: String,
        source: Observation.Source
    ) -> Query {
        """
        select * from observe(\(token.bytes), \(observation), \(kind)::text,
            \(source.rawValue)::text)
        """
    }
}

extension StoredObservation {
    /// By the seller of a duty shift.
    package static func sayDuty(
        _ booking: BookingID, _ observation: ObservationID, isOn: Bool
    ) -> Query {
        "select say_duty(\(booking), \(observation), \(isOn))"
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
