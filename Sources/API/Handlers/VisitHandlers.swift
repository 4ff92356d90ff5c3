import Marketplace
import MoneyAndTime
import Storage
import StrictJSON
import Visits

/// The handshake and joining.
enum VisitHandlers {
    static func sayDuty(_ call: Call, isOn: Bool) async throws -> Reply {
        try await .json(call.market.sayDuty(call.request, call.id("booking"), isOn: isOn))
    }

    static func listHandshakes(_ call: Call) async throws -> Reply {
        try await .page(
            call.market.listHandshakes(
                call.request, page: call.page(WaitingHandshake.Place.init(cursor:))))
    }

    static func getHandshake(_ call: Call) async throws -> Reply {
        try await .json(call.market.handshake(call.request, call.id("booking")))
    }

    static func sendHandshakeMessage(_ call: Call) async throws -> Reply {
        let wish = try call.object { fields in
            try Market.HandshakeWish(
                kind: fields.enumeration("kind", as: SpokenKind.self).kind,
                sequence: fields.integer("sequence", in: 1...1_000_000),
                cause: fields.optionalWords("cause", max: HandshakeMessage.longestCause),
                offer: fields.optionalNested("offer", offer),
                checks: fields.optionalNested("checks") { try ReadyChecks(&$0) })
        }
        return try await .json(
            call.market.sendHandshakeMessage(call.request, call.id("booking"), wish))
    }

    static func issueJoinToken(_ call: Call) async throws -> Reply {
        let (participant, label, forSession) = try call.object { fields in
            let participant = try fields.string("participant", min: 1, max: 64)
            guard participant.utf8.allSatisfy(isKeyByte) else {
                throw fields.problem(
                    "participant", .pattern, "must be of A-Z a-z 0-9 . _ : - only")
            }
            return try (
                participant, fields.words("label", max: 80),
                fields.optionalBool("for_session") ?? false
            )
        }
        return try await .json(
            call.market.issueJoinToken(
                call.request, call.id("booking"), participant: participant, label: label,
                forSession: forSession))
    }

    static func recordAttendance(_ call: Call) async throws -> Reply {
        let (observation, kind) = try call.object { fields in
            try (
                fields.parsed("observation", ObservationID.init(typeID:)),
                fields.enumeration("kind", as: Market.AttendanceKind.self)
            )
        }
        return try await .json(
            call.market.recordAttendance(call.joinToken, observation, kind: kind))
    }

    static func getVisit(_ call: Call) async throws -> Reply {
        try await .json(call.market.visit(call.request, call.id("booking")))
    }
}

extension VisitHandlers {
    /// What a side can say; that time has run out, the clock says.
    private enum SpokenKind: String, CaseIterable {
        case propose, accept, counter, decline, withdraw, ready
        case notReady = "not_ready"

        var kind: HandshakeMessage.Kind {
            switch self {
            case .propose: .propose
            case .accept: .accept
            case .counter: .counter
            case .decline: .decline
            case .withdraw: .withdraw
            case .ready: .ready
            case .notReady: .notReady
            }
        }
    }

    private static func offer(_ fields: inout JSONFields) throws -> Market.OfferedMeeting {
        try Market.OfferedMeeting(
            starts: fields.parsed("starts", Instant.init(rfc3339:)),
            room: fields.nested("room") { try WantedRoom(&$0) },
            needs: unique(
                fields.optionalArray("needs", max: Proposal.Need.allCases.count) {
                    try $0.enumeration(as: Proposal.Need.self)
                } ?? [], in: "needs", fields),
            deadline: fields.parsed("deadline", Instant.init(rfc3339:)))
    }

    private static func isKeyByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"),
            UInt8(ascii: ":"), UInt8(ascii: "-"):
            true
        default: false
        }
    }
}
