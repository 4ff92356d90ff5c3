import MoneyAndTime

/// All that `book` decides on, read under its locks. The SQL function has the same facts.
package struct BookingQuestion: Hashable, Sendable {
    package let now: Instant
    package let planned: TimeSlot
    package let service: String
    package let contract: ContractID
    /// Names of the hand-over fields that the request brings.
    package let handOver: Set<String>
    package let contractIsActive: Bool
    package let contractIsSuspended: Bool
    /// When notice ends it; nil without a notice.
    package let contractEndsAt: Instant?
    /// Signed or not; at most one of the signed ones contains the start.
    package let versions: [VersionOffer]
    /// Whether a licence of the specialist covers the local date of the start.
    package let licenceCovers: Bool
    /// In order of preference: by start, then by id.
    package let windows: [OfferedWindow]
    package let working: WorkingState
    /// Nil when the contract has no ceiling.
    package let budget: BudgetState?
    /// Nil when the contract has no quota.
    package let quota: QuotaState?
    /// Every reservation of the specialist that is live in the database near the planned time, and
    /// every overdue hold that the same budget counter still carries.
    package let reservations: [ReservedRange]
    /// The buyer's rooms and staff that the visit is to have, in the order asked for.
    package let resources: [ResourceState]

    package init(
        now: Instant, planned: TimeSlot, service: String, contract: ContractID,
        handOver: Set<String> = [],
        contractIsActive: Bool, contractIsSuspended: Bool = false, contractEndsAt: Instant? = nil,
        versions: [VersionOffer], licenceCovers: Bool, windows: [OfferedWindow],
        working: WorkingState = WorkingState(limits: .none, soldInDay: 0, soldInWeek: 0),
        budget: BudgetState?, quota: QuotaState? = nil, reservations: [ReservedRange],
        resources: [ResourceState] = []
    ) {
        self.now = now
        self.planned = planned
        self.service = service
        self.contract = contract
        self.handOver = handOver
        self.contractIsActive = contractIsActive
        self.contractIsSuspended = contractIsSuspended
        self.contractEndsAt = contractEndsAt
        self.versions = versions
        self.licenceCovers = licenceCovers
        self.windows = windows
        self.working = working
        self.budget = budget
        self.quota = quota
        self.reservations = reservations
        self.resources = resources
    }

    /// The same after something else has been taken of the counter of its period.
    package func counting(_ share: PeriodShare) throws -> BookingQuestion {
        BookingQuestion(
            now: now, planned: planned, service: service, contract: contract,
            handOver: handOver, contractIsActive: contractIsActive,
            contractIsSuspended: contractIsSuspended, contractEndsAt: contractEndsAt,
            versions: versions, licenceCovers: licenceCovers, windows: windows,
            working: working,
            budget: try budget.map {
                BudgetState(
                    ceiling: $0.ceiling, reserved: try $0.reserved.adding(share.quote),
                    used: $0.used)
            },
            quota: try quota.map {
                QuotaState(
                    mostVisits: $0.mostVisits, mostMinutes: $0.mostMinutes,
                    visits: try $0.visits.adding(share.visits),
                    minutes: try $0.minutes.adding(share.minutes))
            }, reservations: reservations, resources: resources)
    }
}

/// What one version of the contract says about the planned visit.
package struct VersionOffer: Hashable, Sendable {
    package let number: Int64
    package let signedAt: Instant?
    /// Half-open: `validFrom <= start < validUntil`; nil is without end.
    package let validFrom: Instant
    package let validUntil: Instant?
    package let noticeMinutes: Int64
    /// Days of 24 hours.
    package let horizonDays: Int64
    package let services: [String: ServiceOffer]

    package init(
        number: Int64, signedAt: Instant?, validFrom: Instant, validUntil: Instant?,
        noticeMinutes: Int64, horizonDays: Int64, services: [String: ServiceOffer]
    ) {
        self.number = number
        self.signedAt = signedAt
        self.validFrom = validFrom
        self.validUntil = validUntil
        self.noticeMinutes = noticeMinutes
        self.horizonDays = horizonDays
        self.services = services
    }

    /// Signed by `now`, and valid at the visit's start (invariant 4).
    package func prices(_ start: Instant, now: Instant) -> Bool {
        guard let signedAt, signedAt <= now, validFrom <= start else { return false }
        return validUntil.map { start < $0 } ?? true
    }
}

/// The lengths that a service may be planned for, and the price of the planned visit.
package struct ServiceOffer: Hashable, Sendable {
    package let lengths: PlannedLengths
    /// Net of VAT, under this version, for the planned slot.
    package let quote: Money
    /// Names of the hand-over fields that a booking must bring, in the contract's order.
    package let required: [String]
    /// The most places of a group session; nil where time is sold by itself.
    package let capacity: Int64?

    package init(
        lengths: PlannedLengths, quote: Money, required: [String] = [], capacity: Int64? = nil
    ) {
        self.lengths = lengths
        self.quote = quote
        self.required = required
        self.capacity = capacity
    }
}

/// From `shortest` in steps through `longest`, in minutes.
package struct PlannedLengths: Hashable, Sendable {
    package let shortestMinutes: Int64
    package let longestMinutes: Int64
    package let stepMinutes: Int64

    package init(shortestMinutes: Int64, longestMinutes: Int64, stepMinutes: Int64) {
        self.shortestMinutes = shortestMinutes
        self.longestMinutes = longestMinutes
        self.stepMinutes = stepMinutes
    }

    package func allow(_ planned: TimeSlot) throws(ArithmeticFailure) -> Bool {
        let length = try planned.end.microseconds.subtracting(planned.start.microseconds)
        let (minutes, rest) = length.quotientAndRemainder(dividingBy: 60_000_000)
        guard rest == 0, stepMinutes > 0, shortestMinutes <= minutes, minutes <= longestMinutes
        else { return false }
        return (minutes - shortestMinutes) % stepMinutes == 0
    }
}

/// A budget counter as it is stored, net of VAT.
package struct BudgetState: Hashable, Sendable {
    package let ceiling: Money
    package let reserved: Money
    package let used: Money

    package init(ceiling: Money, reserved: Money, used: Money) {
        self.ceiling = ceiling
        self.reserved = reserved
        self.used = used
    }
}

/// What a quota gives one billing period, and what of it is taken as the counter says.
package struct QuotaState: Hashable, Sendable {
    /// The most visits and planned minutes; nil is without limit.
    package let mostVisits: Int64?
    package let mostMinutes: Int64?
    package let visits: Int64
    package let minutes: Int64

    package init(mostVisits: Int64?, mostMinutes: Int64?, visits: Int64, minutes: Int64) {
        self.mostVisits = mostVisits
        self.mostMinutes = mostMinutes
        self.visits = visits
        self.minutes = minutes
    }
}

/// What one booking takes of the counter of its period.
package struct PeriodShare: Hashable, Sendable {
    package let quote: Money
    package let visits: Int64
    /// Planned.
    package let minutes: Int64

    package static let nothing = PeriodShare(quote: .zero, visits: 0, minutes: 0)

    /// That of one visit.
    package init(quote: Money, minutes: Int64) {
        self.init(quote: quote, visits: 1, minutes: minutes)
    }

    package init(quote: Money, visits: Int64, minutes: Int64) {
        self.quote = quote
        self.visits = visits
        self.minutes = minutes
    }
}

/// A reservation as booking sees it.
package struct ReservedRange: Hashable, Sendable {
    /// Buffers included.
    package let occupied: TimeSlot
    /// Nil when it is booked and not only held.
    package let holdExpiresAt: Instant?
    /// What its expiry gives back to the very counter that this booking would draw on.
    package let givesBack: PeriodShare

    package init(occupied: TimeSlot, holdExpiresAt: Instant?, givesBack: PeriodShare) {
        self.occupied = occupied
        self.holdExpiresAt = holdExpiresAt
        self.givesBack = givesBack
    }

    package func isLive(at now: Instant) -> Bool {
        holdExpiresAt.map { now < $0 } ?? true
    }
}
