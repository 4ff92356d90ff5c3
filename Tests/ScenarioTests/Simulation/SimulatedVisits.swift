import Contracts
import Marketplace
import MoneyAndTime
import Scheduling
import Storage
import StrictJSON
import TestMarket
import Testing
import Visits

// Booking, cancelling and holding visits, as chance will have it.

extension Simulation {
    /// Some trades book a visit of one of the next days; whoever comes too late is refused, and may
    /// be refused for nothing else.
    func bookSomething(on day: CalendarDate) async throws {
        for index in trades.indices where random.chance(35) {
            let trade = trades[index]
            var wanted = try day.adding(days: Int(random.among(1...12)))
            while [.saturday, .sunday].contains(wanted.weekday) {
                wanted = try wanted.adding(days: 1)
            }
            let hour = random.among(9...13)
            let time = "\(hour < 10 ? "0" : "")\(hour):\(random.one(of: ["00", "15", "30", "45"]))"
            do {
                let booking = try await trade.life.booked(wanted.iso, at: time)
                ahead.append(
                    Booked(
                        booking: booking, trade: index,
                        starts: try trade.contract.clock.instant(wanted, TimeOfDay(time))))
                count("booked")
            } catch let refusal as Refusal
                where [.taken, .outsideAvailability].contains(refusal.code)
            {
                count("refused")
            }
        }
    }

    /// Either side, at the cost that it is shown: one of the visits that come next.
    func cancelSomething() async throws {
        guard !ahead.isEmpty, random.chance(30) else { return }
        ahead.sort { $0.starts < $1.starts }
        let booked = ahead.remove(at: Int(random.among(0...Int64(min(ahead.count, 8) - 1))))
        let contract = trades[booked.trade].contract
        let caller = random.chance(50) ? contract.seller.scheduler : contract.buyer.scheduler
        let cost = try await test.market.cancellationCost(
            caller.request("getCancellationCost"), booked.booking
        ).body["fee"]?.text
        _ = try await test.market.cancelBooking(
            caller.request("cancelBooking"), booked.booking,
            expectedFee: Money(decimal: cost ?? ""), reason: "Simulated")
        count(cost == "0.00" ? "cancelled free" : "cancelled at a cost")
    }

    /// All visits of a day, minute by minute, the sides of each coming and going as chance will
    /// have it; then both say how long it was.
    func holdVisits(of day: CalendarDate, _ clock: WallClock) async throws {
        let ends = try clock.instant(day.adding(days: 1), TimeOfDay("00:00"))
        let today = ahead.filter { $0.starts < ends }.sorted { $0.starts < $1.starts }
        ahead.removeAll { $0.starts < ends }
        var events: [(at: Instant, token: String, kind: Market.AttendanceKind)] = []
        var met: [Booked] = []
        for visit in today {
            try await test.clock.set(to: visit.starts.adding(seconds: -300))
            let life = trades[visit.trade].life
            let stays = try sides(of: visit)
            for (side, stay) in stays {
                let token = try await life.joinToken(side, of: visit.booking)
                events += stay.map { ($0.0, token, $0.1) }
            }
            if stays.count == 2 { met.append(visit) } else { count("not met") }
        }
        for event in events.sorted(by: { $0.at < $1.at }) {
            try await trades[0].life.observe(event.token, event.kind, at: event.at)
        }
        for visit in met { try await attest(visit) }
    }

    /// When each side that comes is there: it comes up to four minutes late, stays for 8 to 35
    /// minutes with a sign of life each minute, and its line may fail for three of them.
    private func sides(
        of visit: Booked
    ) throws -> [(Visits.Side, [(Instant, Market.AttendanceKind)])] {
        var found: [(Visits.Side, [(Instant, Market.AttendanceKind)])] = []
        let missing = random.chance(6) ? random.one(of: [Visits.Side.seller, .buyer]) : nil
        let minutes = random.among(8...35)
        for side in [Visits.Side.seller, .buyer] where side != missing {
            let late = random.among(0...240)
            let gap = random.chance(15) ? random.among(2...max(2, minutes - 5)) : nil
            var stay: [(Instant, Market.AttendanceKind)] = []
            for minute in 0...minutes {
                if let gap, gap...gap + 2 ~= minute, minute < minutes { continue }
                let kind: Market.AttendanceKind =
                    minute == 0 || minute == (gap ?? -5) + 3
                    ? .join : minute == minutes ? .leave : .heartbeat
                stay.append((try visit.starts.adding(seconds: late + minute * 60), kind))
            }
            found.append((side, stay))
        }
        return found
    }

    /// Both say what was measured; sometimes one says something else first, and gives in or not.
    private func attest(_ visit: Booked) async throws {
        let life = trades[visit.trade].life
        let seconds = try await life.measured(visit.booking)
        if random.chance(12) {
            let less = seconds / 2
            try await life.says(.seller, .attests(seconds: seconds), of: visit.booking)
            try await life.says(
                .buyer, .contests(seconds: less, reason: "No sound"), of: visit.booking)
            if random.chance(25) { return count("contested for good") }
            try await life.says(.seller, .attests(seconds: less), of: visit.booking)
            return count("contested and agreed")
        }
        try await life.says(.seller, .attests(seconds: seconds), of: visit.booking)
        try await life.says(.buyer, .attests(seconds: seconds), of: visit.booking)
        count("held")
    }
}
