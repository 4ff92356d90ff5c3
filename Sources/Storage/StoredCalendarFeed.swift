import MoneyAndTime
import Postgres

/// A row of `calendar_feed`, without the digest.
package struct StoredCalendarFeed: Sendable {
    /// Whose visits it holds.
    package enum Subject: Hashable, Sendable {
        case specialist(SpecialistID)
        /// What the unit's specialists sell, and what is bought for it.
        case unit(UnitID)
    }

    package let id: CalendarFeedID
    package let subject: Subject
    /// Of what is called by a name in several languages: `fi`, `sv` or `en`.
    package let language: String
    package let member: MemberID?
    package let createdAt: Instant
    package let lastUsedAt: Instant?
    package let revokedAt: Instant?
    package let revision: Int64

    package init(
        id: CalendarFeedID, subject: Subject, language: String, member: MemberID?,
        createdAt: Instant
    ) {
        self.id = id
        self.subject = subject
        self.language = language
        self.member = member
        self.createdAt = createdAt
        lastUsedAt = nil
        revokedAt = nil
        revision = 1
    }

    package init(row: Row) throws {
        id = try row.decode("id")
        subject = try Self.subject(row)
        language = try row.decode("language")
        member = try row.decode("member")
        createdAt = try row.decode("created_at")
        lastUsedAt = try row.decode("last_used_at")
        revokedAt = try row.decode("revoked_at")
        revision = try row.decode("revision")
    }

    private static func subject(_ row: Row) throws -> Subject {
        if let specialist = try row["specialist", SpecialistID?.self] {
            return .specialist(specialist)
        }
        return .unit(try row.decode("unit"))
    }

    private static let columns: Query = """
        id, specialist, unit, language, member, created_at, last_used_at, revoked_at, revision
        """

    package static func find(_ id: CalendarFeedID) -> Query {
        "select \(columns) from calendar_feed where id = \(id)"
    }

    /// Of one specialist's alone, where one is named.
    package static func page(
        of specialist: SpecialistID?, after: CalendarFeedID?, limit: Int
    ) -> Query {
        """
        select \(columns) from calendar_feed
        where (\(after)::uuid is null or id > \(after)::uuid)
          and (\(specialist)::uuid is null or specialist = \(specialist)::uuid)
        order by id limit \(limit)
        """
    }

    package func insert(_ digest: [UInt8], for organisation: OrganisationID) -> Query {
        var (specialist, unit): (SpecialistID?, UnitID?) = (nil, nil)
        switch subject {
        case .specialist(let id): specialist = id
        case .unit(let id): unit = id
        }
        return """
            insert into calendar_feed (id, organisation, specialist, unit, language, digest, member,
                created_at)
            values (\(id), \(organisation), \(specialist), \(unit), \(language), \(digest),
                \(member), \(createdAt))
            """
    }

    /// Nothing is returned when it is revoked already.
    package static func revoke(_ id: CalendarFeedID) -> Query {
        """
        update calendar_feed set revoked_at = market_now(), revision = revision + 1
        where id = \(id) and revoked_at is null returning \(columns)
        """
    }

    /// Which specialist of its organisation a member is: `specialist`, null for most.
    package static func specialist(of member: MemberID?) -> Query {
        "select specialist from member where id = \(member)"
    }
}

/// A feed that somebody reads now, by the secret in its address.
package struct OpenCalendarFeed: Sendable {
    package let id: CalendarFeedID
    package let organisation: OrganisationID
    package let subject: StoredCalendarFeed.Subject
    package let language: String

    package init(row: Row) throws {
        id = try row.decode("id")
        organisation = try row.decode("organisation")
        language = try row.decode("language")
        if let specialist = try row["specialist", SpecialistID?.self] {
            subject = .specialist(specialist)
        } else {
            subject = .unit(try row.decode("unit"))
        }
    }

    /// One row, or none: unknown and revoked alike.
    package static func open(_ digest: [UInt8]) -> Query {
        "select id, organisation, specialist, unit, language from open_calendar_feed(\(digest))"
    }

    /// Acts as the feed's organisation for this transaction; no credential.
    package var enter: Query {
        """
        select set_config('app.organisation', \(organisation.uuidString), true),
            set_config('app.operation', 'calendar_feed', true), market_now() as now
        """
    }

    /// Its name: the specialist's label, or the unit's name.
    package var name: Query {
        switch subject {
        case .specialist(let id): "select label as name from specialist where id = \(id)"
        case .unit(let id): "select name from unit where id = \(id)"
        }
    }

    /// The visits in it that are planned in this time, by their starts; bookings as
    /// `StoredBooking` reads them. What was bought for no unit is in the feed of each.
    package func bookings(in slot: TimeSlot, limit: Int) -> Query {
        // no visit lasts for two days: what has an index is when it starts
        let during: Query = """
            planned && tstzrange(\(slot.start), \(slot.end)) and lower(planned) < \(slot.end)
            and lower(planned) > \(slot.start) - interval '2 days'
            """
        let sold: Query
        let bought: Query
        switch subject {
        case .specialist(let id):
            sold = "select \(id) as id"
            bought = "false"
        case .unit(let id):
            sold = "select p.id from specialist p where p.unit = \(id)"
            bought = """
                booking.buyer = \(organisation)
                and (booking.buyer_unit = \(id) or booking.buyer_unit is null)
                and \(during) and booking.state in ('booked', 'closed', 'cancelled')
                """
        }
        return """
            select \(StoredBooking.names) from booking
            where id in (
                select b.id from (\(sold)) s join reservation r on r.specialist = s.id
                    join booking b on b.reservation = r.id
                where r.live and r.occupied && tstzrange(\(slot.start), \(slot.end)) and \(during)
                  and b.state in ('booked', 'closed')
                union all
                select b.id from (\(sold)) s join booking b on b.specialist = s.id
                where b.state = 'cancelled' and \(during)
                union all
                select booking.id from booking where \(bought))
            order by lower(planned), id limit \(limit)
            """
    }
}

/// What calendars are told of a visit besides its time: a row of `visit_places`.
package struct VisitPlace: Sendable {
    package struct Party: Sendable {
        package let organisation: OrganisationID
        package let name: String
        package let email: String
        /// The unit of the specialist, or that for which it was bought.
        package let unit: String?
    }

    package let booking: BookingID
    package let seller: Party
    package let buyer: Party

    package init(row: Row) throws {
        booking = try row.decode("booking")
        seller = Party(
            organisation: try row.decode("seller"), name: try row.decode("seller_name"),
            email: try row.decode("seller_email"), unit: try row.decode("seller_unit"))
        buyer = Party(
            organisation: try row.decode("buyer"), name: try row.decode("buyer_name"),
            email: try row.decode("buyer_email"), unit: try row.decode("buyer_unit"))
    }

    package static func all(of bookings: [BookingID]) -> Query {
        "select * from visit_places(\(bookings))"
    }
}

/// What was done to a booking without its handshake, as it was told at the time.
package struct BookingChange: Sendable {
    package let booking: BookingID
    package let kind: String
    package let at: Instant

    package init(row: Row) throws {
        booking = try row.decode("booking")
        kind = try row.decode("kind")
        at = try row.decode("recorded_at")
    }

    /// In the order in which they were done.
    package static func all(of bookings: [BookingID]) -> Query {
        """
        select subject as booking, kind, recorded_at from event
        where subject_kind = 'booking' and subject = any (\(bookings))
          and kind in ('booking.substituted', 'booking.cancelled')
        order by recorded_at, revision
        """
    }
}
