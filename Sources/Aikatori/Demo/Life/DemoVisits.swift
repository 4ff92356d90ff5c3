import Marketplace
import MoneyAndTime
import Organisations
import Storage
import StrictJSON
import Visits

/// How the visits of a day are held and attested.
extension DemoLife {
    /// What somebody in a room reports, and when.
    private struct Sign {
        let at: Instant
        let token: String
        let kind: Market.AttendanceKind
    }

    /// So often somebody in a room gives a sign of life; starts lie on multiples of five minutes,
    /// so that visits at the same time give theirs together.
    private static let secondsBetweenSigns: Int64 = 75

    mutating func holdVisits(on day: CalendarDate, isLast: Bool) async throws {
        let held = visits.removeValue(forKey: day) ?? []
        guard !held.isEmpty else { return }
        try await setClock(day, "07:45")
        let tokens = try await together(held) { [life = self] in try await life.joinTokens($0) }
        var signs: [Sign] = []
        for (visit, tokens) in zip(held, tokens) { signs += try self.signs(of: visit, tokens) }
        let moments = Dictionary(grouping: signs, by: \.at).sorted { $0.key < $1.key }
        for (instant, signs) in moments {
            try await clock.set(to: instant)
            let observed = signs.map { ($0, ObservationID(at: instant, using: &numbers)) }
            _ = try await together(observed) { [market] sign, observation in
                _ = try await market.recordAttendance(sign.token, observation, kind: sign.kind)
            }
        }
        try await setClock(day, "18:15")
        // the buyers of the last day have not come to it yet
        let words = held.map {
            DemoWord(
                visit: $0, isContested: numbers.happens(onceIn: 25), isBuyersMissing: isLast)
        }
        _ = try await together(words) { [life = self] in try await life.attest($0) }
    }

    /// What lets the two sides of a visit in.
    private func joinTokens(
        _ visit: DemoVisit
    ) async throws -> (seller: String, buyer: String) {
        let (seller, buyer) = (visit.agreement.seller, visit.agreement.buyer)
        return try await (
            market.issueJoinToken(
                seller.request("issueJoinToken", as: .scheduler), visit.booking,
                participant: "specialist-1", label: visit.specialist
            ).text("token"),
            market.issueJoinToken(
                buyer.request("issueJoinToken", as: .scheduler), visit.booking,
                participant: "room-1", label: "Room 1, nurse and patient"
            ).text("token")
        )
    }

    /// Both sides come about the planned start and go about the planned end; now and then nobody
    /// comes on one side.
    private mutating func signs(
        of visit: DemoVisit, _ tokens: (seller: String, buyer: String)
    ) throws -> [Sign] {
        let end = try visit.starts.adding(
            seconds: visit.minutes * 60 + numbers.number(in: -300...180))
        let seller = try signs(
            of: visit, with: tokens.seller,
            until: end.adding(seconds: numbers.number(in: -20...20)))
        let buyer = try signs(
            of: visit, with: tokens.buyer,
            until: end.adding(seconds: numbers.number(in: -20...20)))
        return numbers.happens(onceIn: 40) ? seller : seller + buyer
    }

    private mutating func signs(
        of visit: DemoVisit, with token: String, until end: Instant
    ) throws -> [Sign] {
        let join = try visit.starts.adding(seconds: numbers.number(in: -70...60))
        var signs = [Sign(at: join, token: token, kind: .join)]
        var next = visit.starts
        while next < end {
            if next > join { signs.append(Sign(at: next, token: token, kind: .heartbeat)) }
            next = try next.adding(seconds: Self.secondsBetweenSigns)
        }
        // Half a second more than whole ones, so that the moments between a movement of the clock
        // and what is then reported never make another second.
        let leave = Instant(microseconds: end.microseconds + Instant.microsecondsPerSecond / 2)
        signs.append(Sign(at: leave, token: token, kind: .leave))
        return signs
    }

    // MARK: The minutes

    /// How the two sides come to a figure.
    private struct DemoWord: Sendable {
        let visit: DemoVisit
        /// Whether the seller says less than was measured, and the buyer agrees.
        let isContested: Bool
        let isBuyersMissing: Bool
    }

    private func attest(_ word: DemoWord) async throws {
        let visit = word.visit
        let seen = try await market.visit(
            visit.agreement.seller.request("getVisit", as: .scheduler), visit.booking)
        let measured = seen.body["billable"]?["seconds"]?.integer ?? 0
        var sellers = Attestation.Word.attests(seconds: measured)
        if measured > 600, word.isContested {
            sellers = .contests(
                seconds: measured - 180, reason: "The picture stood still for three minutes")
        }
        try await attest(sellers, visit, by: visit.agreement.seller)
        guard !word.isBuyersMissing else { return }
        try await attest(.attests(seconds: sellers.seconds), visit, by: visit.agreement.buyer)
    }

    private func attest(
        _ word: Attestation.Word, _ visit: DemoVisit, by caller: DemoCaller
    ) async throws {
        _ = try await market.attestMinutes(
            caller.request("attestMinutes", as: .scheduler), visit.booking, word)
    }
}
