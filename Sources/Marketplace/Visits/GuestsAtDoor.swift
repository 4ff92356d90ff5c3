import MoneyAndTime
import Postgres
import SignIn
import Storage
import StrictJSON
import Visits

// Guests as the sides of a visit have them at the door: who waits is let in, with how it was
// identified, or put out.

extension Market {
    /// Lets a guest in who waits. All in the room see how it was identified, and by whom.
    package func letGuestIn(
        _ request: Request, _ id: GuestID, identified: Identification
    ) async throws -> Answer {
        try await change(request) { transaction, caller in
            let (guest, booking) = try await atDoor(id, in: transaction)
            try await transaction.query(StoredGuest.letIn(id, identified))
            try await transaction.tell(
                "visit.guest_let_in", of: booking,
                ["guest": JSON(id.description), "identification": JSON(identified.rawValue)],
                by: caller)
            return try await Answer(transaction.guest(guest.id, of: booking).json)
        }
    }

    /// Ends the stay of a guest, waiting or in. Who comes again waits again.
    package func putGuestOut(_ request: Request, _ id: GuestID) async throws -> Answer {
        try await change(request) { transaction, caller in
            let (guest, booking) = try await atDoor(id, in: transaction)
            if try await transaction.query(StoredGuest.putOut(id)).atMostOne() != nil {
                try await transaction.tell(
                    "visit.guest_put_out", of: booking, ["guest": JSON(id.description)],
                    by: caller)
            }
            return try await Answer(transaction.guest(guest.id, of: booking).json)
        }
    }

    /// A guest of the caller's visits, whose booking is locked.
    private func atDoor(
        _ id: GuestID, in transaction: Transaction
    ) async throws -> (StoredGuest, StoredBooking) {
        guard let row = try await transaction.query(StoredGuest.find(id)).atMostOne() else {
            throw Refusal(.notFound)
        }
        let guest = try StoredGuest(row: row)
        let booking = try StoredBooking(
            row: await transaction.query(StoredBooking.lock(guest.booking)).only())
        return (guest, booking)
    }

    /// Who is in the room of one of the caller's visits now.
    package func peopleInRoom(
        _ request: Request, _ id: BookingID
    ) async throws -> [PersonInRoom] {
        try await read(request, PersonInRoom.all(in: id)).map(PersonInRoom.init(row:))
    }
}

extension Transaction {
    fileprivate func guest(
        _ id: GuestID, of booking: StoredBooking
    ) async throws -> StoredGuest.InVisit {
        try await StoredGuest(row: query(StoredGuest.find(id)).only()).of(booking)
    }

    /// In the order in which they came.
    func guests(of booking: StoredBooking) async throws -> [StoredGuest.InVisit] {
        try await query(StoredGuest.all(of: booking.id))
            .map { try StoredGuest(row: $0).of(booking) }
    }
}

extension StoredGuest {
    /// A guest, and the visit whose guest it is.
    struct InVisit {
        let guest: StoredGuest
        let booking: StoredBooking

        var json: JSON {
            [
                "id": JSON(guest.id.description),
                "link": JSON(guest.link.description),
                "kind": JSON(guest.kind.rawValue),
                "state": JSON(guest.state.rawValue),
                "came_at": JSON(guest.cameAt.rfc3339),
                "seen_at": JSON(guest.seenAt.rfc3339),
                "ended_at": JSON(guest.endedAt?.rfc3339),
                "let_in": guest.admission.map { admission in
                    [
                        "identification": JSON(admission.identification.rawValue),
                        "side": JSON(booking.visitSide(of: admission.organisation).rawValue),
                        "by": JSON(admission.byName), "at": JSON(admission.at.rfc3339),
                    ]
                } ?? .null,
            ]
        }
    }

    func of(_ booking: StoredBooking) -> InVisit { InVisit(guest: self, booking: booking) }
}

// MARK: - As guests, whose secrets are the only credentials

extension Market {
    /// How the visit of a link stands; nil for what is no link.
    package func guestLink(_ link: OneTimeSecret) async throws -> SeenGuestLink? {
        try await asRefusals {
            try await database.write([SeenGuestLink.find(link.digest)]).atMostOne()
        }.map(SeenGuestLink.init(row:))
    }

    /// A browser comes to the door by a link, with a secret of its own.
    package func guestComes(by link: OneTimeSecret, as secret: OneTimeSecret) async throws {
        _ = try await asRefusals {
            try await database.write([
                GuestAtDoor.come(by: link.digest, as: newID(), secret.digest)
            ])
        }
    }

    /// Where those of these stand that guests have. To ask is a sign of life.
    package func guestsAtDoor(_ secrets: [[UInt8]]) async throws -> [GuestAtDoor] {
        try await asRefusals {
            try await database.write([GuestAtDoor.states(of: secrets)])
        }.map(GuestAtDoor.init(row:))
    }

    package func guestLeaves(_ secret: OneTimeSecret) async throws {
        _ = try await asRefusals { try await database.write([GuestAtDoor.leave(secret.digest)]) }
    }

    /// Who is in the room in which a guest is.
    package func people(with guest: OneTimeSecret) async throws -> [PersonInRoom] {
        try await asRefusals {
            try await database.write([PersonInRoom.all(with: guest.digest)])
        }.map(PersonInRoom.init(row:))
    }
}
