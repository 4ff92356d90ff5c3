import MoneyAndTime
import Scheduling
import Testing

@Suite struct BookingLifeTests {
    static let states: [BookingLife.State] = [
        .held(until: minute(10)), .booked, .closed, .released, .expired, .cancelled,
    ]

    /// At minute 5: the hold lives, the visit (60 to 90) has not begun. All else is illegal.
    @Test func everyStateUnderEveryMessage() throws {
        let planned = try slot(60, 90)
        let later = try slot(120, 150)
        let messages: [(BookingLife.Message, String)] = [
            (.confirm, "confirm"), (.release, "release"), (.expire, "expire"),
            (.cancel, "cancel"), (.close, "close"), (.move(to: later), "move"),
        ]
        let legal: [String: BookingLife.Name] = [
            "held confirm": .booked, "held release": .released, "booked cancel": .cancelled,
            "booked close": .closed, "booked move": .booked,
        ]
        for state in Self.states {
            for (message, word) in messages {
                let life = BookingLife(state: state, planned: planned)
                let name = "\(state.name.rawValue) \(word)"
                if let next = legal[name] {
                    #expect(try life.apply(message, now: minute(5)).life.state.name == next)
                    continue
                }
                let refusal = #expect(throws: BookingLife.Refusal.self) {
                    try life.apply(message, now: minute(5))
                }
                let expected = name == "held expire" ? "hold_not_expired" : "illegal_transition"
                #expect(refusal?.code == expected, "\(name)")
            }
        }
    }

    @Test func aHoldEndsAtItsInstant() throws {
        let held = BookingLife(state: .held(until: minute(10)), planned: try slot(60, 90))
        let before = Instant(microseconds: minute(10).microseconds - 1)
        #expect(try held.apply(.confirm, now: before).effects == [.keepReservation])
        #expect(throws: BookingLife.Refusal.holdExpired(at: minute(10))) {
            try held.apply(.confirm, now: minute(10))
        }
        #expect(throws: BookingLife.Refusal.holdExpired(at: minute(10))) {
            try held.apply(.release, now: minute(10))
        }
        #expect(throws: BookingLife.Refusal.holdNotExpired(until: minute(10))) {
            try held.apply(.expire, now: before)
        }
        #expect(
            try held.apply(.expire, now: minute(10)).effects == [.freeReservation, .releaseBudget])
    }

    @Test func cancellingIsBeforeTheStart() throws {
        let booked = BookingLife(state: .booked, planned: try slot(60, 90))
        let before = Instant(microseconds: minute(60).microseconds - 1)
        #expect(
            try booked.apply(.cancel, now: before).effects
                == [.freeReservation, .releaseBudget, .applyCancellationTerms(at: before)])
        #expect(throws: BookingLife.Refusal.visitStarted(at: minute(60))) {
            try booked.apply(.cancel, now: minute(60))
        }
    }

    @Test func movingTakesTheReservationAlong() throws {
        let booked = BookingLife(state: .booked, planned: try slot(60, 90))
        let later = try slot(120, 150)
        let step = try booked.apply(.move(to: later), now: minute(5))
        #expect(step.life == BookingLife(state: .booked, planned: later))
        #expect(step.effects == [.moveReservation(to: later)])
        #expect(try booked.apply(.move(to: slot(60, 90)), now: minute(5)).effects.isEmpty)
        #expect(throws: BookingLife.Refusal.startInThePast) {
            try booked.apply(.move(to: slot(0, 30)), now: minute(5))
        }
        #expect(throws: BookingLife.Refusal.visitStarted(at: minute(60))) {
            try booked.apply(.move(to: later), now: minute(60))
        }
    }

    @Test func expiredHoldsExcludeNobody() throws {
        var random = Seeded(7)
        let specialist = SpecialistID(at: monday, using: &random)
        let other = SpecialistID(at: monday, using: &random)
        func reservation(
            _ owner: SpecialistID, _ from: Int64, _ to: Int64, until: Int64? = nil
        ) throws -> Reservation {
            Reservation(
                id: ReservationID(at: monday, using: &random), specialist: owner,
                occupied: try slot(from, to), holdExpiresAt: until.map(minute))
        }
        let booked = try reservation(specialist, 0, 30)
        #expect(try booked.excludes(reservation(specialist, 29, 40), at: minute(0)))
        #expect(try !booked.excludes(reservation(specialist, 30, 40), at: minute(0)))
        #expect(try !booked.excludes(reservation(other, 0, 30), at: minute(0)))
        let held = try reservation(specialist, 10, 20, until: 5)
        #expect(held.excludes(booked, at: minute(4)))
        #expect(!held.excludes(booked, at: minute(5)))
        #expect(!booked.excludes(held, at: minute(5)))
    }
}
