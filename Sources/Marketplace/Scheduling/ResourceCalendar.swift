import MoneyAndTime
import Postgres
import Scheduling
import Storage
import StrictJSON

// When a room or staff is taken or not to be had, and closing it for a while.

extension Market {
    /// The longest time for which it is closed at once.
    package static let longestClosureDays: Int64 = 366

    /// What a room or staff of the caller's is taken for in a stretch of time, and when it is not
    /// to be had. Visits and closures that reach over an end of the stretch are whole.
    package func resourceCalendar(
        _ request: Request, of id: ResourceID, from: Instant, until: Instant
    ) async throws -> Answer {
        let asked = try Self.askedStretch(from, until)
        return try await view(request) { transaction, caller in
            let resource = try await own(id, in: transaction)
            let unit = try StoredUnit(
                row: await transaction.query(StoredUnit.find(resource.unit)).only())
            let bookings = try await transaction.query(
                StoredResourceTime.bookings(of: id, in: asked, now: caller.now)
            ).map(StoredBooking.init(row:))
            let closures = try await transaction.query(
                StoredResourceTime.closures(of: id, in: asked)
            ).map(StoredResourceTime.Closure.init(row:))
            let blocks = try await transaction.query(
                StoredResourceTime.blocks(naming: resource.name, in: asked)
            ).map(StoredResourceTime.NamedBlock.init(row:))
            let shut = try resource.opening?.closed(
                in: asked, by: WallClock(zone: unit.timeZone))
            return Answer([
                "resource": resource.json,
                "time_zone": JSON(unit.timeZone),
                "from": JSON(from.rfc3339),
                "until": JSON(until.rfc3339),
                "bookings": .array(
                    bookings.map { BookingSheet($0, for: caller.organisation).json }),
                "closures": .array(closures.map(\.json)),
                "blocks": .array(
                    resource.kind == .room
                        ? blocks.map { block in
                            .object(
                                JSONObject(
                                    [("block", JSON(block.id.description))] + block.slot.members))
                        } : []),
                "outside_hours": (shut ?? []).json,
            ])
        }
    }

    /// For a while it is not to be had. Where a visit takes it, this is refused.
    package func closeResource(
        _ request: Request, _ id: ResourceID, during: TimeSlot, reason: String
    ) async throws -> Answer {
        try await change(request) { transaction, caller in
            guard during.seconds <= Self.longestClosureDays * 86_400, caller.now < during.end
            else {
                throw InvalidInput(
                    pointer: "/until", code: "out_of_range",
                    message: "must not be over, and at most \(Self.longestClosureDays) days "
                        + "after from")
            }
            let closure = StoredResourceTime.Closure(id: newID(), slot: during, reason: reason)
            try await transaction.query(
                StoredResource.close(id, during, as: closure.id, reason: reason))
            try await note("resource.closed", of: id, closure, by: caller, in: transaction)
            return Answer(closure.json)
        }
    }

    /// It can be had again.
    package func reopenResource(
        _ request: Request, _ id: ResourceID, _ closure: ResourceClosureID
    ) async throws -> Answer {
        try await change(request) { transaction, caller in
            guard
                let row = try await transaction.query(StoredResourceTime.closure(closure))
                    .atMostOne()
            else { throw Refusal(.notFound) }
            let closed = try StoredResourceTime.Closure(row: row)
            try await transaction.query(StoredResource.reopen(id, closure))
            try await note("resource.reopened", of: id, closed, by: caller, in: transaction)
            return Answer(closed.json)
        }
    }

    private func note(
        _ kind: String, of id: ResourceID, _ closure: StoredResourceTime.Closure,
        by caller: Caller, in transaction: Transaction
    ) async throws {
        try await transaction.note(
            .init(
                .resource, id, kind, revision: 0,
                facts: [
                    "closure": JSON(closure.id.description),
                    "from": JSON(closure.slot.start.rfc3339),
                    "until": JSON(closure.slot.end.rfc3339),
                ]),
            by: caller)
    }
}

extension StoredResourceTime.Closure {
    fileprivate var json: JSON {
        [
            "id": JSON(id.description),
            "from": JSON(slot.start.rfc3339),
            "until": JSON(slot.end.rfc3339),
            "reason": JSON(reason),
        ]
    }
}
