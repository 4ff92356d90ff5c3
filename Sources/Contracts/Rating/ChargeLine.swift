import MoneyAndTime

/// One line of what a visit costs, net of VAT.
package struct ChargeLine: Hashable, Sendable {
    package enum Kind: String, Hashable, Sendable, CaseIterable {
        case startFee = "start_fee"
        /// Time in which both sides were present, and what steps, minimum and waiting add to it.
        case visit
        case supplement
        /// What start fee, time and supplements are above the cap.
        case capReduction = "cap_reduction"
        case discount
        /// The buyer waited for the seller.
        case lateStartReduction = "late_start_reduction"
        case overrun
        case preparation
        case recordWriting = "record_writing"
        /// One buyer's share of a group session.
        case groupShare = "group_share"
        /// The fee of a cancellation that came too late.
        case lateCancellation = "late_cancellation"
        case noShow = "no_show"
        /// What the seller owes for its own cancellation.
        case sellerCancellation = "seller_cancellation"
        case sellerNoShow = "seller_no_show"
        /// Committed minutes that were not used.
        case shortfall
        /// Time of a block in which no visit was placed.
        case unusedBlock = "unused_block"

        /// Whether it is taken off.
        package var isReduction: Bool {
            switch self {
            case .capReduction, .discount, .lateStartReduction, .sellerCancellation,
                .sellerNoShow:
                true
            case .startFee, .visit, .supplement, .overrun, .preparation, .recordWriting,
                .groupShare, .lateCancellation, .noShow, .shortfall, .unusedBlock:
                false
            }
        }

        package var isByMinute: Bool {
            switch self {
            case .visit, .supplement, .overrun, .preparation, .recordWriting, .shortfall: true
            case .startFee, .capReduction, .discount, .lateStartReduction, .groupShare,
                .lateCancellation, .noShow, .sellerCancellation, .sellerNoShow, .unusedBlock:
                false
            }
        }

        package var hasCode: Bool { self == .supplement || self == .discount }
    }

    /// What the size of the line is made of.
    package enum Basis: Hashable, Sendable {
        /// Billed seconds, a multiple of three, and the price of a minute.
        case time(seconds: Int64, pricePerMinute: UnitPrice)
        /// A share of an amount that is rounded already.
        case share(Percentage, of: Money)
        case sum(Money)
    }

    package let kind: Kind
    /// Of a supplement or discount.
    package let code: String?
    package let basis: Basis
    /// Before rounding, without the sign.
    package let exact: ExactAmount
    /// Rounded once; negative for what is taken off.
    package let amount: Money

    package init(
        _ kind: Kind, code: String? = nil, _ basis: Basis, rounding: Rounding
    ) throws(ArithmeticFailure) {
        self.kind = kind
        self.code = code
        self.basis = basis
        exact =
            switch basis {
            case .time(let seconds, let price): try ExactAmount(seconds: seconds, at: price)
            case .share(let share, let whole): try ExactAmount(share, of: whole)
            case .sum(let sum): try ExactAmount(sum)
            }
        let size = try exact.rounded(rounding)
        amount = kind.isReduction ? try size.negated() : size
    }

    /// Billed minutes with up to two decimals, such as "12.6"; nil for what has none.
    package var minutes: String? {
        guard case .time(let seconds, _) = basis else { return nil }
        return Self.minutes(ofSeconds: seconds)
    }

    /// Exact for multiples of three seconds: 0.05 minutes each.
    static func minutes(ofSeconds seconds: Int64) -> String {
        DecimalText.write(seconds / 3 * 5, places: 2)
    }
}

/// What a visit costs, and how that was reached.
package struct RatedVisit: Hashable, Sendable {
    /// Empty if the visit costs nothing.
    package let lines: [ChargeLine]
    /// Sum of the lines, net of VAT; negative where the seller owes the buyer.
    package let total: Money
    /// The billed time of the visit itself, which counts for tiers and a commitment.
    package let billedSeconds: Int64
    package let trace: RatingTrace

    init(lines: [ChargeLine], billedSeconds: Int64 = 0, trace: RatingTrace) throws {
        self.lines = lines
        self.billedSeconds = billedSeconds
        self.trace = trace
        total = try Money.sum(of: lines.map(\.amount))
    }
}
