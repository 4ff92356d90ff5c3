import MoneyAndTime
import Postgres
import Scheduling
import Storage
import StrictJSON

// A stretch of one date taken off sale, and put on sale again. Patterns stay as they are, and so
// does what is booked.

extension Market {
    /// What a pause would do now: the stretches that come off sale, and what stays booked there,
    /// blocks of time among it.
    package func previewSalePause(
        _ request: Request, of specialist: SpecialistID, during: TimeSlot
    ) async throws -> Answer {
        try await view(request) { transaction, caller in
            try requirePossible(during, now: caller.now)
            _ = try await own(specialist, in: transaction)
            let removed = try await transaction.query(
                StoredCalendar.windows(of: [specialist], in: during)
            ).compactMap { row -> TimeSlot? in
                let slot = try StoredCalendar.Window(row: row).slot
                return try? TimeSlot(
                    start: max(slot.start, during.start, caller.now),
                    end: min(slot.end, during.end))
            }
            return Answer([
                "specialist": JSON(specialist.description),
                "from": JSON(during.start.rfc3339),
                "until": JSON(during.end.rfc3339),
                "removed": removed.json,
                "kept": try await kept(of: specialist, during, caller, in: transaction),
                "blocks": try await transaction.query(
                    StoredBlock.touched(of: [specialist], in: during, now: caller.now)
                ).map(StoredBlock.init(row:)).listed,
                "as_of": JSON(caller.now.rfc3339),
            ])
        }
    }

    /// Takes what is published of a specialist's in a stretch of time off sale, also what is
    /// published there later, until the pause is ended. What is booked stays, and is listed.
    package func pauseSale(
        _ request: Request, of specialist: SpecialistID, during: TimeSlot
    ) async throws -> Answer {
        try await change(request) { transaction, caller in
            try requirePossible(during, now: caller.now)
            _ = try await own(specialist, in: transaction)
            let id: SalePauseID = newID()
            try await transaction.query(
                StoredSalePause.insert(
                    id, of: specialist, during: during, for: caller.organisation))
            try await resell(
                specialist, now: caller.now, for: caller.organisation, in: transaction)
            return try await noted(id, "specialist.sale_paused", by: caller, in: transaction)
        }
    }

    /// What is published there is for sale again, as far as it is not over.
    package func endSalePause(_ request: Request, _ id: SalePauseID) async throws -> Answer {
        try await change(request) { transaction, caller in
            guard
                let row = try await transaction.query(StoredSalePause.find(id, lock: true))
                    .atMostOne()
            else { throw Refusal(.notFound) }
            let pause = try StoredSalePause(row: row)
            guard pause.endedAt == nil else { throw Refusal(.salePauseEnded) }
            try await transaction.query(StoredSalePause.end(id))
            try await resell(
                pause.specialist, now: caller.now, for: caller.organisation, in: transaction)
            return try await noted(id, "specialist.sale_resumed", by: caller, in: transaction)
        }
    }

    private func noted(
        _ id: SalePauseID, _ kind: String, by caller: Caller, in transaction: Transaction
    ) async throws -> Answer {
        let pause = try StoredSalePause(
            row: await transaction.query(StoredSalePause.find(id)).only())
        let stored = try await own(pause.specialist, in: transaction)
        try await transaction.note(
            .init(
                .specialist, pause.specialist, kind, revision: stored.revision,
                facts: [
                    "sale_pause": JSON(id.description),
                    "from": JSON(pause.during.start.rfc3339),
                    "until": JSON(pause.during.end.rfc3339),
                ]),
            by: caller)
        return Answer([
            "id": JSON(id.description),
            "specialist": JSON(pause.specialist.description),
            "from": JSON(pause.during.start.rfc3339),
            "until": JSON(pause.during.end.rfc3339),
            "ended_at": pause.endedAt.map { JSON($0.rfc3339) } ?? .null,
            "kept": try await kept(of: pause.specialist, pause.during, caller, in: transaction),
        ])
    }

    private func kept(
        of specialist: SpecialistID, _ during: TimeSlot, _ caller: Caller,
        in transaction: Transaction
    ) async throws -> JSON {
        let bookings = try await transaction.query(
            StoredAbsence.bookings(of: [specialist], in: during, now: caller.now)
        ).map(StoredBooking.init(row:))
        return .array(bookings.map { BookingSheet($0, for: caller.organisation).json })
    }
}
