import MoneyAndTime

/// Whether a visit may be booked. The SQL function `book` decides the same, in the same order;
/// a property test holds it to this.
package enum BookingRule {
    package static func decide(_ question: BookingQuestion) throws -> BookingDecision {
        do {
            return .accept(try answer(question))
        } catch let refusal as BookingRefusal {
            return .refuse(refusal)
        }
    }

    private static func answer(_ question: BookingQuestion) throws -> BookingDecision.Acceptance {
        try requireOpenContract(question)
        let (version, offer) = try terms(question)
        try checkWhen(question, version)
        guard offer.capacity == nil else { throw BookingRefusal.onlyInSessions }
        let missing = offer.required.filter { !question.handOver.contains($0) }
        guard missing.isEmpty else { throw BookingRefusal.handOverMissing(missing) }
        guard question.licenceCovers else { throw BookingRefusal.licenceExpired }
        let (window, occupied) = try place(question)
        let (live, expired) = question.reservations.indices.divided {
            question.reservations[$0].isLive(at: question.now)
        }
        try question.working.require(minutes: question.planned.seconds / 60)
        try checkBudget(question, quote: offer.quote, expired: expired)
        try checkQuota(question, expired: expired)
        try checkResources(question)
        guard !live.contains(where: { question.reservations[$0].occupied.overlaps(occupied) })
        else { throw BookingRefusal.taken }
        return BookingDecision.Acceptance(
            version: version.number, quote: offer.quote, window: window, occupied: occupied,
            expiredHolds: expired)
    }

    static func requireOpenContract(_ question: BookingQuestion) throws {
        guard !question.contractIsSuspended else { throw BookingRefusal.contractSuspended }
        guard question.contractIsActive else { throw BookingRefusal.contractNotActive }
        if let end = question.contractEndsAt, end <= question.planned.start {
            throw BookingRefusal.afterContractEnd(end)
        }
    }

    /// The version that rules at the start, and what it says of the service.
    static func terms(_ question: BookingQuestion) throws -> (VersionOffer, ServiceOffer) {
        let version = question.versions
            .filter { $0.prices(question.planned.start, now: question.now) }
            .max { $0.number < $1.number }
        guard let version else { throw BookingRefusal.noVersionForStart }
        guard let offer = version.services[question.service] else {
            throw BookingRefusal.serviceNotInContract
        }
        guard try offer.lengths.allow(question.planned) else {
            throw BookingRefusal.lengthNotAllowed(offer.lengths)
        }
        return (version, offer)
    }

    static func checkWhen(_ question: BookingQuestion, _ version: VersionOffer) throws {
        let start = question.planned.start
        guard question.now <= start else { throw BookingRefusal.startInThePast }
        let notice = try version.noticeMinutes.multiplied(by: 60)
        let earliest = try question.now.adding(seconds: notice)
        guard earliest <= start else { throw BookingRefusal.noticeTooShort(earliest: earliest) }
        let horizon = try version.horizonDays.multiplied(by: 86_400)
        let latest = try question.now.adding(seconds: horizon)
        guard start <= latest else { throw BookingRefusal.beyondHorizon(latest: latest) }
    }

    /// The first window that offers the visit, and what the visit occupies in it.
    private static func place(_ question: BookingQuestion) throws -> (Int, TimeSlot) {
        for (index, window) in question.windows.enumerated() {
            let occupied = try window.occupied(
                by: question.planned, service: question.service, contract: question.contract)
            if let occupied { return (index, occupied) }
        }
        throw BookingRefusal.outsideAvailability
    }

    /// What overdue holds had reserved is free again: an expired hold blocks nobody.
    static func checkBudget(
        _ question: BookingQuestion, quote: Money, expired: [Int]
    ) throws {
        guard let budget = question.budget else { return }
        var left = try budget.ceiling.subtracting(budget.reserved).subtracting(budget.used)
        for index in expired {
            left = try left.adding(question.reservations[index].givesBack.quote)
        }
        guard quote <= left else {
            // A charge may pass the ceiling, so that less than nothing is left: nobody needs that.
            let shown = max(left, Money(minorUnits: 0, currency: left.currency))
            throw BookingRefusal.overBudget(left: shown, quote: quote)
        }
    }

    /// The first of them that cannot be had for all of the visit.
    static func checkResources(_ question: BookingQuestion) throws {
        for (index, resource) in question.resources.enumerated() {
            if let end = resource.takenUntil(question.planned, now: question.now) {
                throw BookingRefusal.resourceTaken(index, until: end)
            }
            if let end = try resource.closedUntil(question.planned) {
                throw BookingRefusal.resourceClosed(index, until: end)
            }
        }
    }

    static func checkQuota(_ question: BookingQuestion, expired: [Int]) throws {
        guard let quota = question.quota else { return }
        let back = expired.map { question.reservations[$0].givesBack }
        if let most = quota.mostVisits {
            let free = try back.reduce(0) { (sum: Int64, share) in try sum.adding(share.visits) }
            let left = try most.subtracting(quota.visits).adding(free)
            guard left >= 1 else {
                throw BookingRefusal.quotaReached(.visits, left: max(0, left), asked: 1)
            }
        }
        if let most = quota.mostMinutes {
            let asked = question.planned.seconds / 60
            let free = try back.reduce(0) { (sum: Int64, share) in try sum.adding(share.minutes) }
            let left = try most.subtracting(quota.minutes).adding(free)
            guard asked <= left else {
                throw BookingRefusal.quotaReached(.minutes, left: max(0, left), asked: asked)
            }
        }
    }
}

package enum BookingDecision: Hashable, Sendable {
    case accept(Acceptance)
    case refuse(BookingRefusal)

    package struct Acceptance: Hashable, Sendable {
        /// The number of the version that prices the visit, to be frozen on the booking.
        package let version: Int64
        package let quote: Money
        /// Index into the question's windows.
        package let window: Int
        /// What the reservation excludes: the planned slot and the window's buffers.
        package let occupied: TimeSlot
        /// Indices of the overdue holds, to be expired in the same transaction.
        package let expiredHolds: [Int]
    }
}

extension Range<Int> {
    /// Those that satisfy the condition, and those that do not, both in order.
    fileprivate func divided(by condition: (Int) -> Bool) -> ([Int], [Int]) {
        (filter(condition), filter { !condition($0) })
    }
}
