import Contracts
import MoneyAndTime
import Organisations
import Postgres
import Scheduling
import Storage
import StrictJSON
import Visits

/// An absence as the seller says it: what was seen of it before, and who takes over which visit.
/// Every other visit is cancelled at the seller's cost.
package struct NotedAbsence: Sendable {
    package let during: TimeSlot
    /// The digest of the preview.
    package let digest: String
    package let moves: [BookingID: SpecialistID]
    package let reason: String?

    package init(
        during: TimeSlot, digest: String, moves: [BookingID: SpecialistID], reason: String?
    ) {
        self.during = during
        self.digest = digest
        self.moves = moves
        self.reason = reason
    }
}

/// Whose absence is noted at once.
package enum Absentees: Sendable {
    case specialist(SpecialistID)
    /// All of a unit who are active.
    case unit(UnitID)
}

extension Market {
    /// What an absence would do now to each visit of specialists of the caller's.
    package func previewAbsence(
        _ request: Request, of absentees: Absentees, during: TimeSlot
    ) async throws -> Answer {
        try await view(request) { transaction, caller in
            try requirePossible(during, now: caller.now)
            let people = try await own(absentees, in: transaction)
            let plan = try await absencePlan(
                of: people.map(\.specialist.id), during: during, now: caller.now, in: transaction)
            return Answer([
                "unit": absentees.unit,
                "specialists": .array(
                    people.map {
                        [
                            "specialist": JSON($0.specialist.id.description),
                            "label": JSON($0.specialist.displayLabel),
                        ]
                    }),
                "from": JSON(during.start.rfc3339),
                "until": JSON(during.end.rfc3339),
                "visits": plan.visits(for: caller.organisation),
                "blocks": plan.blocks.listed,
                "group_sessions": plan.sessions.listed,
                "fee": JSON(try plan.fee().decimal),
                "currency": JSON(Currency.eur.rawValue),
                "digest": JSON(try plan.digest(for: caller.organisation)),
                "as_of": JSON(caller.now.rfc3339),
            ])
        }
    }

    /// Closes what is free, and moves or cancels each visit, all at once; each buyer is told. A
    /// plan that has changed since it was seen is refused, with everything as it was.
    package func noteAbsence(
        _ request: Request, of absentees: Absentees, _ absence: NotedAbsence
    ) async throws -> Answer {
        try await change(request) { transaction, caller in
            try requirePossible(absence.during, now: caller.now)
            let people = try await own(absentees, in: transaction).map(\.specialist.id)
            let bookings = try await transaction.query(
                StoredAbsence.bookings(of: people, in: absence.during, now: caller.now)
            ).map { try StoredBooking(row: $0).id }
            try await transaction.query(StoredAbsence.lockBlocks(of: people, in: absence.during))
            try await transaction.query(StoredAbsence.lockBudgets(of: bookings))
            try await transaction.query(
                StoredAbsence.lockSessions(of: people, in: absence.during))
            try await transaction.query(StoredAbsence.lock(bookings))
            // from here on nothing more is booked there
            for specialist in people {
                try await close(
                    Absence(during: absence.during), of: specialist, for: caller.organisation,
                    in: transaction)
            }
            let now = try await transaction.now()
            let plan = try await absencePlan(
                of: people, during: absence.during, now: now, in: transaction)
            guard try plan.digest(for: caller.organisation) == absence.digest else {
                throw Refusal(.absenceChanged)
            }
            try absence.requireKnown(plan)
            var done = Done()
            for step in plan.steps {
                let fate = try await carryOut(
                    step, of: absence, at: now, for: caller.organisation, in: transaction)
                done.fates[fate, default: 0] += 1
                if fate == .cancel, let cost = step.fee { done.fee = try done.fee.adding(cost) }
            }
            try await transaction.query(
                StoredAbsence.giveUpBlocks(of: people, in: absence.during))
            try await transaction.query(
                StoredAbsence.giveUpSessions(of: people, in: absence.during))
            let noted = try await record(absence, of: people, done, by: caller, in: transaction)
            return Answer([
                "unit": absentees.unit,
                "absences": .array(
                    noted.map {
                        ["id": JSON($0.description), "specialist": JSON($1.description)]
                    }),
                "from": JSON(absence.during.start.rfc3339),
                "until": JSON(absence.during.end.rfc3339),
                "reason": JSON(absence.reason),
                "moved": done[.move], "cancelled": done[.cancel], "released": done[.release],
                "blocks": JSON(plan.blocks.count),
                "group_sessions": JSON(plan.sessions.count),
                "fee": JSON(done.fee.decimal),
                "currency": JSON(Currency.eur.rawValue),
            ])
        }
    }

    /// What was done in all.
    private struct Done {
        var fates: [AbsencePlan.Fate: Int64] = [:]
        var fee = Money.zero

        subscript(_ fate: AbsencePlan.Fate) -> JSON { JSON(fates[fate, default: 0]) }
    }

    private func record(
        _ absence: NotedAbsence, of people: [SpecialistID], _ done: Done, by caller: Caller,
        in transaction: Transaction
    ) async throws -> [(AbsenceID, SpecialistID)] {
        var noted: [(AbsenceID, SpecialistID)] = []
        for specialist in people {
            let id: AbsenceID = newID()
            try await transaction.query(
                StoredAbsence.insert(
                    id, of: specialist, during: absence.during, reason: absence.reason,
                    for: caller.organisation))
            try await transaction.record(
                .init(
                    .absence, id, "absence.noted", revision: 1,
                    facts: [
                        "moved": done[.move], "cancelled": done[.cancel],
                        "released": done[.release],
                    ]),
                by: caller)
            noted.append((id, specialist))
        }
        return noted
    }

    func requirePossible(_ during: TimeSlot, now: Instant) throws {
        guard during.seconds <= Absence.longestDays * 86_400 else {
            throw InvalidInput(
                pointer: "/until", code: "out_of_range",
                message: "must be at most \(Absence.longestDays) days after from")
        }
        guard now < during.end else {
            throw InvalidInput(pointer: "/until", code: "out_of_range", message: "is over")
        }
    }

    /// In the order of all locks.
    private func own(
        _ absentees: Absentees, in transaction: Transaction
    ) async throws -> [StoredSpecialist] {
        switch absentees {
        case .specialist(let specialist):
            return [try await own(specialist, in: transaction)]
        case .unit(let unit):
            guard try await transaction.query(StoredUnit.find(unit)).atMostOne() != nil else {
                throw Refusal(.notFound)
            }
            return try await transaction.query(StoredSpecialist.active(of: unit))
                .map(StoredSpecialist.init(row:))
                .sorted { $0.specialist.id < $1.specialist.id }
        }
    }

    func own(
        _ specialist: SpecialistID, in transaction: Transaction
    ) async throws -> StoredSpecialist {
        guard
            let row = try await transaction.query(StoredSpecialist.find(specialist)).atMostOne()
        else { throw Refusal(.notFound) }
        return try StoredSpecialist(row: row)
    }

    /// Takes what is free of a stretch of time off sale; what is left of its windows stays.
    private func close(
        _ absence: Absence, of specialist: SpecialistID, for organisation: OrganisationID,
        in transaction: Transaction
    ) async throws {
        try await transaction.query(StoredWindow.own(specialist))
        let open = try await transaction.query(
            StoredAbsence.openWindows(of: specialist, in: absence.during))
        for query in StoredAbsence.close(try open.map { try $0.decode("id") }) {
            try await transaction.query(query)
        }
        for row in open {
            let rule = try StoredAvailability(
                row: await transaction.query(StoredAvailability.find(row.decode("rule"))).only()
            ).rule
            let window = try OfferedWindow(
                slot: TimeSlot(start: row.decode("starts"), end: row.decode("ends")),
                terms: rule.terms)
            let rest = try absence.rest(of: window).map { StoredWindow(id: newID(), slot: $0) }
            guard !rest.isEmpty else { continue }
            try await transaction.query(StoredWindow.insert(rest, of: rule, for: organisation))
            try await transaction.query(
                StoredWindow.insertStartTimes(rest, of: rule, for: organisation))
        }
    }

    /// Does one step, and tells both sides; what was done is the answer.
    private func carryOut(
        _ step: AbsencePlan.Step, of absence: NotedAbsence, at now: Instant,
        for organisation: OrganisationID, in transaction: Transaction
    ) async throws -> AbsencePlan.Fate {
        let id = step.booking.id
        switch (step.fate, absence.moves[id]) {
        case (.stay, _):
            return .stay
        case (.release, _):
            try await transaction.query(StoredBooking.move(id, to: .released))
            try await transaction.query(StoredBooking.freeReservation(of: id))
            _ = try await told("booking.released", of: id, for: organisation, in: transaction)
            return .release
        case (_, let colleague?):
            try await transaction.query(
                StoredAbsence.substitute(id, by: colleague, reservation: newID()))
            try await transaction.query(JoinTokenDigest.revokeAll(of: id))
            _ = try await told(
                "booking.substituted", of: id, for: organisation,
                facts: [
                    "from": JSON(step.booking.specialist.description),
                    "to": JSON(colleague.description),
                ], in: transaction)
            try await withdrawReadiness(
                of: id, because: absence.reason, at: now, for: organisation, in: transaction)
            return .move
        case (_, nil):
            _ = try await cancel(
                step.booking, by: .seller, cause: .suddenAbsence, at: now,
                reason: absence.reason, expectedFee: step.fee, share: step.share,
                for: organisation, in: transaction)
            _ = try await told(
                "booking.cancelled", of: id, for: organisation, facts: ["by": "seller"],
                in: transaction)
            return .cancel
        }
    }
}

extension Market {
    /// What the former specialist has checked says nothing of the colleague's line and records.
    func withdrawReadiness(
        of id: BookingID, because reason: String?, at now: Instant,
        for organisation: OrganisationID, in transaction: Transaction
    ) async throws {
        let meeting = try await lockMeeting(id, in: transaction)
        guard case .agreed(_, let readiness) = meeting.handshake.phase,
            readiness.seller == .ready
        else { return }
        let message = HandshakeMessage(
            sender: .side(.seller), sequence: meeting.handshake.sequence + 1, body: .notReady,
            cause: reason ?? "Another specialist holds the visit.")
        _ = try await hear(
            message, at: now, of: meeting, for: organisation, in: transaction)
    }
}

extension Absentees {
    fileprivate var unit: JSON {
        guard case .unit(let id) = self else { return .null }
        return JSON(id.description)
    }
}

extension NotedAbsence {
    /// Each visit that is to be moved is one of the plan's, and goes to one of its colleagues.
    fileprivate func requireKnown(_ plan: AbsencePlan) throws {
        let steps = Dictionary(
            uniqueKeysWithValues: plan.steps.map { ($0.booking.id, $0) })
        for (booking, colleague) in moves {
            guard let step = steps[booking] else {
                throw InvalidInput(
                    pointer: "/moves", code: "not_found",
                    message: "must be bookings of the preview")
            }
            guard step.colleagues.contains(where: { $0.colleague.specialist == colleague }) else {
                throw Refusal(
                    .colleagueNotFree,
                    figures: [
                        "booking": JSON(booking.description),
                        "specialist": JSON(colleague.description),
                    ])
            }
        }
    }
}
