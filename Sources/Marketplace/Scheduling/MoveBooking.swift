import Contracts
import MoneyAndTime
import Postgres
import Scheduling
import Storage
import StrictJSON
import Visits

extension Market {
    /// Where a buyer wants its booking instead.
    package struct NewTime: Sendable {
        package let starts: Instant
        /// Nil: the same one.
        package let specialist: SpecialistID?
        /// The buyer's rooms and staff that it takes at the other time; nil: the same ones.
        package let resources: [ResourceID]?

        package init(
            starts: Instant, specialist: SpecialistID?, resources: [ResourceID]? = nil
        ) {
            self.starts = starts
            self.specialist = specialist
            self.resources = resources
        }
    }

    /// The buyer moves a booked visit to another time of the specialist or of a colleague, at the
    /// price of that time under the frozen version, for as long as it could be cancelled for
    /// nothing. Refused as a new booking would be, with everything as it was. The handshake begins
    /// anew, and who had a link into the visit needs another one.
    package func moveBooking(
        _ request: Request, _ id: BookingID, revision: Int64, to time: NewTime
    ) async throws -> Answer {
        try await change(request) { transaction, caller in
            try await transaction.query(BudgetCounter.lock(of: id, andAt: time.starts))
            let booking = try await lock(id, in: transaction)
            guard booking.buyer == caller.organisation else { throw Refusal(.notYourSide) }
            guard booking.revision == revision else { throw Refusal(.revisionDiffers) }
            guard booking.groupSession == nil else { throw Refusal(.inGroupSession) }
            let now = try await transaction.now()
            try await requireNotRunOut(booking, now: now, in: transaction)
            let slot = try TimeSlot(
                start: time.starts,
                end: time.starts.adding(seconds: booking.planned.seconds))
            _ = try applying(.move(to: slot), to: booking, now: now)
            let terms = try await terms(of: booking, in: transaction)
            try await requireFreeMove(of: booking, at: now, under: terms, in: transaction)
            let specialist = time.specialist ?? booking.specialist
            guard slot != booking.planned || specialist != booking.specialist else {
                return BookingSheet(booking, for: caller.organisation).answer
            }
            if time.resources != nil {
                // those that it leaves behind are not in its way
                try await transaction.query(StoredResource.choose([], for: id))
            }
            try await transaction.query(
                StoredBooking.move(id, toStart: slot.start, of: specialist))
            if let resources = time.resources {
                try await transaction.query(StoredResource.choose(resources, for: id))
            }
            try await transaction.query(JoinTokenDigest.revokeAll(of: id))
            try await restart(booking, at: slot, under: terms, now: now, in: transaction)
            var facts: JSONObject = ["by": "buyer"]
            if specialist != booking.specialist {
                facts["from"] = JSON(booking.specialist.description)
            }
            return try await told(
                "booking.moved", of: id, for: caller.organisation, facts: .object(facts),
                in: transaction
            ).answer
        }
    }

    /// The handshake says that the buyer has moved the booking.
    private func restart(
        _ booking: StoredBooking, at slot: TimeSlot, under terms: Terms, now: Instant,
        in transaction: Transaction
    ) async throws {
        let stored = try StoredHandshake(
            row: await transaction.query(StoredHandshake.lock(booking.id)).only())
        let messages = try await transaction.messages(of: booking.id)
        let handshake = try stored.replay(messages)
        let reply =
            stored.acceptedInAdvance
            ? nil
            : try HandshakeMessage.Move.Reply(
                within: terms.handshake.replyWithinMinutes, before: slot.start, now: now)
        _ = try await hear(
            HandshakeMessage(
                sender: .side(.buyer), sequence: handshake.sequence + 1,
                body: .move(.init(slot: slot, reply: reply))),
            at: now,
            of: Meeting(
                booking: booking, stored: stored, handshake: handshake, messages: messages),
            for: booking.buyer, in: transaction)
    }
}

extension Market {
    /// What would cost something to cancel does not move: else a late cancellation would be free.
    fileprivate func requireFreeMove(
        of booking: StoredBooking, at now: Instant, under terms: Terms,
        in transaction: Transaction
    ) async throws {
        let cost = try await cancellationCost(
            of: booking, by: .buyer, at: now, under: terms, in: transaction)
        let fee = try cost.fee()
        guard fee == .zero else {
            throw Refusal(
                .moveNotFree,
                figures: [
                    "fee": JSON(fee.decimal), "currency": JSON(fee.currency.rawValue),
                    "free_until": JSON(cost.freeUntil?.rfc3339),
                ])
        }
    }
}
