import MoneyAndTime

/// Why a time cannot be booked, with the figures that let the asker do better.
package enum BookingRefusal: Error, Hashable, Sendable {
    case contractSuspended
    case contractNotActive
    case afterContractEnd(Instant)
    case noVersionForStart
    case serviceNotInContract
    case lengthNotAllowed(PlannedLengths)
    case startInThePast
    case noticeTooShort(earliest: Instant)
    case beyondHorizon(latest: Instant)
    /// Places in group sessions are sold, and nothing by the single time.
    case onlyInSessions
    case handOverMissing([String])
    case licenceExpired
    case outsideAvailability
    case workingLimit(WorkingLimits.Limit, left: Int64)
    case overBudget(left: Money, quote: Money)
    case quotaReached(QuotaLimit, left: Int64, asked: Int64)
    /// Which of the buyer's rooms and staff, by its place in the question.
    case resourceTaken(Int, until: Instant)
    case resourceClosed(Int, until: Instant)
    /// By whom is nobody else's business.
    case taken

    /// Which of a quota's two limits it is, by its name in the contract.
    package enum QuotaLimit: String, Hashable, Sendable, CaseIterable {
        case visits = "visits_per_period"
        case minutes = "minutes_per_period"
    }

    /// Stable codes, in the order in which the rules are checked: the first that holds is named.
    package enum Code: String, Hashable, Sendable, CaseIterable {
        case contractSuspended = "contract_suspended"
        case contractNotActive = "contract_not_active"
        case afterContractEnd = "after_contract_end"
        case noVersionForStart = "no_version_for_start"
        case serviceNotInContract = "service_not_in_contract"
        case lengthNotAllowed = "length_not_allowed"
        case startInThePast = "start_in_the_past"
        case noticeTooShort = "notice_too_short"
        case beyondHorizon = "beyond_horizon"
        case onlyInSessions = "only_in_sessions"
        case handOverMissing = "hand_over_missing"
        case licenceExpired = "licence_expired"
        case outsideAvailability = "outside_availability"
        case workingLimit = "working_limit"
        case overBudget = "over_budget"
        case quotaReached = "quota_reached"
        case resourceTaken = "resource_taken"
        case resourceClosed = "resource_closed"
        case taken
    }

    package var code: Code {
        switch self {
        case .contractSuspended: .contractSuspended
        case .contractNotActive: .contractNotActive
        case .afterContractEnd: .afterContractEnd
        case .noVersionForStart: .noVersionForStart
        case .serviceNotInContract: .serviceNotInContract
        case .lengthNotAllowed: .lengthNotAllowed
        case .startInThePast: .startInThePast
        case .noticeTooShort: .noticeTooShort
        case .beyondHorizon: .beyondHorizon
        case .onlyInSessions: .onlyInSessions
        case .handOverMissing: .handOverMissing
        case .licenceExpired: .licenceExpired
        case .outsideAvailability: .outsideAvailability
        case .workingLimit: .workingLimit
        case .overBudget: .overBudget
        case .quotaReached: .quotaReached
        case .resourceTaken: .resourceTaken
        case .resourceClosed: .resourceClosed
        case .taken: .taken
        }
    }
}
