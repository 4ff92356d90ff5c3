import MoneyAndTime

/// Why a message of the handshake is refused; the state is then as it was.
package enum HandshakeRefusal: Error, Hashable, Sendable {
    case staleSequence(expected: Int64)
    case terminal(Handshake.StateName)
    case senderNotAllowed
    case causeMissing
    case causeTooLong(limit: Int)
    case deadlinePassed(at: Instant)
    case deadlineNotReached(until: Instant)
    case noDeadline
    case deadlineInThePast
    case deadlineAfterStart(start: Instant)
    case deadlineTooSoon(earliest: Instant)
    case nothingProposed
    case alreadyProposed
    case notYourTurn
    case alreadyAgreed
    case notAgreed
    case counterPending
    case checksFailed(ReadyChecks)
    case visitStarted(at: Instant)
    case visitOver(at: Instant)

    /// Stable codes, each with its row in `docs/handshake.md`.
    package enum Code: String, Hashable, Sendable, CaseIterable {
        case staleSequence = "stale_sequence"
        case terminal = "handshake_over"
        case senderNotAllowed = "sender_not_allowed"
        case causeMissing = "cause_missing"
        case causeTooLong = "cause_too_long"
        case deadlinePassed = "deadline_passed"
        case deadlineNotReached = "deadline_not_reached"
        case noDeadline = "no_deadline"
        case deadlineInThePast = "deadline_in_the_past"
        case deadlineAfterStart = "deadline_after_start"
        case deadlineTooSoon = "deadline_too_soon"
        case nothingProposed = "nothing_proposed"
        case alreadyProposed = "already_proposed"
        case notYourTurn = "not_your_turn"
        case alreadyAgreed = "already_agreed"
        case notAgreed = "not_agreed"
        case counterPending = "counter_pending"
        case checksFailed = "checks_failed"
        case visitStarted = "visit_started"
        case visitOver = "visit_over"
    }

    package var code: Code {
        switch self {
        case .staleSequence: .staleSequence
        case .terminal: .terminal
        case .senderNotAllowed: .senderNotAllowed
        case .causeMissing: .causeMissing
        case .causeTooLong: .causeTooLong
        case .deadlinePassed: .deadlinePassed
        case .deadlineNotReached: .deadlineNotReached
        case .noDeadline: .noDeadline
        case .deadlineInThePast: .deadlineInThePast
        case .deadlineAfterStart: .deadlineAfterStart
        case .deadlineTooSoon: .deadlineTooSoon
        case .nothingProposed: .nothingProposed
        case .alreadyProposed: .alreadyProposed
        case .notYourTurn: .notYourTurn
        case .alreadyAgreed: .alreadyAgreed
        case .notAgreed: .notAgreed
        case .counterPending: .counterPending
        case .checksFailed: .checksFailed
        case .visitStarted: .visitStarted
        case .visitOver: .visitOver
        }
    }
}
