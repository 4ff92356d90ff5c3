import MoneyAndTime

/// What two organisations agreed, typed: the content of one version of a contract.
package struct Terms: Hashable, Sendable {
    package let title: String
    package let seller: Party
    package let buyer: Party
    package let validity: Validity
    /// The zone in which all days, months and local times of the contract are meant.
    package let clock: WallClock
    package let rateCard: RateCard
    package let renewal: RenewalTerms?
    /// Days between a notice and the end; nil where only both sides together end the contract.
    package let terminationNoticeDays: Int64?
    package let commitment: Commitment?
    package let blocks: [WeeklyBlock]
    package let cancellation: CancellationTerms
    package let noShow: NoShowTerms?
    package let lateStart: LateStartTerms?
    package let technicalFailure: TechnicalFailureTerms?
    package let substitution: Substitution?
    /// What the seller owes when a day is cancelled because a specialist fell ill.
    package let suddenAbsence: FeeRule
    package let records: RecordsTerms?
    package let attendance: AttendanceTerms
    package let limits: BookingLimits
    package let handshake: HandshakeTerms
    package let billing: BillingTerms
    package let rounding: RoundingTerms
    package let dataProtection: DataProtectionTerms
    package let workedExamples: [WorkedExample]

    /// From the midnight before the first day to the midnight after the last one.
    package func validitySlot() throws -> TimeSlot {
        try validity.slot(in: clock)
    }

    package func party(_ side: Side) -> Party {
        side == .seller ? seller : buyer
    }

    /// The side that an organisation has in this contract, or nil for a stranger.
    package func side(of organisation: OrganisationID) -> Side? {
        Side.allCases.first { party($0).organisation == organisation }
    }
}

/// How the time in which both sides are present is put together.
package struct AttendanceTerms: Hashable, Sendable {
    /// A dropped line that comes back within this time does not interrupt the visit.
    package let graceSeconds: Int64
}

/// What keeps bookings within what was agreed.
package struct BookingLimits: Hashable, Sendable {
    /// For one billing period, net of VAT.
    package let budgetCeiling: Money
    /// A booking is made at least this long before the visit starts.
    package let minimumNoticeMinutes: Int64
    /// A booking is made at most this many days before the visit starts.
    package let horizonDays: Int64
    /// How long found time is held before it is confirmed.
    package let holdMinutes: Int64
    package let quota: Quota?
}

/// How the two sides agree on the session of a booked visit.
package struct HandshakeTerms: Hashable, Sendable {
    /// A proposal that is not answered in this time expires.
    package let replyWithinMinutes: Int64
    /// Published time counts as accepted by the seller; people handle only exceptions.
    package let acceptedInAdvance: Bool
    /// What a declined proposal costs who declined it.
    package let declined: FeeRule
    /// What a proposal that ran out costs who should have answered.
    package let expired: FeeRule
}

/// Where and how cents are rounded.
package struct RoundingTerms: Hashable, Sendable {
    package enum Level: String, Hashable, Sendable, CaseIterable {
        /// Each line of a visit is rounded once; an invoice line is one such line.
        case visit
        /// Lines with the same text and price are added exactly, and rounded once on the invoice.
        case bill
    }

    package let mode: Rounding
    package let level: Level
}

/// Who answers for the personal data of visits (General Data Protection Regulation).
package struct DataProtectionTerms: Hashable, Sendable {
    package enum Role: String, Hashable, Sendable, CaseIterable {
        case controller
        case processor
        case jointController = "joint_controller"
    }

    package let sellerRole: Role
    package let buyerRole: Role
    package let purpose: String
    package let retentionYears: Int64

    /// Somebody answers for the data, and joint control is of both (articles 4 and 26).
    static func fits(seller: Role, buyer: Role) -> Bool {
        switch (seller, buyer) {
        case (.jointController, .jointController), (.controller, .controller): true
        case (.controller, .processor), (.processor, .controller): true
        default: false
        }
    }
}
