import MoneyAndTime

/// The life of a booking: held → booked → closed, or released, expired, cancelled.
package struct BookingLife: Hashable, Sendable {
    package let state: State
    /// The visit as planned, without its buffer.
    package let planned: TimeSlot

    package enum State: Hashable, Sendable {
        case held(until: Instant)
        case booked
        case closed
        case released
        case expired
        case cancelled

        /// The word stored and shown.
        package var name: Name {
            switch self {
            case .held: .held
            case .booked: .booked
            case .closed: .closed
            case .released: .released
            case .expired: .expired
            case .cancelled: .cancelled
            }
        }
    }

    package enum Name: String, Hashable, Sendable, CaseIterable {
        case held, booked, closed, released, expired, cancelled
    }

    package enum Message: Hashable, Sendable {
        case confirm
        case release
        case expire
        case cancel
        /// The visit is over and settled in minutes; also when nobody came.
        case close
        /// To the same specialist's other time; the reservation moves in the same transaction.
        case move(to: TimeSlot)
    }

    package enum Effect: Hashable, Sendable {
        /// The reservation's hold ends in a booking.
        case keepReservation
        case freeReservation
        /// What the quote reserved goes back to the budget counter.
        case releaseBudget
        /// A cancellation may cost something: the contract's terms at this instant decide.
        case applyCancellationTerms(at: Instant)
        case moveReservation(to: TimeSlot)
    }

    package enum Refusal: Error, Hashable, Sendable {
        case holdExpired(at: Instant)
        case holdNotExpired(until: Instant)
        case visitStarted(at: Instant)
        case startInThePast
        case illegalTransition(from: Name)

        /// The stable code that the outside sees.
        package var code: String {
            switch self {
            case .holdExpired: "hold_expired"
            case .holdNotExpired: "hold_not_expired"
            case .visitStarted: "visit_started"
            case .startInThePast: "start_in_the_past"
            case .illegalTransition: "illegal_transition"
            }
        }
    }

    package struct Step: Hashable, Sendable {
        package let life: BookingLife
        package let effects: [Effect]
    }

    package init(state: State, planned: TimeSlot) {
        self.state = state
        self.planned = planned
    }

    /// What the message makes of the booking at `now`, read after all locks are held.
    package func apply(_ message: Message, now: Instant) throws(Refusal) -> Step {
        switch (state, message) {
        case (.held(let until), .expire):
            guard until <= now else { throw .holdNotExpired(until: until) }
            return step(.expired, [.freeReservation, .releaseBudget])
        case (.held(let until), .confirm):
            // A hold ends by the clock, not by the worker that tidies up after it.
            guard now < until else { throw .holdExpired(at: until) }
            return step(.booked, [.keepReservation])
        case (.held(let until), .release):
            guard now < until else { throw .holdExpired(at: until) }
            return step(.released, [.freeReservation, .releaseBudget])
        case (.booked, .cancel):
            guard now < planned.start else { throw .visitStarted(at: planned.start) }
            return step(
                .cancelled, [.freeReservation, .releaseBudget, .applyCancellationTerms(at: now)])
        case (.booked, .close):
            return step(.closed, [])
        case (.booked, .move(let slot)):
            guard now < planned.start else { throw .visitStarted(at: planned.start) }
            guard now <= slot.start else { throw .startInThePast }
            let moved = BookingLife(state: .booked, planned: slot)
            return Step(
                life: moved, effects: slot == planned ? [] : [.moveReservation(to: slot)])
        default:
            throw .illegalTransition(from: state.name)
        }
    }

    private func step(_ state: State, _ effects: [Effect]) -> Step {
        Step(life: BookingLife(state: state, planned: planned), effects: effects)
    }
}
