import Contracts
import Documents
import MoneyAndTime
import Organisations
import Postgres
import SignIn
import Storage
import StrictJSON
import Visits

// Private addresses at which calendar programs read visits: one of a specialist's, or of a unit's.
// Who knows the address reads them, so it is shown once and can be revoked.

extension Market {
    /// Days before and after now whose visits a feed holds, and for how many days one that was
    /// cancelled is still shown as such.
    package static let feedDays = (past: Int64(30), ahead: Int64(90), cancelled: Int64(14))
    /// More than any calendar shows.
    private static let mostInFeed = 5_000

    /// Who neither plans nor administers sees those of the specialist that it is itself.
    package func listCalendarFeeds(
        _ request: Request, page: Page<CalendarFeedID>
    ) async throws -> Answer {
        try await view(request) { transaction, caller in
            var own: SpecialistID?
            if !caller.mayMakeAnyFeed, !caller.roles.contains(Role.auditor.rawValue) {
                own = try await specialist(of: caller, in: transaction)
                // a machine, or somebody who is no specialist: nothing is its own
                guard own != nil else { return Answer(["items": [], "next": .null]) }
            }
            let rows = try await transaction.query(
                StoredCalendarFeed.page(of: own, after: page.after, limit: page.limit + 1))
            return try .page(
                rows.map(StoredCalendarFeed.init(row:)), limit: page.limit,
                cursor: { $0.id.description }, item: { .object($0.members) })
        }
    }

    /// The address is in the first answer only; what is kept of it is a digest.
    package func addCalendarFeed(
        _ request: Request, of subject: StoredCalendarFeed.Subject, in language: TemplateLanguage
    ) async throws -> Answer {
        try await change(request, redacted: \.withoutAddress) { transaction, caller in
            let found: Query =
                switch subject {
                case .specialist(let id): StoredSpecialist.find(id)
                case .unit(let id): StoredUnit.find(id)
                }
            guard try await transaction.query(found).atMostOne() != nil else {
                throw Refusal(.notFound)
            }
            try await requireMay(caller, feed: subject, in: transaction)
            var random = SystemRandomNumberGenerator()
            let secret = OneTimeSecret(using: &random)
            let feed = StoredCalendarFeed(
                id: newID(), subject: subject, language: language.rawValue,
                member: caller.member, createdAt: caller.now)
            try await transaction.query(feed.insert(secret.digest, for: caller.organisation))
            try await transaction.note(feed.happening("calendar_feed.added"), by: caller)
            var members = feed.members
            members["address"] = JSON(
                "\(surroundings.publicAddress ?? "")/calendars/\(secret.text).ics")
            members["address_shown"] = false
            return Answer(.object(members), revision: feed.revision)
        }
    }

    /// It stops the next program that asks.
    package func revokeCalendarFeed(
        _ request: Request, _ id: CalendarFeedID
    ) async throws -> Answer {
        try await change(request) { transaction, caller in
            guard let row = try await transaction.query(StoredCalendarFeed.find(id)).atMostOne()
            else { throw Refusal(.notFound) }
            try await requireMay(
                caller, feed: StoredCalendarFeed(row: row).subject, in: transaction)
            guard let row = try await transaction.query(StoredCalendarFeed.revoke(id)).atMostOne()
            else { throw Refusal(.alreadyRevoked) }
            let feed = try StoredCalendarFeed(row: row)
            try await transaction.note(feed.happening("calendar_feed.revoked"), by: caller)
            return Answer(.object(feed.members), revision: feed.revision)
        }
    }

    /// What is behind the secret in a feed's address; nil where it is unknown, was revoked, or its
    /// maker is gone: nobody learns which.
    package func calendarFeed(_ secret: OneTimeSecret) async throws -> Document? {
        try await asRefusals {
            let row = try await database.write([OpenCalendarFeed.open(secret.digest)])
                .atMostOne()
            guard let feed = try row.map(OpenCalendarFeed.init(row:)) else { return nil }
            return try await database.transaction(
                TransactionOptions(isolation: .repeatableRead, readOnly: true)
            ) { transaction in
                try await document(of: feed, in: transaction)
            }
        }
    }

    private func document(
        of feed: OpenCalendarFeed, in transaction: Transaction
    ) async throws -> Document {
        let now = try await transaction.query(feed.enter).only()["now", Instant.self]
        let day: Int64 = 86_400
        let shown = try TimeSlot(
            start: now.adding(seconds: -Self.feedDays.past * day),
            end: now.adding(seconds: Self.feedDays.ahead * day))
        let bookings = try await transaction.query(
            feed.bookings(in: shown, limit: Self.mostInFeed)
        ).map(StoredBooking.init(row:))
        let visits = try await calendars(
            of: bookings, in: TemplateLanguage(rawValue: feed.language) ?? .finnish,
            for: feed.organisation, at: .now(now), in: transaction)
        let oldest = try now.adding(seconds: -Self.feedDays.cancelled * day)
        let name = try await transaction.query(feed.name).only()["name", String.self]
        let bytes = VisitCalendar.feed(
            named: "Aikatori: \(name)",
            visits.map { (event: $0.invitation.event, visit: $0.visit) }
                .filter { $0.event.status != .cancelled || $0.event.at >= oldest })
        return Document(
            bytes: bytes, mediaType: "text/calendar; charset=utf-8", fileName: "visits.ics")
    }

    private func requireMay(
        _ caller: Caller, feed subject: StoredCalendarFeed.Subject, in transaction: Transaction
    ) async throws {
        if caller.mayMakeAnyFeed { return }
        guard case .specialist(let id) = subject,
            try await specialist(of: caller, in: transaction) == id
        else { throw Refusal(.roleNotAllowed) }
    }

    private func specialist(
        of caller: Caller, in transaction: Transaction
    ) async throws -> SpecialistID? {
        guard let member = caller.member else { return nil }
        return try await transaction.query(StoredCalendarFeed.specialist(of: member)).only()[
            "specialist", SpecialistID?.self]
    }
}

extension Caller {
    fileprivate var mayMakeAnyFeed: Bool {
        roles.contains(Role.scheduler.rawValue) || roles.contains(Role.admin.rawValue)
    }
}

extension StoredCalendarFeed {
    fileprivate var members: JSONObject {
        var (specialist, unit): (SpecialistID?, UnitID?) = (nil, nil)
        switch subject {
        case .specialist(let id): specialist = id
        case .unit(let id): unit = id
        }
        return [
            "id": JSON(id.description),
            "specialist": JSON(specialist?.description),
            "unit": JSON(unit?.description),
            "language": JSON(language),
            "member": JSON(member?.description),
            "created_at": JSON(createdAt.rfc3339),
            "last_used_at": JSON(lastUsedAt?.rfc3339),
            "revoked_at": JSON(revokedAt?.rfc3339),
            "revision": JSON(revision),
        ]
    }

    fileprivate func happening(_ kind: String) -> Happening {
        Happening(.calendarFeed, id, kind, revision: revision)
    }
}

extension Answer {
    /// What is kept of an answer that showed a feed's address.
    fileprivate var withoutAddress: Answer {
        var kept = self
        var members = body.members ?? [:]
        members["address"] = JSON.null
        members["address_shown"] = true
        kept.body = .object(members)
        return kept
    }
}
