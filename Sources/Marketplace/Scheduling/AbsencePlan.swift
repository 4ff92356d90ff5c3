import Contracts
import MoneyAndTime
import Postgres
import Scheduling
import Storage
import StrictJSON

/// What becomes of each visit of a specialist who is absent, at one instant.
struct AbsencePlan: Sendable {
    enum Fate: String, Sendable {
        /// A colleague can hold it.
        case move
        /// At the seller's cost.
        case cancel
        /// It is only held.
        case release
        /// It has begun, or its handshake has run out: nobody changes it here.
        case stay
    }

    /// Why nobody is proposed to hold it.
    enum Obstacle: String, Sendable {
        case notInContract = "not_in_contract"
        case consentNeeded = "consent_needed"
        case nobodyFree = "nobody_free"
        /// Others have places in the same session.
        case inGroupSession = "in_group_session"
    }

    struct Step: Sendable {
        let booking: StoredBooking
        let fate: Fate
        let obstacle: Obstacle?
        let colleagues: [StoredColleague]
        let proposed: SpecialistID?
        /// What its cancellation costs the seller now; nil where nothing is cancelled.
        let fee: Money?
        /// Its part of the session in which it has a place.
        let share: GroupShare?
    }

    let steps: [Step]
    /// They are given up, and cost their buyers nothing.
    let blocks: [StoredBlock]
    /// They are withdrawn, with places in them or without.
    let sessions: [StoredGroupSession]

    /// SHA-256 of all that is shown of the visits, blocks and sessions: a plan that has changed has
    /// another one.
    func digest(for organisation: OrganisationID) throws -> String {
        let shown: JSON = [
            "visits": visits(for: organisation), "blocks": blocks.listed,
            "group_sessions": sessions.listed,
        ]
        return try shown.hexDigest
    }

    func visits(for organisation: OrganisationID) -> JSON {
        .array(steps.map { $0.json(for: organisation) })
    }

    /// What is cancelled when every proposal is taken.
    func fee() throws -> Money {
        try steps.filter { $0.fate == .cancel }.compactMap(\.fee).reduce(.zero) {
            try $0.adding($1)
        }
    }
}

extension [StoredBlock] {
    /// Whose they are, and when.
    var listed: JSON {
        .array(
            map {
                [
                    "block": JSON($0.id.description),
                    "contract": JSON($0.contract.description), "service": JSON($0.service),
                    "specialist": JSON($0.specialist.description),
                    "specialist_label": JSON($0.specialistLabel),
                    "buyer": JSON($0.buyer.description),
                    "from": JSON($0.during.start.rfc3339),
                    "until": JSON($0.during.end.rfc3339),
                ]
            })
    }
}

extension [StoredGroupSession] {
    /// Whose they are, and when.
    var listed: JSON {
        .array(
            map {
                [
                    "group_session": JSON($0.id.description), "service": JSON($0.service),
                    "specialist": JSON($0.specialist.description),
                    "specialist_label": JSON($0.specialistLabel),
                    "taken": JSON($0.taken),
                    "from": JSON($0.during.start.rfc3339),
                    "until": JSON($0.during.end.rfc3339),
                ]
            })
    }
}

extension AbsencePlan.Step {
    fileprivate func json(for organisation: OrganisationID) -> JSON {
        [
            "booking": BookingSheet(booking, for: organisation).json,
            "fate": JSON(fate.rawValue),
            "obstacle": JSON(obstacle?.rawValue),
            "colleague": JSON(proposed?.description),
            "colleagues": .array(
                colleagues.map {
                    [
                        "specialist": JSON($0.colleague.specialist.description),
                        "label": JSON($0.label),
                    ]
                }),
            "fee": JSON(fee?.decimal),
        ]
    }
}

extension Market {
    /// The plan for what is held and booked in a stretch of time, as it is at `now`. Who is absent
    /// is no colleague of the others.
    func absencePlan(
        of absent: [SpecialistID], during: TimeSlot, now: Instant, in transaction: Transaction
    ) async throws -> AbsencePlan {
        let bookings = try await transaction.query(
            StoredAbsence.bookings(of: absent, in: during, now: now)
        ).map(StoredBooking.init(row:))
        let colleagues = Dictionary(
            grouping: try await transaction.query(
                StoredAbsence.colleagues(of: bookings.map(\.id))
            ).map(StoredColleague.init(row:))
                .filter { !absent.contains($0.colleague.specialist) }, by: \.booking)
        var seen: [(booking: StoredBooking, terms: Terms, isOver: Bool, share: GroupShare?)] = []
        for booking in bookings {
            let isOver =
                try await hasRunOut(booking, now: now, in: transaction)
                || booking.planned.start <= now
            seen.append(
                (
                    booking, try await terms(of: booking, in: transaction), isOver,
                    try await share(of: booking, in: transaction)
                ))
        }
        let possible = seen.map { visit -> [StoredColleague] in
            let mayMove =
                visit.booking.state == .booked && !visit.isOver
                && visit.terms.substitution == .sameField
            return mayMove ? colleagues[visit.booking.id] ?? [] : []
        }
        let proposed = Absence.assign(possible.map { $0.map(\.colleague) })
        return try AbsencePlan(
            steps: seen.indices.map { index in
                let (booking, terms, isOver, share) = seen[index]
                let fate: AbsencePlan.Fate =
                    switch booking.state {
                    case _ where isOver: .stay
                    case .held: .release
                    default: proposed[index] == nil ? .cancel : .move
                    }
                var obstacle: AbsencePlan.Obstacle?
                if fate == .cancel {
                    obstacle =
                        switch terms.substitution {
                        case _ where booking.groupSession != nil: .inGroupSession
                        case nil: .notInContract
                        case .withConsent: .consentNeeded
                        case .sameField: .nobodyFree
                        }
                }
                let mayEnd = fate == .cancel || fate == .move
                return AbsencePlan.Step(
                    booking: booking, fate: fate, obstacle: obstacle,
                    colleagues: possible[index], proposed: proposed[index],
                    fee: mayEnd
                        ? try booking.cancellationCost(
                            by: .seller, at: now, cause: .suddenAbsence, under: terms,
                            share: share
                        ).fee() : nil, share: share)
            },
            blocks: try await transaction.query(
                StoredBlock.touched(of: absent, in: during, now: now)
            ).map(StoredBlock.init(row:)),
            sessions: try await transaction.query(
                StoredGroupSession.touched(of: absent, in: during, now: now)
            ).map(StoredGroupSession.init(row:)))
    }
}
