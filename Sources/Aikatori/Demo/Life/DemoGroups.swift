import Contracts
import Marketplace
import MoneyAndTime
import Organisations
import Storage
import StrictJSON
import Visits

/// Group sessions of the demo: one that was held and one to come, on Saturdays, with places of each
/// buyer whose contract sells them; and one that is full, in which somebody waits for a place.
extension DemoLife {
    /// A session whose places are taken.
    struct Group: Sendable {
        let starts: Instant
        let places: [(booking: BookingID, agreement: DemoAgreement)]
    }

    /// Contracts that sell places of sessions; the others sell single visits.
    var groupAgreements: [DemoAgreement] { agreements.filter(\.isOfGroups) }
    var singleAgreements: [DemoAgreement] { agreements.filter { !$0.isOfGroups } }

    /// Opens the sessions, and takes places in them.
    mutating func openGroups(around today: CalendarDate) async throws {
        guard let seller = groupAgreements.first?.seller,
            let service = groupAgreements.first?.terms.rateCard.services.first
        else { return }
        let listed = try await market.listSpecialists(
            seller.request("listSpecialists", as: .scheduler), page: Page(after: nil, limit: 200))
        let able = listed.body["items"]?.elements?.first {
            $0["specialty"]?.text == service.field.code
        }
        guard let specialist = try able?["id"]?.text.map({ try SpecialistID(typeID: $0) }) else {
            return
        }
        for (week, earliest) in [-14, 10, 17].enumerated() {
            let day = try (0..<7).map { try today.adding(days: earliest + $0) }
                .first { $0.weekday == .saturday }
            guard let day else { continue }
            let starts = try wall.instant(day, TimeOfDay("10:00"))
            let isSmall = earliest == 17
            let opened = try await market.openGroupSession(
                seller.request("openGroupSession", as: .scheduler),
                .init(
                    specialist: specialist, service: service.code, starts: starts, minutes: 60,
                    places: isSmall ? 2 : service.capacity ?? 8, contracts: nil,
                    bookUntil: starts.adding(seconds: -172_800))
            ).body
            let session = try GroupSessionID(typeID: opened["id"]?.text ?? "")
            guard !isSmall else {
                _ = try await take(2, in: session, under: groupAgreements[0], week: week)
                fullGroup = session
                continue
            }
            var places: [(booking: BookingID, agreement: DemoAgreement)] = []
            for (index, agreement) in groupAgreements.enumerated() {
                let booked = try await take(3 - index, in: session, under: agreement, week: week)
                places += booked.map { ($0, agreement) }
            }
            groups[day] = Group(starts: starts, places: places)
        }
    }

    private func take(
        _ count: Int, in session: GroupSessionID, under agreement: DemoAgreement, week: Int
    ) async throws -> [BookingID] {
        let patients = try (0..<max(1, count)).map { index in
            let patient = "\(1_700 + 10 * week + index)"
            return HandOver(
                patient: try PatientReference("PT-\(patient)"), authorisation: "AU-\(patient)")
        }
        let booked = try await market.bookPlaces(
            agreement.buyer.request("bookPlaces", as: .scheduler), in: session,
            under: agreement.id, patients
        ).body
        return try (booked["bookings"]?.elements ?? []).map {
            try BookingID(typeID: $0["id"]?.text ?? "")
        }
    }

    /// One more patient would come to the session that is full.
    func waitForAPlace() async throws {
        guard let session = fullGroup, let agreement = groupAgreements.last else { return }
        _ = try await market.waitForPlace(
            agreement.buyer.request("waitForPlace", as: .scheduler), in: session,
            under: agreement.id,
            HandOver(patient: try PatientReference("PT-1740"), authorisation: "AU-1740"))
    }

    /// The specialist comes once, each buyer's nurse once to all of its patients.
    mutating func holdGroups(on day: CalendarDate) async throws {
        guard let group = groups.removeValue(forKey: day), let first = group.places.first else {
            return
        }
        try await clock.set(to: group.starts.adding(seconds: -300))
        var tokens = [
            try await market.issueJoinToken(
                first.agreement.seller.request("issueJoinToken", as: .scheduler), first.booking,
                participant: "specialist-1", label: "Physiotherapist 1"
            ).text("token")
        ]
        for agreement in groupAgreements {
            guard let own = group.places.first(where: { $0.agreement.id == agreement.id }) else {
                continue
            }
            tokens.append(
                try await market.issueJoinToken(
                    agreement.buyer.request("issueJoinToken", as: .scheduler), own.booking,
                    participant: "room-1", label: "Room 1, nurse and patients", forSession: true
                ).text("token"))
        }
        for minute in stride(from: Int64(0), through: 60, by: 1) {
            let instant = try group.starts.adding(seconds: minute * 60)
            try await clock.set(to: instant)
            let kind: Market.AttendanceKind =
                minute == 0 ? .join : minute == 60 ? .leave : .heartbeat
            for token in tokens {
                _ = try await market.recordAttendance(
                    token, ObservationID(at: instant, using: &numbers), kind: kind)
            }
        }
        try await setClock(day, "18:15")
        for place in group.places {
            let seen = try await market.visit(
                place.agreement.seller.request("getVisit", as: .scheduler), place.booking)
            let word = Attestation.Word.attests(
                seconds: seen.body["billable"]?["seconds"]?.integer ?? 0)
            for side in [place.agreement.seller, place.agreement.buyer] {
                _ = try await market.attestMinutes(
                    side.request("attestMinutes", as: .scheduler), place.booking, word)
            }
        }
    }
}

extension DemoAgreement {
    fileprivate var isOfGroups: Bool {
        terms.rateCard.services.contains { $0.kind == .groupSession }
    }
}
