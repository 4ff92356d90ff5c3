import Contracts
import MoneyAndTime
import Organisations
import Postgres
import Scheduling
import Storage
import StrictJSON

// Waiting for time that is sold. What comes free is held for one after another; who is asked takes
// it by confirming the hold, or lets it go.

extension Market {
    /// The longest stretch that one can wait for: as far as a contract's horizon may reach.
    package static let longestWaitDays: Int64 = 400

    /// Puts the caller on the list, unless time that fits is free now.
    package func joinWaitingList(
        _ request: Request, _ details: StoredWaitingEntry.Details
    ) async throws -> Answer {
        guard details.wanted.seconds <= Self.longestWaitDays * 86_400 else {
            throw InvalidInput(
                pointer: "/until", code: "out_of_range",
                message: "must be at most \(Self.longestWaitDays) days after from")
        }
        return try await change(request) { transaction, caller in
            try await join(details, until: details.wanted.end, by: caller, in: transaction)
        }
    }

    /// Waits for a place in one session, as long as places in it are booked.
    package func waitForPlace(
        _ request: Request, in id: GroupSessionID, under contract: ContractID,
        _ handOver: HandOver
    ) async throws -> Answer {
        try await change(request) { transaction, caller in
            guard let row = try await transaction.query(StoredGroupSession.find(id)).atMostOne()
            else { throw Refusal(.notFound) }
            let session = try StoredGroupSession(row: row)
            // to whom it is not offered, it is not there
            guard session.offers.contains(where: { $0.contract == contract }) else {
                throw Refusal(.notFound)
            }
            guard try await session.session.isOpen(at: transaction.now()) else {
                throw Refusal(
                    .sessionClosed, figures: ["at": JSON(session.bookUntil.rfc3339)])
            }
            let details = StoredWaitingEntry.Details(
                contract: contract, service: session.service, specialist: nil,
                minutes: session.during.seconds / 60,
                wanted: try TimeSlot(
                    start: session.during.start, end: session.during.start.adding(seconds: 1)),
                groupSession: id, handOver: handOver)
            return try await join(
                details, until: session.bookUntil, by: caller, in: transaction)
        }
    }

    /// `until` is when nothing more can come.
    private func join(
        _ details: StoredWaitingEntry.Details, until end: Instant, by caller: Caller,
        in transaction: Transaction
    ) async throws -> Answer {
        let now = try await transaction.now()
        guard now < end else { throw Refusal(.startInThePast) }
        let kind = try await kind(of: details, for: caller, in: transaction)
        let free =
            try await kind.isInSessions
            ? firstPlace(details, now: now, in: transaction)
            : firstFree(details, now: now, in: transaction)
        if let free { throw Refusal(.timeAvailable, figures: free) }
        let contract = try await StoredContract(
            row: transaction.query(StoredContract.find(details.contract)).only())
        let id: WaitingEntryID = newID()
        for query in StoredWaitingEntry.insert(
            id, details, kind, until: end, seller: contract.seller, buyer: caller.organisation)
        {
            try await transaction.query(query, refusing: .uniqueViolation, as: .alreadyWaiting)
        }
        try await transaction.record(
            .init(.waitingEntry, id, "waiting.joined", revision: 1), by: caller)
        return try await waitingSheet(of: id, in: transaction)
    }

    package func listWaitingList(
        _ request: Request, state: StoredWaitingEntry.State?, page: Page<WaitingEntryID>
    ) async throws -> Answer {
        try await view(request) { transaction, _ in
            let entries = try await transaction.query(
                StoredWaitingEntry.page(state: state, after: page.after, limit: page.limit + 1)
            ).map(StoredWaitingEntry.init(row:))
            let held = try await bookings(of: entries, in: transaction)
            return Answer.page(
                entries, limit: page.limit, cursor: { $0.id.description },
                item: { $0.json(held) })
        }
    }

    package func waitingEntry(_ request: Request, _ id: WaitingEntryID) async throws -> Answer {
        try await view(request) { transaction, _ in
            try await waitingSheet(of: id, in: transaction)
        }
    }

    /// Gives the place up. What is offered is released first, so that the next can be asked.
    package func leaveWaitingList(
        _ request: Request, _ id: WaitingEntryID
    ) async throws -> Answer {
        try await change(request) { transaction, caller in
            guard try await transaction.query(StoredWaitingEntry.lock(id)).atMostOne() != nil
            else { throw Refusal(.notFound) }
            let revision = try await transaction.query(StoredWaitingEntry.end(id, as: .left))
                .only()["revision", Int64.self]
            try await transaction.record(
                .init(.waitingEntry, id, "waiting.left", revision: revision), by: caller)
            return try await waitingSheet(of: id, in: transaction)
        }
    }

    /// The last start that was waited for has come.
    func endWaiting(
        of id: WaitingEntryID, for organisation: OrganisationID, in transaction: Transaction
    ) async throws {
        let entry = try await StoredWaitingEntry(
            row: transaction.query(StoredWaitingEntry.lock(id)).only())
        guard entry.state == .waiting else { return }
        let revision = try await transaction.query(StoredWaitingEntry.end(id, as: .lapsed))
            .only()["revision", Int64.self]
        try await transaction.record(
            .init(.waitingEntry, id, "waiting.lapsed", revision: revision), for: organisation)
    }

    // MARK: What can be waited for

    /// Of which kind the service is, where the caller buys it in this length under a contract that
    /// is in force.
    private func kind(
        of details: StoredWaitingEntry.Details, for caller: Caller, in transaction: Transaction
    ) async throws -> StoredWaitingEntry.Kind {
        guard
            let contract = try await transaction.query(StoredContract.find(details.contract))
                .atMostOne().map(StoredContract.init(row:)),
            contract.buyer == caller.organisation
        else { throw Refusal(.notFound) }
        try contract.requireBooking(from: details.wanted.start)
        let services = try await transaction.query(StoredWaitingEntry.service(details))
        guard let first = services.first else { throw Refusal(.serviceNotInContract) }
        let fits = try services.contains { row in
            let shortest = Int64(try row["minimum_minutes", Int32.self])
            let longest = Int64(try row["maximum_minutes", Int32.self])
            let step = Int64(try row["step_minutes", Int32.self])
            return shortest <= details.minutes && details.minutes <= longest
                && (details.minutes - shortest) % step == 0
        }
        guard fits else { throw Refusal(.lengthNotAllowed) }
        let missing = details.handOver.missing(of: try first.decode("required"))
        guard missing.isEmpty else {
            throw Refusal(
                .handOverMissing, figures: ["missing": .array(missing.map { JSON("/\($0)") })])
        }
        return StoredWaitingEntry.Kind(
            specialty: try first.decode("specialty"),
            isInSessions: try first["capacity", Int32?.self] != nil)
    }

    /// What is free now, as the refusal tells it.
    private func firstFree(
        _ details: StoredWaitingEntry.Details, now: Instant, in transaction: Transaction
    ) async throws -> JSON? {
        var wish = FoundTime.Wish(
            from: max(details.wanted.start, now), until: details.wanted.end,
            minutes: details.minutes)
        wish.contract = details.contract
        wish.service = details.service
        wish.specialist = details.specialist
        wish.language = details.language
        wish.weekdays = details.weekdays
        wish.hours = details.hours
        let row = try await transaction.query(FoundTime.find(wish, after: nil, limit: 1))
            .atMostOne()
        return try row.map(FoundTime.init(row:)).map { free in
            [
                "starts": JSON(free.starts.rfc3339),
                "specialist": JSON(free.specialist.description),
            ]
        }
    }

    /// The same of a place in a session.
    private func firstPlace(
        _ details: StoredWaitingEntry.Details, now: Instant, in transaction: Transaction
    ) async throws -> JSON? {
        var wish = FoundSession.Wish(
            from: max(details.wanted.start, now), until: details.wanted.end)
        wish.contract = details.contract
        wish.service = details.service
        wish.specialist = details.specialist
        wish.language = details.language
        wish.weekdays = details.weekdays
        wish.hours = details.hours
        wish.minutes = details.minutes
        wish.session = details.groupSession
        let row = try await transaction.query(FoundSession.find(wish, after: nil, limit: 1))
            .atMostOne()
        return try row.map(FoundSession.init(row:)).map { free in
            [
                "starts": JSON(free.during.start.rfc3339),
                "specialist": JSON(free.specialist.description),
                "group_session": JSON(free.id.description),
            ]
        }
    }

    // MARK: As the caller sees it

    private func waitingSheet(
        of id: WaitingEntryID, in transaction: Transaction
    ) async throws -> Answer {
        guard let row = try await transaction.query(StoredWaitingEntry.find(id)).atMostOne()
        else { throw Refusal(.notFound) }
        let entry = try StoredWaitingEntry(row: row)
        let held = try await bookings(of: [entry], in: transaction)
        return Answer(entry.json(held), location: "/v1/waiting-list/\(id)")
    }

    private func bookings(
        of entries: [StoredWaitingEntry], in transaction: Transaction
    ) async throws -> [BookingID: StoredBooking] {
        let ids = entries.compactMap(\.booking)
        guard !ids.isEmpty else { return [:] }
        let rows = try await transaction.query(StoredBooking.find(ids))
        return try Dictionary(
            rows.map(StoredBooking.init(row:)).map { ($0.id, $0) }
        ) { first, _ in first }
    }
}

extension StoredWaitingEntry {
    fileprivate func json(_ held: [BookingID: StoredBooking]) -> JSON {
        [
            "id": JSON(id.description),
            "contract": JSON(details.contract.description),
            "seller": JSON(seller.description),
            "service": JSON(details.service),
            "specialist": JSON(details.specialist?.description),
            "minutes": JSON(details.minutes),
            "from": JSON(details.wanted.start.rfc3339),
            "until": JSON(details.wanted.end.rfc3339),
            "language": JSON(details.language),
            "weekdays": details.weekdays.isEmpty
                ? .null
                : .array(
                    details.weekdays.sorted { $0.rawValue < $1.rawValue }.map { JSON($0.word) }),
            "hours_from": JSON(details.hours?.from.description),
            "hours_until": JSON(details.hours?.until.description),
            "group_session": JSON(details.groupSession?.description),
            "patient_reference": JSON(details.handOver.patient?.text),
            "record_reference": JSON(details.handOver.record),
            "authorisation_reference": JSON(details.handOver.authorisation),
            "diary_reference": JSON(details.handOver.diary),
            "buyer_unit": JSON(details.handOver.unit?.description),
            "on_behalf_of": JSON(details.handOver.onBehalfOf?.description),
            "state": JSON(state.rawValue),
            "ahead": ahead.map { JSON($0) } ?? .null,
            "offer": booking.flatMap { held[$0] }.map(Self.offer) ?? .null,
            "created_at": JSON(createdAt.rfc3339),
            "revision": JSON(revision),
        ]
    }

    private static func offer(_ booking: StoredBooking) -> JSON {
        [
            "booking": JSON(booking.id.description),
            "starts": JSON(booking.planned.start.rfc3339),
            "ends": JSON(booking.planned.end.rfc3339),
            "specialist": JSON(booking.specialist.description),
            "specialist_label": JSON(booking.specialistLabel),
            "price": JSON(booking.quote.decimal),
            "currency": JSON(booking.quote.currency.rawValue),
            "reply_by": booking.state == .held
                ? JSON(booking.holdExpiresAt?.rfc3339) : .null,
        ]
    }
}
