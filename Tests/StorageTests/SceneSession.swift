import MoneyAndTime
import Postgres
import Scheduling
import TestMarket

extension Scene {
    /// A session of a specialist's in which some have places, and some are offered one.
    struct Session {
        struct Seat {
            let booking: BookingID
            let place: Int64
            /// Under the scene's contract, and not under another buyer's.
            let isOurs: Bool
            let quote: Int64
            /// Nil when it is booked.
            let holdExpiresAt: Instant?

            func isOverdue(at now: Instant) -> Bool {
                holdExpiresAt.map { $0 <= now } ?? false
            }
        }

        let id: GroupSessionID
        let reservation: ReservationID
        let window: WindowID
        let planned: TimeSlot
        let occupied: TimeSlot
        let places: Int64
        let named: Set<ContractID>?
        let bookUntil: Instant
        let state: GroupSession.State
        let period: String
        var seats: [Seat]

        var minutes: Int64 { planned.seconds / 60 }
        var isOpen: Bool { state == .open }
        var ours: [Seat] { seats.filter(\.isOurs) }

        /// As the rule sees it.
        var session: GroupSession {
            GroupSession(
                during: planned, places: places, taken: Int64(seats.count),
                bookUntil: bookUntil, state: state)
        }
    }

    var sessions: [Session] { people.flatMap(\.sessions) }

    /// What overdue offers of places in our name would give back, one by one.
    func overdueSeats(in period: String) -> [ReservedRange] {
        sessions.filter { $0.period == period }.flatMap { session in
            let overdue = session.ours.filter { $0.isOverdue(at: now) }
            let stays = session.ours.filter { !$0.isOverdue(at: now) }.map(\.quote).max() ?? 0
            let gone = overdue.map(\.quote).max() ?? 0
            return overdue.enumerated().map { index, seat in
                ReservedRange(
                    occupied: session.occupied, holdExpiresAt: seat.holdExpiresAt,
                    givesBack: PeriodShare(
                        quote: Money(minorUnits: index == 0 ? max(0, gone - stays) : 0),
                        minutes: session.minutes))
            }
        }
    }

    /// The scene after the overdue offers of some sessions are tidied away.
    func tidied(_ isMeant: (Session) -> Bool = { _ in true }) -> Scene {
        var scene = self
        for person in people.indices {
            for index in people[person].sessions.indices
            where isMeant(people[person].sessions[index]) {
                scene.people[person].sessions[index].seats.removeAll { $0.isOverdue(at: now) }
            }
        }
        return scene
    }
}

// MARK: - From a seed

extension Scene {
    /// A service that is sold in sessions, in most versions or some, and sessions that are open or
    /// were withdrawn, of what that service is or of something else.
    mutating func addSessions(_ random: inout Seeded, many: Bool) throws {
        for index in versions.indices where random.chance(many ? 95 : 30) {
            let shortest = random.one(of: [20, 30] as [Int64])
            versions[index].services.append(
                SoldKind(
                    code: "group",
                    lengths: PlannedLengths(
                        shortestMinutes: shortest,
                        longestMinutes: shortest + 10 * random.among(0...2), stepMinutes: 10),
                    centsPerMinute: random.among(50...200),
                    required: random.chance(50) ? [] : ["authorisation_reference"],
                    capacity: random.among(3...6)))
        }
        for index in people.indices {
            if many { people[index].taken = Array(people[index].taken.prefix(3)) }
            for _ in 0..<(many ? random.among(4...10) : random.chance(40) ? 1 : 0) {
                guard let session = try session(&random, of: people[index]) else { continue }
                people[index].sessions.append(session)
            }
        }
    }

    /// Nil when the time is not free.
    private func session(_ random: inout Seeded, of person: Person) throws -> Session? {
        func newID<Tag>(_: Tag.Type = Tag.self) -> ID<Tag> {
            ID(at: Instant(microseconds: 0), using: &random)
        }
        guard !person.windows.isEmpty else { return nil }
        let window = random.one(of: person.windows)
        let start = try window.offered.slot.start.adding(seconds: 300 * random.among(0...60))
        let lengths = versions.filter { $0.span.contains(start) }.flatMap(\.services)
            .filter { $0.capacity != nil }.flatMap(\.minutes)
        let minutes =
            random.chance(90) && !lengths.isEmpty
            ? random.one(of: lengths) : random.among(10...60)
        let planned = try TimeSlot(start: start, end: start.adding(seconds: 60 * minutes))
        let occupied = try TimeSlot(
            start: start.adding(seconds: -60 * window.offered.terms.bufferBeforeMinutes),
            end: planned.end.adding(seconds: 60 * window.offered.terms.bufferAfterMinutes))
        guard window.offered.slot.contains(occupied),
            !(person.taken.map(\.occupied) + person.sessions.map(\.occupied)).contains(where: {
                $0.overlaps(occupied)
            })
        else { return nil }
        let isOpen = !random.chance(15)
        let places = random.among(1...4)
        let other: ContractID = newID()
        let until =
            try random.chance(60)
            ? start
            : random.chance(50)
                ? now.adding(seconds: 60 * random.among(-1...1))
                : start.adding(seconds: -900 * random.among(0...40))
        let taken = isOpen ? random.among(0...places) : 0
        return Session(
            id: newID(), reservation: newID(), window: window.id, planned: planned,
            occupied: occupied, places: places,
            named: random.chance(85)
                ? nil : random.one(of: [[contract], [other], [contract, other]]),
            bookUntil: min(start, until), state: isOpen ? .open : .withdrawn,
            period: try period(of: start),
            seats: try (0..<taken).map { index in
                try Session.Seat(
                    booking: newID(), place: index + 1, isOurs: random.chance(50),
                    quote: random.among(1_000...9_000),
                    holdExpiresAt: random.chance(60)
                        ? nil : now.adding(seconds: 60 * random.among(-2...1)))
            })
    }
}

// MARK: - Where it is put

extension Stage {
    func rows(of session: Scene.Session, by person: SpecialistID, in scene: Scene) -> [Query] {
        let occupied: Query = "tstzrange(\(session.occupied.start), \(session.occupied.end))"
        let planned: Query = "tstzrange(\(session.planned.start), \(session.planned.end))"
        var queries: [Query] = [
            """
            insert into reservation (id, seller, specialist, occupied, availability_window,
                window_revision, live)
            values (\(session.reservation), \(seller.id), \(person), \(occupied),
                \(session.window), 1, \(session.isOpen))
            """,
            """
            insert into group_session (id, seller, specialist, reservation, service, during,
                places, contracts, book_until, state)
            values (\(session.id), \(seller.id), \(person), \(session.reservation), 'group',
                \(planned), \(session.places)::int,
                \(session.named.map { $0.sorted() })::uuid[], \(session.bookUntil),
                \(session.state.rawValue))
            """,
        ]
        for seat in session.seats {
            queries.append(
                """
                insert into booking (id, reservation, contract, version, service, seller, buyer,
                    specialist, planned, period, quote, state, hold_expires_at, group_session,
                    group_place)
                values (\(seat.booking), \(session.reservation),
                    \(seat.isOurs ? scene.contract : other.id), 1, 'group', \(seller.id),
                    \(seat.isOurs ? buyer.id : other.buyer.id), \(person), \(planned),
                    \(session.period), \(seat.quote),
                    \(seat.holdExpiresAt == nil ? "booked" : "held"), \(seat.holdExpiresAt),
                    \(session.id), \(seat.place)::int)
                """)
        }
        if session.isOpen { queries.append("select cut_start_times(\(person), \(occupied))") }
        return queries
    }
}
