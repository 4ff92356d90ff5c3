import MoneyAndTime
import Postgres
import Visits

/// A row of `guest_link`: a way to the door of one visit.
package struct StoredGuestLink: Sendable {
    package let id: GuestLinkID
    package let booking: BookingID
    /// Which side made it.
    package let side: Side
    package let kind: GuestKind
    /// Of the guest's pages and of the printed sheet: `fi`, `sv` or `en`.
    package let language: String
    package let revokedAt: Instant?
    package let createdAt: Instant

    package init(row: Row) throws {
        id = try row.decode("id")
        booking = try row.decode("booking")
        guard let side = Side(rawValue: try row.decode("side")),
            let kind = GuestKind(rawValue: try row.decode("kind"))
        else { throw CellError.malformed("a guest link's side or kind") }
        (self.side, self.kind) = (side, kind)
        language = try row.decode("language")
        revokedAt = try row.decode("revoked_at")
        createdAt = try row.decode("created_at")
    }

    private static let names: Query = """
        id, booking, side, kind, language, revoked_at, created_at
        """

    package static func find(_ id: GuestLinkID) -> Query {
        "select \(names) from guest_link where id = \(id)"
    }

    package static func all(of booking: BookingID) -> Query {
        "select \(names) from guest_link where booking = \(booking) order by id"
    }

    package static func insert(
        _ id: GuestLinkID, digest: [UInt8], to booking: StoredBooking, by side: Side,
        for kind: GuestKind, language: String, credential: CredentialID
    ) -> Query {
        """
        insert into guest_link
            (id, digest, booking, seller, buyer, side, kind, language, credential)
        values (\(id), \(digest), \(booking.id), \(booking.seller), \(booking.buyer),
            \(side.rawValue), \(kind.rawValue), \(language), \(credential))
        returning \(names)
        """
    }

    /// Whoever came by it is at the door no more.
    package static func revoke(_ id: GuestLinkID) -> Query {
        """
        with ended as (
            update guest set ended_at = market_now(), ending = 'put_out'
            where link = \(id) and ended_at is null
        )
        update guest_link set revoked_at = market_now() where id = \(id) and revoked_at is null
        returning \(names)
        """
    }
}

/// A row of `guest`, with how it was let in.
package struct StoredGuest: Sendable {
    package let id: GuestID
    package let link: GuestLinkID
    package let booking: BookingID
    package let kind: GuestKind
    package let state: GuestState
    package let cameAt: Instant
    /// The last sign of life.
    package let seenAt: Instant
    package let endedAt: Instant?
    package let admission: Admission?

    package struct Admission: Sendable {
        package let identification: Identification
        package let organisation: OrganisationID
        package let byName: String
        package let at: Instant
    }

    package init(row: Row) throws {
        id = try row.decode("id")
        link = try row.decode("link")
        booking = try row.decode("booking")
        guard let kind = GuestKind(rawValue: try row.decode("kind")),
            let state = GuestState(rawValue: try row.decode("state"))
        else { throw CellError.malformed("a guest's kind or state") }
        (self.kind, self.state) = (kind, state)
        cameAt = try row.decode("came_at")
        seenAt = try row.decode("seen_at")
        endedAt = try row.decode("ended_at")
        admission = try row["identification", String?.self].map { text in
            guard let identification = Identification(rawValue: text) else {
                throw CellError.malformed("an identification")
            }
            return try Admission(
                identification: identification, organisation: row.decode("organisation"),
                byName: row.decode("by_name"), at: row.decode("let_in_at"))
        }
    }

    private static let columns: Query = """
        select g.id, g.link, g.booking, l.kind, guest_state(g, market_now()) as state, g.came_at,
            g.seen_at, g.ended_at, a.identification, a.organisation, a.by_name, a.at as let_in_at
        from guest g
        join guest_link l on l.id = g.link
        left join guest_admission a on a.guest = g.id
        """

    package static func find(_ id: GuestID) -> Query {
        "\(columns) where g.id = \(id)"
    }

    /// In the order in which they came.
    package static func all(of booking: BookingID) -> Query {
        "\(columns) where g.booking = \(booking) order by g.came_at, g.id"
    }

    /// By a side of the visit whose booking is locked.
    package static func letIn(_ id: GuestID, _ identification: Identification) -> Query {
        """
        select let_guest_in(\(id), \(id.description)::text, \(identification.rawValue)::text)
        """
    }

    /// No row where it had ended before.
    package static func putOut(_ id: GuestID) -> Query {
        """
        update guest set ended_at = market_now(), ending = 'put_out'
        where id = \(id) and ended_at is null returning id
        """
    }
}

/// What the holder of a guest's link may know of the visit.
package struct SeenGuestLink: Sendable {
    package let id: GuestLinkID
    package let booking: BookingID
    package let kind: GuestKind
    package let language: String
    package let standing: GuestLinkStanding
    package let opens: Instant
    package let planned: TimeSlot
    package let zone: String
    /// The organisation that invites.
    package let host: String
    /// Whom to call when the video does not work; nil where neither side has a number.
    package let telephone: String?

    package init(row: Row) throws {
        id = try row.decode("link")
        booking = try row.decode("booking")
        guard let kind = GuestKind(rawValue: try row.decode("kind")),
            let standing = GuestLinkStanding(rawValue: try row.decode("standing"))
        else { throw CellError.malformed("a guest link's kind or standing") }
        (self.kind, self.standing) = (kind, standing)
        language = try row.decode("language")
        opens = try row.decode("opens")
        planned = try TimeSlot(start: row.decode("starts"), end: row.decode("ends"))
        zone = try row.decode("zone")
        host = try row.decode("host")
        telephone = try row.decode("telephone")
    }

    package static func find(_ digest: [UInt8]) -> Query {
        "select * from guest_link_seen(\(digest))"
    }
}

/// Where a guest stands, as its own browser asks.
package struct GuestAtDoor: Hashable, Sendable {
    /// In what was asked, from nought.
    package let place: Int
    package let id: GuestID
    package let link: GuestLinkID
    package let state: GuestState
    package let cameAt: Instant
    package let letInAt: Instant?
    package let identification: Identification?
    package let byName: String?
    /// How many others came by the same link, in other places.
    package let others: Int64
    /// When it was asked.
    package let now: Instant

    package init(row: Row) throws {
        place = Int(try row["place", Int64.self]) - 1
        id = try row.decode("guest")
        link = try row.decode("link")
        guard let state = GuestState(rawValue: try row.decode("state")) else {
            throw CellError.malformed("a guest's state")
        }
        self.state = state
        cameAt = try row.decode("came")
        letInAt = try row.decode("let_in")
        identification = try row["identification", String?.self]
            .flatMap(Identification.init(rawValue:))
        byName = try row.decode("by_name")
        others = try row.decode("others")
        now = try row.decode("now")
    }

    /// Returns `guest`.
    package static func come(by link: [UInt8], as guest: GuestID, _ secret: [UInt8]) -> Query {
        "select guest_comes(\(link), \(guest), \(secret)) as guest"
    }

    /// A row for each secret that a guest has. To ask is a sign of life.
    package static func states(of secrets: [[UInt8]]) -> Query {
        "select * from guest_states(\(secrets))"
    }

    package static func leave(_ secret: [UInt8]) -> Query {
        "select guest_leaves(\(secret))"
    }
}

/// Somebody who is in the room of a visit.
package struct PersonInRoom: Hashable, Sendable {
    /// Nil: a guest.
    package let side: Side?
    /// The name that the room shows; of a guest its kind.
    package let label: String
    /// The person's organisation; nil for a guest.
    package let host: String?
    package let since: Instant?
    /// Of a guest: how it was identified, by whom, of which organisation.
    package let identification: Identification?
    package let byName: String?
    package let byHost: String?

    package init(row: Row) throws {
        side = Side(rawValue: try row.decode("side"))
        label = try row.decode("label")
        host = try row.decode("host")
        since = try row.decode("since")
        identification = try row["identification", String?.self]
            .flatMap(Identification.init(rawValue:))
        byName = try row.decode("by_name")
        byHost = try row.decode("by_host")
    }

    /// As one of the visit's sides.
    package static func all(in booking: BookingID) -> Query {
        "select * from people_in_visit(\(booking))"
    }

    /// As a guest who is in.
    package static func all(with guest: [UInt8]) -> Query {
        "select * from people_with_guest(\(guest))"
    }
}
