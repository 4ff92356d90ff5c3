import MoneyAndTime
import Scheduling

/// The facts of a booking that is accepted, to be spoilt one at a time. Minutes are counted from
/// `monday`; it is minute zero now.
struct BookingFacts {
    var now: Int64 = 0
    var from: Int64 = 120
    var to: Int64 = 150
    var service = "psychiatry"
    var handOver: Set<String> = ["diary_reference"]
    var required = ["diary_reference"]
    var active = true
    var suspended = false
    var endsAt: Int64?
    var signedAt: Int64? = -1_000
    var validFrom: Int64 = -500
    var validUntil: Int64? = 100_000
    var notice: Int64 = 60
    var horizonDays: Int64 = 30
    var lengths = PlannedLengths(shortestMinutes: 15, longestMinutes: 60, stepMinutes: 15)
    var quote: Int64 = 6_000
    /// Of a service that is sold as places in sessions.
    var capacity: Int64?
    var licenceCovers = true
    var windows: [Window] = [Window(from: 60, to: 300)]
    /// The most minutes of a day and a week, and what is sold of each.
    var working: (daily: Int64?, weekly: Int64?, day: Int64, week: Int64)?
    /// Ceiling, reserved and used, in cents.
    var budget: (Int64, Int64, Int64)? = (100_000, 50_000, 40_000)
    /// The most visits and minutes, and what is taken of them.
    var quota: (visits: Int64?, minutes: Int64?, taken: Int64, takenMinutes: Int64)?
    var reservations: [Reserved] = []
    /// The buyer's, which the visit is to have.
    var rooms: [Room] = []

    /// Always open, but for when it is closed.
    struct Room {
        var taken: [Reserved] = []
        var closed: [Reserved] = []
    }

    struct Window {
        var from: Int64
        var to: Int64
        var services: Set<String>?
        var grid: StartGrid = .fifteen
        var shortest: Int64 = 15
        var longest: Int64 = 60
        var before: Int64 = 0
        var buffer: Int64 = 10
        /// Whether it is kept for the contract that asks, or for another; nil for all.
        var isKept: Bool?
    }

    struct Reserved {
        var from: Int64
        var to: Int64
        var holdExpiresAt: Int64?
        var givesBack: Int64 = 0
        /// Of the quota; nil is nothing, also of visits.
        var givesBackMinutes: Int64?
    }

    func question() throws -> BookingQuestion {
        let offer = ServiceOffer(
            lengths: lengths, quote: Money(minorUnits: quote), required: required,
            capacity: capacity)
        let version = VersionOffer(
            number: 3, signedAt: signedAt.map(minute), validFrom: minute(validFrom),
            validUntil: validUntil.map(minute), noticeMinutes: notice, horizonDays: horizonDays,
            services: ["psychiatry": offer])
        return BookingQuestion(
            now: minute(now), planned: try slot(from, to), service: service,
            contract: contracts.0, handOver: handOver, contractIsActive: active,
            contractIsSuspended: suspended,
            contractEndsAt: endsAt.map(minute), versions: [version],
            licenceCovers: licenceCovers,
            windows: try windows.map {
                OfferedWindow(
                    slot: try slot($0.from, $0.to),
                    terms: try terms(
                        services: $0.services,
                        contracts: $0.isKept.map { [$0 ? contracts.0 : contracts.1] },
                        grid: $0.grid, shortest: $0.shortest, longest: $0.longest,
                        before: $0.before, buffer: $0.buffer))
            },
            working: working.map {
                WorkingState(
                    limits: WorkingLimits(dailyMinutes: $0.daily, weeklyMinutes: $0.weekly)
                        ?? .none, soldInDay: $0.day, soldInWeek: $0.week)
            } ?? WorkingState(limits: .none, soldInDay: 0, soldInWeek: 0),
            budget: budget.map {
                BudgetState(
                    ceiling: Money(minorUnits: $0.0), reserved: Money(minorUnits: $0.1),
                    used: Money(minorUnits: $0.2))
            },
            quota: quota.map {
                QuotaState(
                    mostVisits: $0.visits, mostMinutes: $0.minutes, visits: $0.taken,
                    minutes: $0.takenMinutes)
            },
            reservations: try reservations.map {
                ReservedRange(
                    occupied: try slot($0.from, $0.to),
                    holdExpiresAt: $0.holdExpiresAt.map(minute),
                    givesBack: $0.share)
            },
            resources: try rooms.map { try $0.state })
    }
}

extension BookingFacts.Room {
    fileprivate var state: ResourceState {
        get throws {
            try ResourceState(
                opening: nil, clock: WallClock(zone: "UTC"),
                closures: closed.map { try slot($0.from, $0.to) },
                taken: taken.map {
                    ReservedRange(
                        occupied: try slot($0.from, $0.to),
                        holdExpiresAt: $0.holdExpiresAt.map(minute), givesBack: .nothing)
                })
        }
    }
}

extension BookingFacts.Reserved {
    fileprivate var share: PeriodShare {
        let quote = Money(minorUnits: givesBack)
        return givesBackMinutes.map { PeriodShare(quote: quote, minutes: $0) }
            ?? PeriodShare(quote: quote, visits: 0, minutes: 0)
    }
}
