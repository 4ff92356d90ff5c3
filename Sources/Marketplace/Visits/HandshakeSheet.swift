import MoneyAndTime
import Storage
import StrictJSON
import Visits

/// A handshake with its messages, as both sides see it.
struct HandshakeSheet {
    let stored: StoredHandshake
    let handshake: Handshake
    let messages: [StoredHandshakeMessage]

    /// As it is at `now`: what has run out by then is shown as run out, whether or not the worker
    /// was there.
    init(
        _ stored: StoredHandshake, _ messages: [StoredHandshakeMessage], now: Instant
    ) throws {
        let handshake = try stored.replay(messages)
        self.stored = stored
        if let due = handshake.due(at: now), let at = handshake.deadline {
            self.handshake = try handshake.apply(due, now: now).handshake
            self.messages = messages + [StoredHandshakeMessage(due, at: at)]
        } else {
            self.handshake = handshake
            self.messages = messages
        }
    }

    var answer: Answer {
        Answer(
            [
                "booking": JSON(stored.booking.description),
                "state": JSON(handshake.state.rawValue),
                "sequence": JSON(handshake.sequence),
                "awaited": JSON(handshake.awaited?.rawValue),
                "reply_by": JSON(handshake.deadline?.rfc3339),
                "starts": JSON(handshake.booked.start.rfc3339),
                "ends": JSON(handshake.booked.end.rfc3339),
                "offer": handshake.phase.offer?.json ?? .null,
                "agreement": handshake.phase.agreement?.json ?? .null,
                "readiness": handshake.phase.readiness.json,
                "messages": .array(messages.map(\.json)),
                "revision": JSON(stored.revision),
            ], revision: stored.revision)
    }
}

extension Handshake.Phase {
    fileprivate var readiness: Handshake.Readiness {
        switch self {
        case .agreed(_, let readiness), .rescheduling(_, _, let readiness): readiness
        case .none, .proposed, .countered, .declined, .withdrawn, .expired: .init()
        }
    }
}

extension Handshake.Offer {
    fileprivate var json: JSON {
        var members = proposal.json.members ?? [:]
        members["by"] = JSON(by.rawValue)
        members["sequence"] = JSON(sequence)
        return .object(members)
    }
}

extension Handshake.Agreement {
    fileprivate var json: JSON {
        [
            "starts": JSON(slot.start.rfc3339), "ends": JSON(slot.end.rfc3339),
            "room": room.json, "needs": needs.json, "in_advance": JSON(consent == .inAdvance),
        ]
    }
}

extension Handshake.Readiness {
    fileprivate var json: JSON {
        ["seller": JSON(seller?.rawValue), "buyer": JSON(buyer?.rawValue)]
    }
}

extension StoredHandshakeMessage {
    fileprivate var json: JSON {
        var members = message.json.members ?? [:]
        members["sender"] =
            switch message.sender {
            case .side(let side): JSON(side.rawValue)
            case .clock: "clock"
            }
        members["at"] = JSON(recordedAt.rfc3339)
        return .object(members)
    }
}
