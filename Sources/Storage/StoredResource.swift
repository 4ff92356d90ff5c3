import Billing
import MoneyAndTime
import Postgres
import Scheduling
import StrictJSON

/// A row of `resource`: a room or staff of an organisation's, which its visits take.
package struct StoredResource: Sendable {
    package enum Kind: String, Hashable, Sendable, CaseIterable {
        case room, staff
    }

    package let id: ResourceID
    package let unit: UnitID
    package let kind: Kind
    /// Of staff what they do, such as "Nurse, reception 2".
    package let name: String
    /// Nil is always.
    package let opening: OpeningHours?
    /// What a minute of it costs its organisation; nil is not known.
    package let minuteCost: UnitPrice?
    /// What is not stays where it is booked, and is not taken by others.
    package let isActive: Bool
    package let revision: Int64

    package init(
        id: ResourceID, unit: UnitID, kind: Kind, name: String, opening: OpeningHours?,
        minuteCost: UnitPrice?, isActive: Bool = true, revision: Int64 = 1
    ) {
        self.id = id
        self.unit = unit
        self.kind = kind
        self.name = name
        self.opening = opening
        self.minuteCost = minuteCost
        self.isActive = isActive
        self.revision = revision
    }

    package init(row: Row) throws {
        id = try row.decode("id")
        unit = try row.decode("unit")
        guard let kind = Kind(rawValue: try row.decode("kind")) else {
            throw CellError.malformed("a resource's kind")
        }
        self.kind = kind
        name = try row.decode("name")
        opening = try row["opening", [Int64]?.self].map { try OpeningHours(minutes: $0) }
        minuteCost = try row["minute_cost", Int64?.self].map {
            try UnitPrice(tenThousandths: $0)
        }
        isActive = try row.decode("active")
        revision = try row.decode("revision")
    }

    private static let columns: Query = """
        select id, unit, kind, name, opening::int8[] as opening, minute_cost, active, revision
        from resource
        """

    package static func find(_ id: ResourceID) -> Query {
        "\(columns) where id = \(id)"
    }

    package static func page(
        unit: UnitID?, kind: Kind?, after: ResourceID?, limit: Int
    ) -> Query {
        """
        \(columns) where (\(unit)::uuid is null or unit = \(unit)::uuid)
            and (\(kind?.rawValue)::text is null or kind = \(kind?.rawValue)::text)
            and (\(after)::uuid is null or id > \(after)::uuid)
        order by id limit \(limit)
        """
    }

    package func insert(for organisation: OrganisationID) -> Query {
        """
        insert into resource (id, organisation, unit, kind, name, opening, minute_cost)
        values (\(id), \(organisation), \(unit), \(kind.rawValue), \(name),
            \(opening?.minutes)::int[], \(minuteCost?.tenThousandths))
        """
    }

    /// Nothing is returned when the revision is another by now. It stays in its unit, and a room
    /// stays a room.
    package func update() -> Query {
        """
        update resource set name = \(name), opening = \(opening?.minutes)::int[],
            minute_cost = \(minuteCost?.tenThousandths), active = \(isActive),
            revision = revision + 1
        where id = \(id) and revision = \(revision) returning revision
        """
    }
}

extension StoredResource {
    /// As a booking names what it takes.
    package struct Named: Hashable, Sendable {
        package let id: ResourceID
        package let kind: Kind
        package let name: String

        package init(_ reader: JSONReader) throws {
            (id, kind, name) = try reader.object { fields in
                try (
                    fields.parsed("id") { try ResourceID(uuid: $0) },
                    fields.enumeration("kind"), fields.string("name", max: 200)
                )
            }
        }

        package init(row: Row) throws {
            id = try row.decode("id")
            guard let kind = Kind(rawValue: try row.decode("kind")) else {
                throw CellError.malformed("a resource's kind")
            }
            self.kind = kind
            name = try row.decode("name")
        }

        /// Of `{"resources": [...]}`.
        static func list(_ text: String) throws -> [Named] {
            try JSONReader(JSON.parse(text)).object { fields in
                try fields.array("resources", max: 100) { try Named($0) }
            }
        }
    }

    /// The booking takes these from now on, and no others.
    package static func choose(_ resources: [ResourceID], for booking: BookingID) -> Query {
        "select choose_resources(\(booking), \(resources))"
    }

    package static func close(
        _ resource: ResourceID, _ slot: TimeSlot, as id: ResourceClosureID, reason: String
    ) -> Query {
        """
        select close_resource(\(id), \(resource), tstzrange(\(slot.start), \(slot.end)),
            \(reason))
        """
    }

    package static func reopen(_ resource: ResourceID, _ closure: ResourceClosureID) -> Query {
        "select reopen_resource(\(resource), \(closure))"
    }
}

/// What a calendar shows of a resource.
package enum StoredResourceTime {
    /// A stretch in which it is not to be had.
    package struct Closure: Sendable {
        package let id: ResourceClosureID
        package let slot: TimeSlot
        package let reason: String

        package init(id: ResourceClosureID, slot: TimeSlot, reason: String) {
            self.id = id
            self.slot = slot
            self.reason = reason
        }

        package init(row: Row) throws {
            id = try row.decode("id")
            slot = try TimeSlot(start: row.decode("starts"), end: row.decode("ends"))
            reason = try row.decode("reason")
        }
    }

    /// One that stands.
    package static func closure(_ id: ResourceClosureID) -> Query {
        """
        select id, lower(during) as starts, upper(during) as ends, reason from resource_time
        where id = \(id) and live and booking is null
        """
    }

    /// Those that overlap a stretch of time, in order.
    package static func closures(of resource: ResourceID, in slot: TimeSlot) -> Query {
        """
        select id, lower(during) as starts, upper(during) as ends, reason from resource_time
        where resource = \(resource) and live and booking is null
            and during && tstzrange(\(slot.start), \(slot.end))
        order by lower(during)
        """
    }

    /// A block of the organisation's whose contract names it, in words only: it takes nothing.
    package struct NamedBlock: Sendable {
        package let id: BlockID
        package let slot: TimeSlot

        package init(row: Row) throws {
            id = try row.decode("id")
            slot = try TimeSlot(start: row.decode("starts"), end: row.decode("ends"))
        }
    }

    /// Those that overlap a stretch of time, in order.
    package static func blocks(naming name: String, in slot: TimeSlot) -> Query {
        """
        select id, lower(during) as starts, upper(during) as ends from block
        where buyer = current_organisation() and room = \(name) and state <> 'withdrawn'
            and during && tstzrange(\(slot.start), \(slot.end))
        order by lower(during), id
        """
    }

    /// The bookings that take it in a stretch of time, in order. A hold that has run out by `now`
    /// takes nothing.
    package static func bookings(
        of resource: ResourceID, in slot: TimeSlot, now: Instant
    ) -> Query {
        """
        select \(StoredBooking.names) from booking
        where id in (select t.booking from resource_time t
            where t.resource = \(resource) and t.live
                and t.during && tstzrange(\(slot.start), \(slot.end)))
            and (state <> 'held' or hold_expires_at > \(now))
        order by lower(planned), id
        """
    }
}

/// What a visit took of its buyer's own, for what that cost.
package struct StoredOwnTime: Sendable {
    package let resource: StoredResource.Named
    package let time: OwnTime

    /// Those of a visit whose cost a minute was known, staff first.
    package static func all(of booking: BookingID) -> Query {
        """
        select r.id, r.kind, r.name, t.minute_cost, count(*) over (partition by r.kind) as alike,
            extract(epoch from upper(t.during) - lower(t.during))::bigint as reserved,
            (select count(*) from resource_time o where o.resource = t.resource
                and o.occasion = t.occasion and o.during = t.during and o.live) as visits,
            case when r.kind = 'staff' then m.buyer_seconds end as attended
        from resource_time t join resource r on r.id = t.resource
        left join visit_minutes m on m.booking = t.booking
        where t.booking = \(booking) and t.live and t.minute_cost is not null
        order by r.kind desc, r.name, r.id
        """
    }

    package init(row: Row) throws {
        resource = try StoredResource.Named(row: row)
        time = try OwnTime(
            reserved: row.decode("reserved"), attended: row["attended", Int64?.self],
            alike: row.decode("alike"), visits: row.decode("visits"),
            minuteCost: UnitPrice(tenThousandths: row.decode("minute_cost")))
    }
}

/// What `verify` reads of resources: every query is empty when all is in order.
package enum ResourceRecords {
    /// What bookings take of them otherwise than their own time says.
    package static let misplaced: Query = """
        select t.resource as id from resource_time t left join booking b on b.id = t.booking
        where t.booking is not null and (b.buyer <> t.organisation or b.planned <> t.during
            or occasion(b) <> t.occasion
            or t.live <> (b.state in ('held', 'booked', 'closed')))
        union all
        select t.resource from resource_time t join resource r on r.id = t.resource
        where r.organisation <> t.organisation
        order by id
        """

    /// Those that are taken twice at a time, or while they are closed.
    package static let takenTwice: Query = """
        select distinct one.resource as id from resource_time one
        join resource_time other on other.resource = one.resource and other.id > one.id
            and other.live and other.during && one.during and other.occasion <> one.occasion
        where one.live order by one.resource
        """
}
