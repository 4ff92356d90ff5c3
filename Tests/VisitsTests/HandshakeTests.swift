import MoneyAndTime
import Testing
import Visits

@Suite struct HandshakeTests {
    static let passed = ReadyChecks(device: true, line: true, recordAccess: true)

    static func proposal(_ from: Int64, _ to: Int64, by deadline: Int64) throws -> Proposal {
        Proposal(slot: try slot(from, to), room: .builtIn, deadline: second(deadline))
    }

    static func say(
        _ side: Side, _ sequence: Int64, _ body: HandshakeMessage.Body, _ cause: String? = nil
    ) -> HandshakeMessage {
        HandshakeMessage(sender: .side(side), sequence: sequence, body: body, cause: cause)
    }

    /// Booked from 1000 to 1100; opened at 0, a proposal is due by 500.
    static func opened() throws -> Handshake {
        try Handshake.open(
            booked: slot(1_000, 1_100), deadline: second(500), answerSeconds: 20, now: second(0)
        )
        .handshake
    }

    /// The seller has proposed the booked time until 400.
    static func proposed() throws -> Handshake {
        try opened().apply(
            say(.seller, 1, .propose(proposal(1_000, 1_100, by: 400))), now: second(10)
        ).handshake
    }

    static func agreed() throws -> Handshake {
        try proposed().apply(say(.buyer, 2, .accept), now: second(20)).handshake
    }

    static func rescheduling() throws -> Handshake {
        try agreed().apply(
            say(.buyer, 3, .counter(proposal(2_000, 2_100, by: 900))), now: second(30)
        ).handshake
    }

    struct Row: Sendable, CustomTestStringConvertible {
        let refusal: HandshakeRefusal
        let handshake: @Sendable () throws -> Handshake
        let message: @Sendable () throws -> HandshakeMessage
        let now: Int64
        var testDescription: String { refusal.code.rawValue }

        init(
            _ refusal: HandshakeRefusal, _ handshake: @escaping @Sendable () throws -> Handshake,
            at now: Int64 = 40, _ message: @escaping @Sendable () throws -> HandshakeMessage
        ) {
            self.refusal = refusal
            self.handshake = handshake
            self.message = message
            self.now = now
        }
    }

    static let unready = ReadyChecks(device: true, line: false, recordAccess: true)

    static let rows: [Row] = [
        Row(.staleSequence(expected: 2), proposed) { say(.buyer, 1, .accept) },
        Row(.staleSequence(expected: 2), proposed) { say(.buyer, 3, .accept) },
        Row(.staleSequence(expected: 3), agreed) { say(.seller, 2, .accept) },
        Row(
            .terminal(.declined),
            { try proposed().apply(say(.buyer, 2, .decline, "ill"), now: second(20)).handshake }
        ) { say(.buyer, 3, .accept) },
        Row(.senderNotAllowed, proposed) { say(.buyer, 2, .expire) },
        Row(.senderNotAllowed, proposed) {
            HandshakeMessage(sender: .clock, sequence: 2, body: .accept)
        },
        Row(.causeMissing, proposed) { say(.buyer, 2, .decline) },
        Row(.causeMissing, proposed) { say(.seller, 2, .withdraw, " \n") },
        Row(.causeMissing, agreed) { say(.seller, 3, .notReady) },
        Row(.causeTooLong(limit: 500), proposed) {
            say(.buyer, 2, .accept, String(repeating: "x", count: 501))
        },
        Row(.deadlinePassed(at: second(400)), proposed, at: 400) { say(.buyer, 2, .accept) },
        Row(.deadlinePassed(at: second(400)), proposed, at: 400) {
            say(.seller, 2, .withdraw, "late")
        },
        Row(.deadlinePassed(at: second(500)), opened, at: 500) {
            say(.seller, 1, .propose(try proposal(1_000, 1_100, by: 600)))
        },
        Row(.deadlineNotReached(until: second(400)), proposed, at: 399) {
            HandshakeMessage(sender: .clock, sequence: 2, body: .expire)
        },
        Row(.noDeadline, agreed) {
            HandshakeMessage(sender: .clock, sequence: 3, body: .expire)
        },
        Row(.deadlineInThePast, opened) {
            say(.seller, 1, .propose(try proposal(1_000, 1_100, by: 40)))
        },
        Row(.deadlineAfterStart(start: second(1_000)), opened) {
            say(.seller, 1, .propose(try proposal(1_000, 1_100, by: 1_001)))
        },
        Row(.deadlineTooSoon(earliest: second(60)), opened) {
            say(.seller, 1, .propose(try proposal(1_000, 1_100, by: 59)))
        },
        Row(.deadlineTooSoon(earliest: second(60)), proposed) {
            say(.buyer, 2, .counter(try proposal(2_000, 2_100, by: 59)))
        },
        // The agreed visit starts before the other time would.
        Row(.deadlineAfterStart(start: second(1_000)), agreed) {
            say(.seller, 3, .counter(try proposal(2_000, 2_100, by: 1_001)))
        },
        Row(.nothingProposed, opened) { say(.buyer, 1, .accept) },
        Row(.alreadyProposed, proposed) {
            say(.buyer, 2, .propose(try proposal(1_000, 1_100, by: 300)))
        },
        Row(.notYourTurn, proposed) { say(.seller, 2, .accept) },
        Row(.notYourTurn, proposed) {
            say(.seller, 2, .counter(try proposal(1_000, 1_100, by: 300)))
        },
        Row(.notYourTurn, proposed) { say(.seller, 2, .decline, "no") },
        Row(.notYourTurn, proposed) { say(.buyer, 2, .withdraw, "no") },
        Row(.notYourTurn, rescheduling) { say(.buyer, 4, .accept) },
        Row(.alreadyAgreed, agreed) { say(.seller, 3, .accept) },
        Row(.alreadyAgreed, agreed) { say(.seller, 3, .decline, "no") },
        Row(.notAgreed, opened) { say(.seller, 1, .ready(passed)) },
        Row(.notAgreed, proposed) { say(.seller, 2, .notReady, "no line") },
        Row(.counterPending, rescheduling) { say(.seller, 4, .ready(passed)) },
        Row(.checksFailed(unready), agreed) { say(.seller, 3, .ready(unready)) },
        Row(.visitStarted(at: second(1_000)), agreed, at: 1_000) {
            say(.seller, 3, .withdraw, "ill")
        },
        Row(.visitStarted(at: second(1_000)), agreed, at: 1_000) {
            say(.seller, 3, .counter(try proposal(2_000, 2_100, by: 1_500)))
        },
        Row(.visitOver(at: second(1_100)), agreed, at: 1_100) { say(.seller, 3, .ready(passed)) },
    ]

    @Test(arguments: rows) func refuses(_ row: Row) throws {
        let handshake = try row.handshake()
        #expect(throws: row.refusal) { try handshake.apply(row.message(), now: second(row.now)) }
    }

    @Test func everyRefusalHasARow() {
        #expect(
            Set(Self.rows.map(\.refusal.code)) == Set(HandshakeRefusal.Code.allCases))
    }

    @Test func aCounteredTimeMovesTheBookingOnAcceptance() throws {
        let counter = Self.say(.buyer, 2, .counter(try Self.proposal(2_000, 2_100, by: 600)))
        let countered = try Self.proposed().apply(counter, now: second(20))
        #expect(
            countered.actions
                == [.scheduleDeadline(at: second(600), sequence: 3), .emit(.countered)])
        #expect(try countered.handshake.booked == slot(1_000, 1_100))
        let agreed = try countered.handshake.apply(Self.say(.seller, 3, .accept), now: second(30))
        #expect(try agreed.actions == [.moveBooking(to: slot(2_000, 2_100)), .emit(.agreed)])
        #expect(agreed.handshake.state == .agreed)
        #expect(try agreed.handshake.booked == slot(2_000, 2_100))
    }

    @Test func readyNeedsBothAndIsLostByEither() throws {
        var handshake = try Self.agreed()
        let steps: [(Side, HandshakeMessage.Body, Handshake.StateName, HandshakeEvent)] = [
            (.seller, .ready(Self.passed), .agreed, .sideReady),
            (.seller, .ready(Self.passed), .agreed, .repeated),
            (.buyer, .ready(Self.passed), .ready, .ready),
            (.seller, .notReady, .agreed, .notReady),
            (.seller, .ready(Self.passed), .ready, .ready),
        ]
        for (side, body, state, event) in steps {
            let message = Self.say(side, handshake.sequence + 1, body, "the line is poor")
            let step = try handshake.apply(message, now: second(50))
            #expect(step.handshake.state == state)
            #expect(step.actions == [.emit(event)])
            handshake = step.handshake
        }
    }

    @Test func aCounterThatComesToNothingLeavesWhatWasAgreed() throws {
        let ready = try Self.agreed().apply(
            Self.say(.seller, 3, .ready(Self.passed)), now: second(25)
        ).handshake
        let counter = Self.say(.buyer, 4, .counter(try Self.proposal(2_000, 2_100, by: 900)))
        let asked = try ready.apply(counter, now: second(30)).handshake
        #expect(asked.state == .rescheduling)
        let ends = [
            Self.say(.seller, 5, .decline, "no other time"),
            Self.say(.buyer, 5, .withdraw, "not needed"),
            try #require(asked.due(at: second(900))),
        ]
        for end in ends {
            let now = end.body == .expire ? second(900) : second(40)
            let step = try asked.apply(end, now: now)
            #expect(step.handshake.phase == ready.phase)
            #expect(step.handshake.booked == ready.booked)
            #expect(step.actions == [.emit(.rescheduleDropped)])
        }
        let moved = try asked.apply(Self.say(.seller, 5, .accept), now: second(40))
        #expect(try moved.actions == [.moveBooking(to: slot(2_000, 2_100)), .emit(.agreed)])
        guard case .agreed(_, let readiness) = moved.handshake.phase else {
            Issue.record("not agreed")
            return
        }
        #expect(readiness == Handshake.Readiness())
    }

    @Test func expiryIsTheCancellationOfWhoDidNotAnswer() throws {
        let silentBuyer = try Self.proposed()
        #expect(silentBuyer.due(at: second(399)) == nil)
        let due = try #require(silentBuyer.due(at: second(400)))
        let expired = try silentBuyer.apply(due, now: second(400))
        #expect(expired.actions == [.cancelBooking(by: .buyer), .emit(.expired)])
        #expect(expired.handshake.phase == .expired(owing: .buyer))
        let nobody = try Self.opened()
        let end = try nobody.apply(#require(nobody.due(at: second(500))), now: second(500))
        #expect(end.actions == [.cancelBooking(by: nil), .emit(.expired)])
    }

    /// An offer that leaves the other side no time to answer costs the one who makes it.
    @Test func anOfferAtTheLastMomentCountsAgainstItsSender() throws {
        for (side, sent, owing) in [
            (Side.buyer, 280, Side.seller), (.buyer, 281, .buyer), (.seller, 281, .seller),
        ] {
            let handshake = try Handshake.open(
                booked: slot(300, 400), deadline: second(299), answerSeconds: 20, now: second(0)
            ).handshake
            let offer = try Self.proposal(300, 400, by: 300)
            let late = try handshake.apply(
                Self.say(side, 1, .propose(offer)), now: second(Int64(sent))
            ).handshake
            let expired = try late.apply(#require(late.due(at: second(300))), now: second(300))
            #expect(expired.actions == [.cancelBooking(by: owing), .emit(.expired)])
        }
    }

    @Test func theKeptMessagesLeadToTheSameState() throws {
        let messages = [
            (Self.say(.seller, 1, .propose(try Self.proposal(1_000, 1_100, by: 400))), second(10)),
            (Self.say(.buyer, 2, .accept), second(20)),
            (
                Self.say(.buyer, 3, .counter(try Self.proposal(2_000, 2_100, by: 900))),
                second(30)
            ),
        ]
        #expect(try Handshake.replay(from: Self.opened(), messages) == Self.rescheduling())
    }

    @Test func opensOnlyWithAUsefulDeadline() throws {
        let booked = try slot(1_000, 1_100)
        #expect(throws: HandshakeRefusal.deadlineInThePast) {
            try Handshake.open(
                booked: booked, deadline: second(5), answerSeconds: 0, now: second(5))
        }
        #expect(throws: HandshakeRefusal.deadlineAfterStart(start: second(1_000))) {
            try Handshake.open(
                booked: booked, deadline: second(1_001), answerSeconds: 0, now: second(5))
        }
    }

    @Test func anAdvanceAcceptanceStartsAgreed() throws {
        let step = Handshake.agreedInAdvance(
            booked: try slot(0, 60), answerSeconds: 0, room: .builtIn)
        #expect(step.handshake.state == .agreed)
        #expect(step.actions == [.emit(.agreed)])
        #expect(step.handshake.deadline == nil)
    }
}
