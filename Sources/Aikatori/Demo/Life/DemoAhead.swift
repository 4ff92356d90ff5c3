import Marketplace
import MoneyAndTime
import Organisations
import Storage
import StrictJSON
import Visits

/// What lies ahead on the morning on which a demo begins.
extension DemoLife {
    /// Visits of that day and of the coming weeks. Some wait for the seller's answer, and some for
    /// the buyer's, where the seller would rather come a little later.
    mutating func bookAhead(from today: CalendarDate, now: Instant) async throws {
        let yesterday = try today.adding(days: -1)
        try await setClock(yesterday, "18:30")
        answersAtLeastUntil = try wall.instant(today, TimeOfDay("16:00"))
        var wishes: [DemoWish] = []
        for agreement in singleAgreements {
            for _ in 0..<2 { wishes.append(try wish(under: agreement, around: today, in: 0...0)) }
            for _ in 0..<agreement.contract.visitsInTenDays {
                wishes.append(try wish(under: agreement, around: today, in: 1...50))
            }
        }
        try await book(wishes)
        try await setClock(yesterday, "19:00")
        for date in visits.keys.sorted() where date >= today {
            for visit in visits[date] ?? [] where visit.isProposed {
                switch numbers.number(in: 1...3) {
                case 1 where date > today: break
                case 2 where date > today: try await counter(visit)
                default: try await send(.accept, 2, of: visit, by: visit.agreement.seller)
                }
            }
        }
        try await clock.set(to: now.adding(seconds: -300))
        for visit in visits[today] ?? [] where numbers.happens(onceIn: 2) {
            try await beReady(visit)
        }
        try await clock.set(to: now)
    }

    /// The seller suggests a later start on the same day; where that is not free, it accepts.
    private func counter(_ visit: DemoVisit) async throws {
        do {
            try await send(
                .counter, 2, of: visit, by: visit.agreement.seller,
                cause: "The ward round ends only then",
                offer: Market.OfferedMeeting(
                    starts: visit.starts.adding(seconds: 900), room: .builtIn, needs: [],
                    deadline: answersAtLeastUntil ?? visit.starts))
        } catch is Refusal {
            try await send(.accept, 2, of: visit, by: visit.agreement.seller)
        }
    }

    /// Both sides have tried their device and their line, and can read the records.
    private func beReady(_ visit: DemoVisit) async throws {
        let sheet = try await market.handshake(
            visit.agreement.seller.request("getHandshake", as: .scheduler), visit.booking)
        let said = sheet.body["sequence"]?.integer ?? 0
        let checks = ReadyChecks(device: true, line: true, recordAccess: true)
        let sides = [visit.agreement.seller, visit.agreement.buyer]
        for (sequence, side) in zip((said + 1)..., sides) {
            try await send(.ready, sequence, of: visit, by: side, checks: checks)
        }
    }
}
