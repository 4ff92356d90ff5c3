import Contracts
import MoneyAndTime
import Postgres
import Scheduling
import Storage
import StrictJSON

// Reading group sessions: how many places are taken, and what one costs. Buyers never see each
// other: a session is shown with the caller's own bookings only.

extension Market {
    package func listGroupSessions(
        _ request: Request, contract: ContractID?, from: Instant?, until: Instant?,
        page: Page<GroupSessionID>
    ) async throws -> Answer {
        try await view(request) { transaction, _ in
            let rows = try await transaction.query(
                StoredGroupSession.page(
                    contract: contract, from: from, until: until, after: page.after,
                    limit: page.limit + 1))
            return try .page(
                rows.map(StoredGroupSession.init(row:)), limit: page.limit,
                cursor: { $0.id.description },
                item: { .object(JSONObject(try $0.head())) })
        }
    }

    package func groupSession(_ request: Request, _ id: GroupSessionID) async throws -> Answer {
        try await view(request) { transaction, caller in
            try await groupSessionSheet(of: id, for: caller.organisation, in: transaction)
        }
    }

    /// The session with those of its bookings that are the caller's, and what its withdrawal would
    /// cost the seller now.
    func groupSessionSheet(
        of id: GroupSessionID, for organisation: OrganisationID, in transaction: Transaction
    ) async throws -> Answer {
        guard let row = try await transaction.query(StoredGroupSession.find(id)).atMostOne()
        else { throw Refusal(.notFound) }
        let session = try StoredGroupSession(row: row)
        let bookings = try await transaction.query(StoredGroupSession.bookings(in: id))
            .map(StoredBooking.init(row:))
        let now = try await transaction.now()
        var cost: Money?
        if session.seller == organisation, session.state == .open, now < session.during.start {
            cost = try Money.sum(
                of: await withdrawal(of: bookings, at: now, in: transaction).map(\.fee))
        }
        let details: [(String, JSON)] = [
            (
                "bookings",
                .array(
                    bookings.map {
                        [
                            "booking": JSON($0.id.description),
                            "contract": JSON($0.contract.description),
                            "buyer": JSON($0.buyer.description),
                            "state": JSON($0.state.rawValue),
                        ]
                    })
            ),
            ("withdrawal_cost", JSON(cost?.decimal)),
        ]
        return Answer(
            .object(JSONObject(try session.head() + details)),
            location: "/v1/group-sessions/\(id)")
    }

    /// The seller's session with its bookings, locked behind their counters; refused when it is
    /// withdrawn.
    func lockOpenSession(
        _ id: GroupSessionID, in transaction: Transaction
    ) async throws -> (session: StoredGroupSession, bookings: [StoredBooking]) {
        try await transaction.query(StoredGroupSession.lock(id))
        let session = try await StoredGroupSession(
            row: transaction.query(StoredGroupSession.find(id)).only())
        guard session.state == .open else {
            throw Refusal(.illegalTransition, figures: ["from": JSON(session.state.rawValue)])
        }
        let bookings = try await transaction.query(StoredGroupSession.bookings(in: id))
            .map(StoredBooking.init(row:))
        return (session, bookings)
    }

    /// Which part of its session a booking is, as it is now; nil where it has time of its own.
    func share(
        of booking: StoredBooking, in transaction: Transaction
    ) async throws -> GroupShare? {
        guard booking.groupSession != nil else { return nil }
        let row = try await transaction.query(StoredGroupSession.share(of: booking.id)).only()
        return try GroupShare(
            places: 1, placesBefore: row.decode("places_before"),
            placesInAll: row.decode("places_in_all"))
    }
}

extension StoredBooking {
    /// Once a group session has begun nobody leaves it: its price is shared by who has a place.
    func requireLeavable(at now: Instant) throws {
        if groupSession != nil, now >= planned.start { throw Refusal(.visitStarted) }
    }
}

extension StoredGroupSession {
    /// What a list shows of it.
    fileprivate func head() throws -> [(String, JSON)] {
        [
            ("id", JSON(id.description)),
            ("seller", JSON(seller.description)),
            ("specialist", JSON(specialist.description)),
            ("specialist_label", JSON(specialistLabel)),
            ("service", JSON(service)),
            ("starts", JSON(during.start.rfc3339)),
            ("ends", JSON(during.end.rfc3339)),
            ("places", JSON(places)),
            ("taken", JSON(taken)),
            ("own", JSON(own)),
            ("book_until", JSON(bookUntil.rfc3339)),
            ("state", JSON(state.rawValue)),
            (
                "contracts",
                contracts.map { .array($0.map { JSON($0.description) }) } ?? .null
            ),
            ("offers", .array(try offers.map { try $0.json(taken: min(taken, places - 1)) })),
            ("currency", JSON(Currency.eur.rawValue)),
            ("revision", JSON(revision)),
        ]
    }
}

extension StoredGroupSession.Offer {
    /// `share`: what one place more comes to beside so many that are taken.
    fileprivate func json(taken: Int64) throws -> JSON {
        let next = GroupShare(places: 1, placesBefore: taken, placesInAll: taken + 1)
        return [
            "contract": JSON(contract.description),
            "price": JSON(price.decimal),
            "share": JSON(try next.of(price).decimal),
        ]
    }
}
