import MoneyAndTime
import Testing
import Visits

/// Random histories that the protocol accepts, and a slow calendar beside them that only knows what
/// RFC 5546 tells it.
@Suite struct InvitationPropertyTests {
    /// What one side's calendar shows, by the messages that it got.
    struct SlowCalendar {
        var sequence: Int64?
        var slot: TimeSlot?
        var isFirm = false
        var isOff = false
        var problems: [String] = []

        mutating func receive(_ message: Invitation.Message, as side: Side) {
            let known = sequence ?? -1
            if message.sequence < known { problems.append("an old sequence") }
            switch message.method {
            case .request:
                if let slot, slot != message.slot, message.sequence <= known {
                    problems.append("moved without a new sequence")
                }
                (sequence, slot) = (message.sequence, message.slot)
                isFirm = message.status == .confirmed
                if message.status == .cancelled { problems.append("invited to nothing") }
            case .reply:
                if message.organiser != side { problems.append("a reply to who did not ask") }
                if message.sequence != known { problems.append("a reply to something else") }
                if message.participation(of: side.other) == .accepted { isFirm = true }
            case .counter, .declineCounter:
                if message.sequence != known { problems.append("a counter to something else") }
            case .cancel:
                if message.sequence <= known { problems.append("a cancellation too low") }
                sequence = message.sequence
                isOff = true
            }
        }
    }

    /// A handshake and both calendars, as they go along.
    struct Life {
        var handshake: Handshake
        var invitation: Invitation
        var calendars: [Side: SlowCalendar] = [:]
        var problems: [String] = []
        var before: [Side: Invitation.Message] = [:]
        var eventBefore: Invitation.Event?

        init(_ opened: Handshake) {
            handshake = opened
            invitation = Invitation(of: opened, at: second(0))
            look()
        }

        /// Both calendars get what is new for them, and the invitation is compared with before.
        mutating func look() {
            for side in Side.allCases {
                guard let message = invitation.message(for: side), message != before[side] else {
                    continue
                }
                before[side] = message
                calendars[side, default: SlowCalendar()].receive(message, as: side)
            }
            let event = invitation.event
            if let eventBefore, event.sequence < eventBefore.sequence {
                problems.append("the event's sequence falls")
            }
            eventBefore = event
        }

        /// What both calendars must show of the handshake as it is.
        mutating func compare(isCancelled: Bool) {
            for side in Side.allCases {
                let calendar = calendars[side] ?? SlowCalendar()
                problems += calendar.problems
                if isCancelled || handshake.state.isTerminal {
                    if calendar.sequence != nil, !calendar.isOff {
                        problems.append("\(side) still has it")
                    }
                    if invitation.event.status != .cancelled { problems.append("event is there") }
                } else if let agreement = handshake.phase.agreement {
                    if calendar.slot != agreement.slot || !calendar.isFirm || calendar.isOff {
                        problems.append("\(side) has another time than what was agreed")
                    }
                    if invitation.event.slot != agreement.slot {
                        problems.append("the event is elsewhere")
                    }
                } else if calendar.isFirm || calendar.isOff {
                    problems.append("\(side) is sure of what is not agreed")
                }
            }
        }
    }

    private static func body(_ random: inout Seeded, now: Int64) throws -> HandshakeMessage.Body {
        let start = [2_000, 3_000, 4_000].randomElement(using: &random) ?? 2_000
        let offered = try slot(Int64(start), Int64(start) + 100)
        let proposal = Proposal(
            slot: offered, room: .builtIn,
            deadline: second(now + Int64.random(in: 20...200, using: &random)))
        switch Int.random(in: 0..<10, using: &random) {
        case 0, 1: return .propose(proposal)
        case 2, 3: return .accept
        case 4, 5: return .counter(proposal)
        case 6: return random.chance(30) ? .decline : .accept
        case 7: return random.chance(20) ? .withdraw : .notReady
        case 8: return .ready(ReadyChecks(device: true, line: true, recordAccess: true))
        default:
            return .move(
                .init(
                    slot: offered,
                    reply: random.chance(50)
                        ? .init(by: second(now + 100), answerSeconds: 15) : nil))
        }
    }

    private static func live(_ seed: UInt64) throws -> (Life, methods: Set<Invitation.Method>) {
        var random = Seeded(seed)
        var life = Life(
            random.chance(30)
                ? Handshake.agreedInAdvance(
                    booked: try slot(2_000, 2_100), answerSeconds: 15, room: .builtIn
                ).handshake
                : try Handshake.open(
                    booked: slot(2_000, 2_100), deadline: second(300), answerSeconds: 15,
                    now: second(0)
                ).handshake)
        var methods: Set<Invitation.Method> = []
        var (now, isCancelled): (Int64, Bool) = (0, false)
        for _ in 0..<60 where !isCancelled && !life.handshake.state.isTerminal {
            now += Int64.random(in: 1...60, using: &random)
            if let due = life.handshake.due(at: second(now)) {
                life.handshake = try life.handshake.apply(due, now: second(now)).handshake
                try life.invitation.hear(due, at: second(now))
            } else if random.chance(4) {
                isCancelled = random.chance(30)
                life.invitation.note(isCancelled ? .cancelled : .substituted, at: second(now))
            } else {
                let message = HandshakeMessage(
                    sender: .side(random.chance(50) ? .seller : .buyer),
                    sequence: life.handshake.sequence + 1, body: try body(&random, now: now),
                    cause: "as agreed by telephone")
                guard let step = try? life.handshake.apply(message, now: second(now)) else {
                    // what is refused changes nothing in the calendars either
                    #expect(throws: HandshakeRefusal.self) {
                        try life.invitation.hear(message, at: second(now))
                    }
                    continue
                }
                life.handshake = step.handshake
                try life.invitation.hear(message, at: second(now))
            }
            life.look()
            life.compare(isCancelled: isCancelled)
            methods.formUnion(
                Side.allCases.compactMap { life.invitation.message(for: $0)?.method })
        }
        return (life, methods)
    }

    @Test func bothCalendarsShowWhatIsAgreedAndNoSequenceFalls() throws {
        var methods: Set<Invitation.Method> = []
        var highest: Int64 = 0
        for seed in 0..<3_000 as Range<UInt64> {
            let (life, seen) = try Self.live(seed)
            #expect(life.problems.isEmpty, "seed \(seed): \(life.problems.prefix(3))")
            guard life.problems.isEmpty else { break }
            methods.formUnion(seen)
            highest = max(highest, life.invitation.event.sequence)
        }
        #expect(methods == Set(Invitation.Method.allCases))
        #expect(highest > 4)
    }
}
