import MoneyAndTime
import StrictJSON

// How a message is kept and shown. Who sent it, and when, stands beside it.

extension HandshakeMessage {
    /// `{"kind", "sequence", "cause", "offer", "checks", "move"}`: the last four null where
    /// they are not said.
    package var json: JSON {
        var offer: JSON = .null
        var checks: JSON = .null
        var move: JSON = .null
        switch body {
        case .propose(let proposal), .counter(let proposal): offer = proposal.json
        case .ready(let passed): checks = passed.json
        case .move(let made): move = made.json
        case .accept, .decline, .withdraw, .expire, .notReady: break
        }
        return [
            "kind": JSON(body.kind.rawValue), "sequence": JSON(sequence), "cause": JSON(cause),
            "offer": offer, "checks": checks, "move": move,
        ]
    }

    /// Reads what `json` wrote. Throws `JSONProblem`.
    package init(kept json: JSON, sender: Sender) throws {
        self = try JSONReader(json).object { fields in
            let kind = try fields.enumeration("kind", as: Kind.self)
            let offer = try fields.optionalNested("offer") { try Proposal(kept: &$0) }
            let checks = try fields.optionalNested("checks") { try ReadyChecks(&$0) }
            let move = try fields.optionalNested("move") { try HandshakeMessage.Move(kept: &$0) }
            guard let body = Body(kind, offer: offer, checks: checks, move: move) else {
                throw fields.problem("kind", .unknownValue, "does not go with the rest")
            }
            return HandshakeMessage(
                sender: sender, sequence: try fields.integer("sequence"), body: body,
                cause: try fields.optionalString("cause", max: Self.longestCause * 2))
        }
    }
}

extension HandshakeMessage.Body {
    /// Nil where an offer, checks or a move are missing, or are there for nothing.
    package init?(
        _ kind: HandshakeMessage.Kind, offer: Proposal?, checks: ReadyChecks?,
        move: HandshakeMessage.Move? = nil
    ) {
        if let move {
            guard kind == .move, offer == nil, checks == nil else { return nil }
            self = .move(move)
            return
        }
        switch (kind, offer, checks) {
        case (.propose, let offer?, nil): self = .propose(offer)
        case (.counter, let offer?, nil): self = .counter(offer)
        case (.ready, nil, let checks?): self = .ready(checks)
        case (.accept, nil, nil): self = .accept
        case (.decline, nil, nil): self = .decline
        case (.withdraw, nil, nil): self = .withdraw
        case (.expire, nil, nil): self = .expire
        case (.notReady, nil, nil): self = .notReady
        default: return nil
        }
    }
}

extension Proposal {
    package var json: JSON {
        [
            "starts": JSON(slot.start.rfc3339), "ends": JSON(slot.end.rfc3339),
            "room": room.json, "needs": needs.json, "deadline": JSON(deadline.rfc3339),
        ]
    }

    fileprivate init(kept fields: inout JSONFields) throws {
        let starts = try fields.parsed("starts", Instant.init(rfc3339:))
        let ends = try fields.parsed("ends", Instant.init(rfc3339:))
        self.init(
            slot: try TimeSlot(start: starts, end: ends),
            room: try fields.nested("room") { try Room(kept: &$0) },
            needs: Set(
                try fields.array("needs", max: Need.allCases.count) { try $0.enumeration() }),
            deadline: try fields.parsed("deadline", Instant.init(rfc3339:)))
    }
}

extension HandshakeMessage.Move {
    fileprivate var json: JSON {
        [
            "starts": JSON(slot.start.rfc3339), "ends": JSON(slot.end.rfc3339),
            "reply_by": JSON(reply?.by.rfc3339),
            "answer_seconds": reply.map { JSON($0.answerSeconds) } ?? .null,
        ]
    }

    fileprivate init(kept fields: inout JSONFields) throws {
        let starts = try fields.parsed("starts", Instant.init(rfc3339:))
        let ends = try fields.parsed("ends", Instant.init(rfc3339:))
        let replyBy = try fields.optionalParsed("reply_by", Instant.init(rfc3339:))
        let answerSeconds = try fields.optionalInteger("answer_seconds")
        self.init(
            slot: try TimeSlot(start: starts, end: ends),
            reply: replyBy.map { Reply(by: $0, answerSeconds: answerSeconds ?? 0) })
    }
}

extension Set<Proposal.Need> {
    package var json: JSON { .array(map(\.rawValue).sorted().map { JSON($0) }) }
}

extension Room {
    package var json: JSON { ["provider": JSON(provider.rawValue), "link": JSON(link)] }

    /// Reads what `json` wrote.
    package init(kept fields: inout JSONFields) throws {
        let provider = try fields.enumeration("provider", as: Provider.self)
        let link = try fields.optionalString("link", max: Self.longestLink)
        do {
            try self.init(provider: provider, link: link)
        } catch {
            throw fields.problem("link", .pattern, "is no address of such a room")
        }
    }
}

extension WantedRoom {
    package init(_ fields: inout JSONFields) throws {
        let provider = try fields.enumeration("provider", as: Room.Provider.self)
        let link = try fields.optionalString("link", max: Room.longestLink)
        do {
            try self.init(provider: provider, link: link)
        } catch {
            throw fields.problem(
                "link", .pattern, "own_link may have an https address, the other rooms none")
        }
    }
}

extension ReadyChecks {
    package var json: JSON {
        ["device": JSON(device), "line": JSON(line), "record_access": JSON(recordAccess)]
    }

    package init(_ fields: inout JSONFields) throws {
        self.init(
            device: try fields.bool("device"), line: try fields.bool("line"),
            recordAccess: try fields.bool("record_access"))
    }
}
