import Documents
import Logging
import MoneyAndTime
import Outgoing
import Postgres
import Scheduling
import SignIn
import Storage
import StrictJSON

// The calendar that a specialist keeps elsewhere, Outlook or Google: what is busy there is taken
// off sale here, and comes on again when it is free. What is booked stays, and is listed.

extension Market {
    /// How long a calendar is believed; after that it is called stale.
    package static let busyStaleSeconds: Int64 = 6 * 3_600
    /// How often it is asked for.
    package static let busyPauseSeconds: Int64 = 900

    package enum BusySource: Sendable {
        /// Asked again and again.
        case address(String)
        /// Read once.
        case file([UInt8])
    }

    /// A file is read at once; an address is asked within seconds.
    package func setBusyCalendar(
        _ request: Request, of specialist: SpecialistID, _ source: BusySource
    ) async throws -> Answer {
        try await change(request) { transaction, caller in
            try await requireOwn(specialist, in: transaction)
            var (sealed, host, due): ([UInt8]?, String?, Instant?) = (nil, nil, nil)
            if case .address(let text) = source {
                let address = try feed(text)
                var random = SystemRandomNumberGenerator()
                sealed = try seals.seal(
                    Array(address.text.utf8), for: .calendar, of: specialist, using: &random)
                (host, due) = (address.host, caller.now)
            }
            let revision = try await transaction.query(
                StoredBusyCalendar.set(
                    specialist, sealedAddress: sealed, host: host, dueAt: due,
                    for: caller.organisation)
            ).only()["revision", Int64.self]
            if case .file(let bytes) = source {
                do {
                    try await take(
                        bytes, of: specialist, now: caller.now, for: caller.organisation,
                        in: transaction)
                } catch is BusyCalendar.Problem {
                    throw InvalidInput(
                        pointer: "/calendar", code: "no_calendar",
                        message: "must be a calendar as RFC 5545 has it")
                }
            }
            try await transaction.note(
                .init(
                    .specialist, specialist, "specialist.busy_calendar_set", revision: revision),
                by: caller)
            return try await busySheet(specialist, caller, in: transaction)
        }
    }

    package func busyCalendar(
        _ request: Request, of specialist: SpecialistID
    ) async throws -> Answer {
        try await view(request) { transaction, caller in
            try await requireOwn(specialist, in: transaction)
            return try await busySheet(specialist, caller, in: transaction)
        }
    }

    /// What was busy in it is on sale again.
    package func removeBusyCalendar(
        _ request: Request, of specialist: SpecialistID
    ) async throws -> Answer {
        try await change(request) { transaction, caller in
            try await requireOwn(specialist, in: transaction)
            let before = try await busySheet(specialist, caller, in: transaction)
            guard
                let row = try await transaction.query(StoredBusyCalendar.remove(specialist))
                    .atMostOne()
            else { throw Refusal(.notFound) }
            try await resell(
                specialist, now: caller.now, for: caller.organisation, in: transaction)
            try await transaction.note(
                .init(
                    .specialist, specialist, "specialist.busy_calendar_removed",
                    revision: row["revision", Int64.self]),
                by: caller)
            return before
        }
    }

    /// Reads the next calendar that is due; false where none is. One that cannot be read is noted
    /// and tried again: what was busy before stays busy.
    package func readNextBusyCalendar() async throws -> Bool {
        let row = try await asRefusals {
            try await database.write([
                StoredBusyCalendar.take(pauseSeconds: Self.busyPauseSeconds)
            ]).atMostOne()
        }
        guard let row else { return false }
        let specialist = try row["specialist", SpecialistID.self]
        let organisation = try row["organisation", OrganisationID.self]
        let revision = try row["revision", Int64.self]
        var problem: String?
        do {
            let sealed = try row["sealed_address", [UInt8].self]
            let opened = try seals.open(sealed, for: .calendar, of: specialist)
            let bytes = try await surroundings.http.get(
                String(decoding: opened, as: UTF8.self), accept: "text/calendar")
            try await asRefusals {
                try await database.transaction { transaction in
                    try await transaction.query(StoredBusyCalendar.enter(organisation))
                    let now = try await transaction.now()
                    // another one may have been set meanwhile
                    guard
                        let current = try await transaction.query(
                            StoredBusyCalendar.find(specialist, lock: true)
                        ).atMostOne(), try StoredBusyCalendar(row: current).revision == revision
                    else { return }
                    try await take(
                        bytes, of: specialist, now: now, for: organisation, in: transaction)
                }
            }
        } catch is SecretSeal.Broken {
            problem = "sealed_otherwise"
        } catch let failure as BoundedHTTP.Failure {
            problem = failure.word
        } catch is BusyCalendar.Problem {
            problem = "no_calendar"
        } catch let refusal as Refusal {
            problem = refusal.code.rawValue
        }
        if let problem {
            logger.warning(
                "a busy calendar could not be read",
                metadata: ["specialist": "\(specialist)", "problem": "\(problem)"])
            try await asRefusals {
                try await database.transaction { transaction in
                    try await transaction.query(StoredBusyCalendar.enter(organisation))
                    try await transaction.query(
                        StoredBusyCalendar.failed(
                            specialist, problem: problem, revision: revision))
                }
            }
        }
        return true
    }

    /// What a calendar says is busy, in the place of what it said before.
    private func take(
        _ bytes: [UInt8], of specialist: SpecialistID, now: Instant,
        for organisation: OrganisationID, in transaction: Transaction
    ) async throws {
        let zone = try await transaction.query(StoredSpecialist.zone(of: specialist)).only()[
            "time_zone", String.self]
        let ahead = try TimeSlot(
            start: now, end: now.adding(seconds: Int64(Self.expandedDays + 1) * 86_400))
        let calendar = try BusyCalendar(bytes, in: ahead, floating: WallClock(zone: zone))
        for query in StoredBusyCalendar.replace(
            specialist, with: calendar.busy, for: organisation)
        { try await transaction.query(query) }
        try await transaction.query(
            StoredBusyCalendar.wasRead(specialist, at: now, unread: calendar.unread))
        try await resell(specialist, now: now, for: organisation, in: transaction)
    }

    private func requireOwn(
        _ specialist: SpecialistID, in transaction: Transaction
    ) async throws {
        guard try await transaction.query(StoredSpecialist.find(specialist)).atMostOne() != nil
        else { throw Refusal(.notFound) }
    }

    private func busySheet(
        _ specialist: SpecialistID, _ caller: Caller, in transaction: Transaction
    ) async throws -> Answer {
        guard
            let row = try await transaction.query(StoredBusyCalendar.find(specialist))
                .atMostOne()
        else { throw Refusal(.notFound) }
        let stored = try StoredBusyCalendar(row: row)
        let busy = try await transaction.query(
            StoredBusyCalendar.stretches(of: specialist, after: caller.now)
        ).map { try TimeSlot(start: $0.decode("starts"), end: $0.decode("ends")) }
        var clashing: [StoredBooking] = []
        if let first = busy.first?.start, let last = busy.last?.end {
            clashing = try await transaction.query(
                StoredAbsence.bookings(
                    of: [specialist], in: TimeSlot(start: first, end: last), now: caller.now)
            ).map(StoredBooking.init(row:)).filter { booking in
                busy.contains { $0.overlaps(booking.planned) }
            }
        }
        let age = try stored.readAt.map { try caller.now.seconds(since: $0) }
        let waited = try caller.now.seconds(since: stored.setAt)
        return Answer([
            "specialist": JSON(specialist.description),
            "host": JSON(stored.host),
            "set_at": JSON(stored.setAt.rfc3339),
            "read_at": JSON(stored.readAt?.rfc3339),
            "stale": JSON(stored.host != nil && (age ?? waited) > Self.busyStaleSeconds),
            "problem": JSON(stored.problem),
            "busy_stretches": JSON(Int64(busy.count)),
            "unread_events": JSON(stored.unread),
            "bookings": .array(
                clashing.map { BookingSheet($0, for: caller.organisation).json }),
            "as_of": JSON(caller.now.rfc3339),
        ])
    }

    /// An address that may be asked: https, as those of sign-in providers, with a query.
    private func feed(_ text: String) throws -> (text: String, host: String) {
        var text = text
        if text.hasPrefix("webcal://") { text = "https" + text.dropFirst("webcal".count) }
        let parts = text.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        let query = parts.count > 1 ? parts[1] : ""
        let isQuery = query.utf8.allSatisfy {
            (0x21...0x7E).contains($0) && !"\"#<>\\^`{|}".utf8.contains($0)
        }
        guard text.utf8.count <= 2_000, isQuery,
            let address = try? WebAddress(
                String(parts[0]), allowingLoopback: surroundings.isDemo),
            let host = address.text.split(separator: "/").dropFirst().first
        else {
            throw InvalidInput(
                pointer: "/address", code: "pattern",
                message: "must be an address such as https://calendar.hospital.example/a.ics")
        }
        return (text, String(host))
    }
}

extension BoundedHTTP.Failure {
    /// What pages have words for.
    fileprivate var word: String {
        switch self {
        case .unreachable: "unreachable"
        case .status: "status"
        case .tooLarge: "too_large"
        case .inside: "inside"
        }
    }
}
