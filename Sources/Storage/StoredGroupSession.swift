import MoneyAndTime
import Postgres
import Scheduling
import StrictJSON

/// A session in which several buyers have places, as the caller's organisation may see it.
package struct StoredGroupSession: Sendable {
    /// One of the caller's contracts that sells places of it.
    package struct Offer: Sendable {
        package let contract: ContractID
        /// Of the whole session, net of VAT.
        package let price: Money
    }

    package let id: GroupSessionID
    package let seller: OrganisationID
    package let specialist: SpecialistID
    /// What the seller says of the specialist.
    package let specialistLabel: String
    package let service: String
    package let during: TimeSlot
    package let places: Int64
    /// How many places are taken or held, by anyone.
    package let taken: Int64
    /// How many of them are the caller's.
    package let own: Int64
    /// Those that it was opened for; nil for all that sell it, and for its buyers.
    package let contracts: [ContractID]?
    package let bookUntil: Instant
    package let state: GroupSession.State
    package let revision: Int64
    /// Empty for the seller.
    package let offers: [Offer]

    package init(row: Row) throws {
        guard let state = GroupSession.State(rawValue: try row.decode("state")) else {
            throw CellError.malformed("a session's state")
        }
        id = try row.decode("id")
        seller = try row.decode("seller")
        specialist = try row.decode("specialist")
        specialistLabel = try row.decode("specialist_label")
        service = try row.decode("service")
        during = try TimeSlot(start: row.decode("starts"), end: row.decode("ends"))
        places = try row.decode("places")
        taken = try row.decode("taken")
        own = try row.decode("own")
        contracts = try row.decode("contracts")
        bookUntil = try row.decode("book_until")
        self.state = state
        revision = try row.decode("revision")
        let offered = try JSONReader(JSON.parse(row["offers", String.self]))
        offers = try offered.array(min: 0, max: 1_000) { reader in
            try reader.object { fields in
                try Offer(
                    contract: fields.parsed("contract") { try ContractID(uuid: $0) },
                    price: Money(minorUnits: fields.integer("price")))
            }
        }
    }

    /// As the rules of `Scheduling` see it.
    package var session: GroupSession {
        GroupSession(
            during: during, places: places, taken: taken, bookUntil: bookUntil, state: state)
    }

    private static let columns: Query = """
        select id, seller, specialist, specialist_label, service, starts, ends,
            places::bigint as places, taken::bigint as taken, own::bigint as own, contracts,
            book_until, state, revision, offers::text as offers
        """

    /// No row for whom it is not there.
    package static func find(_ id: GroupSessionID) -> Query {
        "\(columns) from sessions_seen(\(id), null, null, null, null, 1)"
    }

    /// Oldest first.
    package static func page(
        contract: ContractID?, from: Instant?, until: Instant?, after: GroupSessionID?, limit: Int
    ) -> Query {
        """
        \(columns) from sessions_seen(null, \(contract)::uuid, \(from)::timestamptz,
            \(until)::timestamptz, \(after)::uuid, \(limit)::int)
        """
    }

    /// Sessions of one's own specialists that touch a stretch and have not begun, in order.
    package static func touched(
        of specialists: [SpecialistID], in slot: TimeSlot, now: Instant
    ) -> Query {
        """
        \(columns) from sessions_seen(null, null, \(slot.start), \(slot.end), null, 1000)
        where specialist = any (\(specialists)) and state = 'open' and starts > \(now)
          and seller = current_organisation()
        order by starts, id
        """
    }

    /// The caller's bookings that have a place in it, or hold one, in order.
    package static func bookings(in id: GroupSessionID) -> Query {
        """
        select \(StoredBooking.names) from booking
        where group_session = \(id) and (state in ('booked', 'closed')
            or state = 'held' and hold_expires_at > market_now())
        order by group_place
        """
    }

    /// Locks the counters of all who have a place, then the seller's session and its bookings.
    package static func lock(_ id: GroupSessionID) -> Query { "select lock_session(\(id))" }

    /// Nobody has a place any more, and its time is on sale again; returns the revision.
    package static func end(_ id: GroupSessionID) -> Query {
        "select end_session(\(id)) as revision"
    }

    /// A colleague holds it instead; returns the revision.
    package static func substitute(
        _ id: GroupSessionID, by specialist: SpecialistID, reservation: ReservationID
    ) -> Query {
        "select substitute_session(\(id), \(specialist), \(reservation)) as revision"
    }

    /// Which part of its session a booking is: `places_before` and `places_in_all`.
    package static func share(of booking: BookingID) -> Query {
        """
        select places_before::bigint as places_before, places_in_all::bigint as places_in_all
        from session_share(\(booking))
        """
    }
}

/// The calls that open a session and take places in it.
package enum GroupSessionCall {
    /// Who is to have a place.
    package struct Patient: Sendable {
        package let booking: BookingID
        package let handOver: HandOver

        package init(booking: BookingID, handOver: HandOver) {
            self.booking = booking
            self.handOver = handOver
        }

        fileprivate func json(ordinal: Int) -> JSON {
            let members: [(String, JSON)] = [
                ("ordinal", JSON(ordinal)), ("booking", JSON(booking.uuidString)),
            ]
            return .object(JSONObject(members + handOver.members))
        }
    }

    package static func open(
        _ id: GroupSessionID, of specialist: SpecialistID, service: String, during: TimeSlot,
        places: Int64, contracts: [ContractID]?, bookUntil: Instant
    ) -> Query {
        """
        select open_session(\(id), \(specialist), \(service)::text,
            tstzrange(\(during.start), \(during.end)), \(Int32(clamping: places)),
            \(contracts)::uuid[], \(bookUntil))
        """
    }

    /// One row: `refusal` and `figures` of what is refused first, or nulls when all have a place.
    package static func book(
        _ patients: [Patient], in session: GroupSessionID, under contract: ContractID
    ) -> Query {
        let requests = JSON.array(patients.enumerated().map { $1.json(ordinal: $0) })
        return """
            select refusal, figures::text as figures
            from book_places(\(session), \(contract), \(requests.compactText)::jsonb)
            """
    }
}

/// What `verify` reads of group sessions: every query is empty when all is in order.
package enum GroupSessionRecords {
    /// Bookings that are not in the time and reservation of their session, or one too many there.
    package static let misplaced: Query = """
        select b.id from booking b join group_session g on g.id = b.group_session
        join reservation r on r.id = b.reservation
        where b.state in ('held', 'booked', 'closed')
          and (g.state <> 'open' or b.planned <> g.during or b.service <> g.service
            or b.specialist <> g.specialist or b.reservation <> g.reservation
            or b.group_place > g.places or not r.live)
        order by b.id
        """

    /// Sessions with more bookings than places, or that do not hold their time, or still do.
    package static let unreserved: Query = """
        select g.id from group_session g join reservation r on r.id = g.reservation
        where r.live <> (g.state = 'open') or not r.occupied @> g.during
          or r.specialist <> g.specialist
          or g.places < (select count(*) from booking b where b.group_session = g.id
              and b.state in ('held', 'booked', 'closed'))
        order by g.id
        """

    /// Charges whose share is not that of their place: the shares of a session come to one.
    package static let unshared: Query = """
        select c.id from charge c join booking b on b.id = c.booking
        left join lateral (
            select step -> 'figures' as said
            from jsonb_array_elements(
                convert_from(c.document, 'UTF8')::jsonb #> '{trace,steps}') step
            where step ->> 'code' = 'group_share') s on true
        cross join lateral (
            select count(distinct o.group_place) filter (where o.group_place < b.group_place)
                    as before,
                count(distinct o.group_place) as in_all
            from booking o where o.group_session = b.group_session and has_share(o)) t
        where b.group_session is not null and b.state = 'closed' and c.net <> 0
          and c.replaces is null
          and (s.said ->> 'places', s.said ->> 'before', s.said ->> 'all')
            is distinct from ('1', t.before::text, t.in_all::text)
        order by c.id
        """
}
