import MoneyAndTime

/// One message of the handshake, the same from a page and from a program.
package struct HandshakeMessage: Hashable, Sendable {
    package static let longestCause = 500

    package let sender: Sender
    /// The number of the last message plus one: it says which state the sender has seen.
    package let sequence: Int64
    package let body: Body
    /// Why, in the sender's words; needed of decline, withdraw and not_ready.
    package let cause: String?

    package enum Sender: Hashable, Sendable {
        case side(Side)
        /// The deadline, fired by the one worker for what is due.
        case clock
    }

    package enum Body: Hashable, Sendable {
        case propose(Proposal)
        case accept
        /// Another time or room; on an agreed visit it asks for a new time.
        case counter(Proposal)
        case decline
        /// Takes back one's own offer, or one's part in an agreed visit before it starts.
        case withdraw
        case expire
        case ready(ReadyChecks)
        case notReady
        /// The buyer has moved the booking, where that was free: what was said of the old time is
        /// void.
        case move(Move)

        package var kind: Kind {
            switch self {
            case .propose: .propose
            case .accept: .accept
            case .counter: .counter
            case .decline: .decline
            case .withdraw: .withdraw
            case .expire: .expire
            case .ready: .ready
            case .notReady: .notReady
            case .move: .move
            }
        }
    }

    package enum Kind: String, Hashable, Sendable, CaseIterable {
        case propose, accept, counter, decline, withdraw, expire, ready, move
        case notReady = "not_ready"
    }

    /// Where the booking stands from now on.
    package struct Move: Hashable, Sendable {
        package let slot: TimeSlot
        /// Nil where the contract accepts its published time in advance.
        package let reply: Reply?

        /// As at the opening of a handshake: the last chance to propose, and how long an offer
        /// must stand before silence counts against the side that was asked.
        package struct Reply: Hashable, Sendable {
            package let by: Instant
            package let answerSeconds: Int64

            package init(by: Instant, answerSeconds: Int64) {
                self.by = by
                self.answerSeconds = answerSeconds
            }

            /// The contract's reply time from now on, or what is left to the start where that is
            /// less; an offer stands for as long, or for half of what is left.
            package init(
                within minutes: Int64, before start: Instant, now: Instant
            ) throws(ArithmeticFailure) {
                let seconds = try minutes.multiplied(by: 60)
                let left = try start.microseconds.subtracting(now.microseconds)
                by = min(start, try now.adding(seconds: seconds))
                answerSeconds = max(0, min(seconds, left / 2_000_000))
            }
        }

        package init(slot: TimeSlot, reply: Reply?) {
            self.slot = slot
            self.reply = reply
        }
    }

    package init(sender: Sender, sequence: Int64, body: Body, cause: String? = nil) {
        self.sender = sender
        self.sequence = sequence
        self.body = body
        self.cause = cause
    }
}

/// A time and a room, with what the other side is asked to have there.
package struct Proposal: Hashable, Sendable {
    package let slot: TimeSlot
    package let room: Room
    package let needs: Set<Need>
    /// The first instant at which it can no longer be answered; not after the visit's start.
    package let deadline: Instant

    package enum Need: String, Hashable, Sendable, CaseIterable {
        case nursePresent = "nurse_present"
        case device
        case interpreter
    }

    package init(slot: TimeSlot, room: Room, needs: Set<Need> = [], deadline: Instant) {
        self.slot = slot
        self.room = room
        self.needs = needs
        self.deadline = deadline
    }
}

/// What a side has tried before it says that it is ready.
package struct ReadyChecks: Hashable, Sendable {
    package let device: Bool
    package let line: Bool
    /// Access to the records was granted and works, or this side needs none.
    package let recordAccess: Bool

    package init(device: Bool, line: Bool, recordAccess: Bool) {
        self.device = device
        self.line = line
        self.recordAccess = recordAccess
    }

    package var allPassed: Bool { device && line && recordAccess }
}
