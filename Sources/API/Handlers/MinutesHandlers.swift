import Marketplace
import MoneyAndTime
import Storage
import StrictJSON
import Visits

/// The minutes of visits: what is told of them, and each side's word.
enum MinutesHandlers {
    static func attest(_ call: Call) async throws -> Reply {
        let word = try call.object { fields in try spoken(&fields) }
        return try await .json(call.market.attestMinutes(call.request, call.id("booking"), word))
    }

    static func list(_ call: Call) async throws -> Reply {
        try await .page(
            call.market.listMinutes(
                call.request, page: call.page(OpenVisit.Place.init(cursor:))))
    }

    static func attestSeveral(_ call: Call) async throws -> Reply {
        let words = try call.object { fields in
            let words = try fields.array("words", min: 1, max: 100) { reader in
                try reader.object { fields in
                    try Market.VisitWord(
                        booking: fields.parsed("booking", BookingID.init(typeID:)),
                        word: spoken(&fields))
                }
            }
            _ = try unique(words.map(\.booking), in: "words", fields)
            return words
        }
        return try await .json(call.market.attestSeveral(call.request, words))
    }

    static func report(_ call: Call) async throws -> Reply {
        let report = try call.object { fields -> VisitReport in
            switch try fields.enumeration("kind", as: VisitReport.Kind.self) {
            case .telephone:
                return .telephone(
                    try slot(
                        fields.parsed("from", Instant.init(rfc3339:)),
                        fields.parsed("until", Instant.init(rfc3339:))))
            case .extraTime:
                return .extraTime(
                    ExtraTime(
                        preparation: try fields.integer("preparation_minutes", in: 0...1_440),
                        recordWriting: try fields.integer("record_writing_minutes", in: 0...1_440)))
            case .overrunAgreed: return .overrunAgreed
            case .lineFailed:
                return .lineFailed(
                    reason: try fields.words("reason", max: Attestation.longestReason))
            }
        }
        return try await .json(call.market.reportVisit(call.request, call.id("booking"), report))
    }

    private enum Verdict: String, CaseIterable {
        case attested, contested
    }

    private static func spoken(_ fields: inout JSONFields) throws -> Attestation.Word {
        let verdict = try fields.enumeration("verdict", as: Verdict.self)
        let figures = Attestation.Figures(
            seconds: try fields.integer("billable_seconds", in: 0...86_400),
            extra: ExtraTime(
                preparation: try fields.optionalInteger("preparation_minutes", in: 0...1_440) ?? 0,
                recordWriting: try fields.optionalInteger(
                    "record_writing_minutes", in: 0...1_440) ?? 0),
            lineFailed: try fields.optionalBool("technical_failure") ?? false)
        let reason = try fields.optionalWords("reason", max: Attestation.longestReason)
        if verdict == .attested, reason != nil {
            throw fields.problem("reason", .unknownField, "belongs to a contest only")
        }
        return switch verdict {
        case .attested: .attests(figures)
        case .contested: .contests(figures, reason: reason ?? "")
        }
    }

    private static func slot(_ from: Instant, _ until: Instant) throws -> TimeSlot {
        guard let slot = try? TimeSlot(start: from, end: until) else {
            throw InvalidInput(
                pointer: "/until", code: "order", message: "must be later than from")
        }
        return slot
    }
}
