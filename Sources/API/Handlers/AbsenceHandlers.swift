import Marketplace
import MoneyAndTime
import Scheduling
import StrictJSON

/// Specialists who were for sale are not there: one, or all of a unit.
enum AbsenceHandlers {
    static func previewAbsence(_ call: Call) async throws -> Reply {
        try await preview(call, of: .specialist(call.id("specialist")))
    }

    static func previewUnitAbsence(_ call: Call) async throws -> Reply {
        try await preview(call, of: .unit(call.id("unit")))
    }

    static func noteAbsence(_ call: Call) async throws -> Reply {
        try await note(call, of: .specialist(call.id("specialist")))
    }

    static func noteUnitAbsence(_ call: Call) async throws -> Reply {
        try await note(call, of: .unit(call.id("unit")))
    }

    private static func preview(_ call: Call, of absentees: Absentees) async throws -> Reply {
        let (from, until) = try SchedulingHandlers.stretch(call)
        return try await .json(
            call.market.previewAbsence(
                call.request, of: absentees, during: TimeSlot(start: from, end: until)))
    }

    private static func note(_ call: Call, of absentees: Absentees) async throws -> Reply {
        let absence = try call.object { fields in
            let during = try SchedulingHandlers.stretch(&fields)
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
        return try await .json(call.market.noteAbsence(call.request, of: absentees, absence))
    }
}
