import Contracts
import MoneyAndTime
import Postgres
import Scheduling
import Storage
import StrictJSON

// Reading bookings; confirming and releasing what is held.

extension Market {
    package func listBookings(
        _ request: Request, state: BookingLife.Name?, from: Instant?, until: Instant?,
        series: SeriesID? = nil, page: Page<BookingID>
    ) async throws -> Answer {
        try await view(request) { transaction, caller in
            let rows = try await transaction.query(
                StoredBooking.page(
                    state: state, from: from, until: until, series: series,
                    after: page.after, limit: page.limit + 1))
            return try .page(
                rows.map(StoredBooking.init(row:)), limit: page.limit,
                cursor: { $0.id.description },
                item: { BookingSheet($0, for: caller.organisation).json })
        }
    }

    package func booking(_ request: Request, _ id: BookingID) async throws -> Answer {
        try await view(request) { transaction, caller in
            let rows = try await transaction.query(StoredBooking.find(id))
            guard let row = try rows.atMostOne() else { throw Refusal(.notFound) }
            return try BookingSheet(StoredBooking(row: row), for: caller.organisation).answer
        }
    }

    /// Held becomes booked, if the hold has not run out and the contract still opens booking.
    package func confirmBooking(_ request: Request, _ id: BookingID) async throws -> Answer {
        try await change(request) { transaction, caller in
            let booking = try await lock(id, in: transaction)
            guard booking.buyer == caller.organisation else { throw Refusal(.notYourSide) }
            let contract = try await StoredContract(
                row: transaction.query(StoredContract.share(booking.contract)).only())
            try contract.requireBooking(from: booking.planned.start)
            _ = try applying(.confirm, to: booking, now: await transaction.now())
            try await transaction.query(StoredBooking.move(id, to: .booked))
            try await transaction.query(StoredBooking.openHandshake(of: id))
            return try await told(
                "booking.booked", of: id, for: caller.organisation, in: transaction
            )
            .answer
        }
    }

    /// A hold is given back before it runs out.
    package func releaseBooking(_ request: Request, _ id: BookingID) async throws -> Answer {
        try await change(request) { transaction, caller in
            let booking = try await lock(id, in: transaction)
            guard booking.buyer == caller.organisation else { throw Refusal(.notYourSide) }
            _ = try applying(.release, to: booking, now: await transaction.now())
            try await transaction.query(StoredBooking.move(id, to: .released))
            try await transaction.query(StoredBooking.freeReservation(of: id))
            return try await told(
                "booking.released", of: id, for: caller.organisation, in: transaction
            )
            .answer
        }
    }

    // MARK: What every change of a booking does

    /// Locks the budget counter, then the booking: the order of every path.
    func lock(_ id: BookingID, in transaction: Transaction) async throws -> StoredBooking {
        try await transaction.query(BudgetCounter.lock(of: id))
        guard let row = try await transaction.query(StoredBooking.lock(id)).atMostOne() else {
            throw Refusal(.notFound)
        }
        return try StoredBooking(row: row)
    }

    /// The rule's answer, or its refusal as the market's own.
    func applying(
        _ message: BookingLife.Message, to booking: StoredBooking, now: Instant
    ) throws -> BookingLife.Step {
        do {
            return try booking.life.apply(message, now: now)
        } catch let refusal as BookingLife.Refusal {
            throw Refusal(
                RefusalCode(rawValue: refusal.code) ?? .illegalTransition,
                figures: ["state": JSON(booking.state.rawValue)])
        }
    }

    /// Tells both parties, and returns the booking as it is now.
    func told(
        _ kind: String, of id: BookingID, for organisation: OrganisationID,
        facts: JSON = .object([:]), in transaction: Transaction
    ) async throws -> BookingSheet {
        let booking = try StoredBooking(row: await transaction.query(StoredBooking.find(id)).only())
        let other = booking.seller == organisation ? booking.buyer : booking.seller
        try await transaction.record(
            .init(
                .booking, id, kind, revision: booking.revision, counterparty: other, facts: facts),
            for: organisation)
        return BookingSheet(booking, for: organisation)
    }
}

extension StoredContract {
    /// As `book` decides, for a start that it has found before.
    func requireBooking(from start: Instant) throws {
        guard state != .suspended else { throw Refusal(.contractSuspended) }
        guard state.opensBooking else { throw Refusal(.contractNotActive) }
        if let notice, notice.endsAt <= start {
            throw Refusal(.afterContractEnd, figures: ["at": JSON(notice.endsAt.rfc3339)])
        }
    }
}

extension Transaction {
    /// The market's clock, to be read after the locks.
    func now() async throws -> Instant {
        try await query("select market_now() as now").only()["now", Instant.self]
    }
}
