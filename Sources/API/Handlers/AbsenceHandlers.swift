import Marketplace
import MoneyAndTime
import Scheduling
import StrictJSON

/// A specialist who was for sale is not there.
enum AbsenceHandlers {
    static func previewAbsence(_ call: Call) async throws -> Reply {
        let (from, until) = try SchedulingHandlers.stretch(call)
        return try await .json(
            call.market.previewAbsence(
                call.request, of: call.id("specialist"),
                during: TimeSlot(start: from, end: until)))
    }

    static func noteAbsence(_ call: Call) async throws -> Reply {
        let absence = try call.object { fields in
            let from = try fields.parsed("from", Instant.init(rfc3339:))
            let until = try fields.parsed("until", Instant.init(rfc3339:))
            guard let during = try? TimeSlot(start: from, end: until) else {
                throw fields.problem("until", .outOfRange, "must be later than from")
            }
            let moves = try fields.optionalArray("moves", max: 1_000) { reader in
                try reader.object { fields in
                    try (
                        fields.parsed("booking", BookingID.init(typeID:)),
                        fields.parsed("specialist", SpecialistID.init(typeID:))
                    )
                }
            }
            _ = try unique((moves ?? []).map(\.0), in: "moves", fields)
            return try NotedAbsence(
                during: during, digest: fields.digest("digest"),
                moves: Dictionary(uniqueKeysWithValues: moves ?? []),
                reason: fields.optionalWords("reason", max: 500))
        }
        return try await .json(
            call.market.noteAbsence(call.request, of: call.id("specialist"), absence))
    }
}
