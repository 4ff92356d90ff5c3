import MoneyAndTime
import Postgres
import Scheduling
import SignIn
import Storage
import StrictJSON
import Visits

// Links by which guests come to the door of a visit, without an account.

extension Market {
    /// A link for one guest of a visit that is agreed on, shown once. It is about the visit, and
    /// follows it when it moves. `language` is that of the guest.
    package func issueGuestLink(
        _ request: Request, _ id: BookingID, for kind: GuestKind, language: String
    ) async throws -> Answer {
        try await change(request, redacted: \.withoutToken) { transaction, caller in
            let (booking, _, now) = try await lockAgreedVisit(id, in: transaction)
            let window = try JoinWindow.standard.around(booking.planned)
            guard now < window.end else { throw Refusal(.joinClosed) }
            var random = SystemRandomNumberGenerator()
            let secret = OneTimeSecret(using: &random)
            let link = try StoredGuestLink(
                row: await transaction.query(
                    StoredGuestLink.insert(
                        newID(), digest: secret.digest, to: booking,
                        by: booking.visitSide(of: caller.organisation), for: kind,
                        language: language, credential: caller.credential)
                ).only())
            try await transaction.note(
                .init(.visit, id, "guest_link.issued", revision: 0, facts: link.facts), by: caller)
            var answer = link.json.members ?? [:]
            answer["token"] = JSON(secret.text)
            answer["token_shown"] = false
            return Answer(.object(answer))
        }
    }

    /// The links of a visit, those of both sides, oldest first.
    package func listGuestLinks(_ request: Request, _ id: BookingID) async throws -> Answer {
        try await view(request) { transaction, _ in
            guard try await transaction.query(StoredBooking.find(id)).atMostOne() != nil else {
                throw Refusal(.notFound)
            }
            let links = try await transaction.query(StoredGuestLink.all(of: id))
                .map(StoredGuestLink.init(row:))
            return Answer(["items": .array(links.map(\.json))])
        }
    }

    /// Nobody comes by it any more, and whoever came by it is put out. By the side that made it.
    package func revokeGuestLink(
        _ request: Request, _ id: GuestLinkID
    ) async throws -> Answer {
        try await change(request) { transaction, caller in
            guard let row = try await transaction.query(StoredGuestLink.find(id)).atMostOne()
            else { throw Refusal(.notFound) }
            let link = try StoredGuestLink(row: row)
            let booking = try StoredBooking(
                row: await transaction.query(StoredBooking.lock(link.booking)).only())
            guard link.side == booking.visitSide(of: caller.organisation) else {
                throw Refusal(.notYourSide)
            }
            guard let row = try await transaction.query(StoredGuestLink.revoke(id)).atMostOne()
            else {
                // by somebody else meanwhile, or before
                let revoked = try await transaction.query(StoredGuestLink.find(id)).only()
                return Answer(try StoredGuestLink(row: revoked).json)
            }
            let revoked = try StoredGuestLink(row: row)
            try await transaction.tell(
                "visit.guest_link_revoked", of: booking, revoked.facts, by: caller)
            return Answer(revoked.json)
        }
    }
}

extension StoredBooking {
    /// The organisation's side of the visit.
    func visitSide(of organisation: OrganisationID) -> Visits.Side {
        organisation == seller ? .seller : .buyer
    }
}

extension Transaction {
    /// What both sides of a visit whose booking is locked are told.
    func tell(
        _ kind: String, of booking: StoredBooking, _ facts: JSON, by caller: Caller
    ) async throws {
        let revision: Int64 = try await query(StoredAttestation.nextRevision(of: booking.id))
            .only().decode("revision")
        try await record(
            .init(
                .visit, booking.id, kind, revision: revision,
                counterparty: caller.organisation == booking.seller
                    ? booking.buyer : booking.seller, facts: facts), by: caller)
    }
}

extension StoredGuestLink {
    fileprivate var facts: JSON {
        ["guest_link": JSON(id.description), "kind": JSON(kind.rawValue)]
    }

    var json: JSON {
        [
            "id": JSON(id.description),
            "booking": JSON(booking.description),
            "side": JSON(side.rawValue),
            "kind": JSON(kind.rawValue),
            "language": JSON(language),
            "created_at": JSON(createdAt.rfc3339),
            "revoked_at": JSON(revokedAt?.rfc3339),
        ]
    }
}
