import MoneyAndTime
import Postgres
import Scheduling
import Storage
import StrictJSON

extension Market {
    /// What a specialist of the caller's has for sale in a stretch of time, what of it is taken and
    /// by whom, what can still be had, and why other time is not for sale. Windows that reach over
    /// an end of the stretch are whole.
    package func calendar(
        _ request: Request, of specialist: SpecialistID, from: Instant, until: Instant
    ) async throws -> Answer {
        let asked = try Self.askedStretch(from, until)
        return try await view(request) { transaction, caller in
            guard
                let row = try await transaction.query(StoredSpecialist.find(specialist)).atMostOne()
            else { throw Refusal(.notFound) }
            let unit = try StoredUnit(
                row: await transaction.query(
                    StoredUnit.find(StoredSpecialist(row: row).unit)
                ).only())
            let windows = try await transaction.query(
                StoredCalendar.windows(of: [specialist], in: asked)
            ).map(StoredCalendar.Window.init(row:))
            let whole = try windows.reduce(asked) { whole, window in
                try TimeSlot(
                    start: min(whole.start, window.slot.start), end: max(whole.end, window.slot.end)
                )
            }
            let taken = try await transaction.query(
                StoredCalendar.taken(of: specialist, in: whole, now: caller.now)
            ).map(StoredCalendar.Taken.init(row:))
            let reserved = try await transaction.query(
                StoredWeek.reserved(of: specialist, in: whole)
            ).map { try TimeSlot(start: $0.decode("starts"), end: $0.decode("ends")) }
            let free = try windows.flatMap { window in
                try StartTimes.freeRuns(
                    of: window.slot, without: taken.map(\.occupied) + reserved)
            }
            let around = try await around(specialist, in: whole, transaction)
            let members: [(String, JSON)] = [
                ("specialist", JSON(specialist.description)),
                ("time_zone", JSON(unit.timeZone)),
                ("from", JSON(from.rfc3339)),
                ("until", JSON(until.rfc3339)),
                ("windows", .array(windows.map(\.json))),
                (
                    "taken",
                    .array(
                        taken.map { taken in
                            [
                                "occupied": taken.occupied.json,
                                "booking": BookingSheet(taken.booking, for: caller.organisation)
                                    .json,
                            ]
                        })
                ),
                ("free", free.compactMap { $0.coming(after: caller.now) }.json),
            ]
            return Answer(.object(JSONObject(members + around)))
        }
    }
}

extension TimeSlot {
    /// What of it is not over.
    fileprivate func coming(after now: Instant) -> TimeSlot? {
        try? TimeSlot(start: max(start, now), end: end)
    }
}

extension StoredCalendar.Window {
    fileprivate var json: JSON {
        .object(JSONObject([("availability", JSON(rule.description))] + slot.members))
    }
}
