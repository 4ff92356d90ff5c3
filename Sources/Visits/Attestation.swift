/// The two sides' word on a visit. Both say the same figures, or the visit is contested, and
/// nothing contested is invoiced (invariant 13).
package struct Attestation: Hashable, Sendable {
    package static let longestReason = 1_000

    /// All that the price of a visit is made of, besides the contract and who waited for whom.
    package struct Figures: Hashable, Sendable {
        /// In which both sides were present.
        package let seconds: Int64
        /// The specialist's own minutes before and after.
        package let extra: ExtraTime
        /// The line or the equipment failed for good, and the visit broke off.
        package let lineFailed: Bool

        package init(seconds: Int64, extra: ExtraTime = .none, lineFailed: Bool = false) {
            self.seconds = seconds
            self.extra = extra
            self.lineFailed = lineFailed
        }
    }

    /// What the fold of the observations gives, what the seller entered, and whether one side said
    /// that the line failed.
    package let computed: Figures
    /// The most that any figure may say, in seconds: the time that passed by the database's clock.
    package let elapsed: Int64
    /// The most of either that the contract bills.
    package let ceiling: ExtraTime
    package let seller: Word?
    package let buyer: Word?

    package enum Word: Hashable, Sendable {
        case attests(Figures)
        /// Other figures than those that it speaks against, and why.
        case contests(Figures, reason: String)

        package static func attests(seconds: Int64) -> Word { .attests(Figures(seconds: seconds)) }

        package static func contests(seconds: Int64, reason: String) -> Word {
            .contests(Figures(seconds: seconds), reason: reason)
        }

        package var figures: Figures {
            switch self {
            case .attests(let figures), .contests(let figures, _): figures
            }
        }

        package var seconds: Int64 { figures.seconds }
    }

    package enum State: Hashable, Sendable {
        case open
        case awaiting(Side)
        case agreed(Figures)
        case contested

        package enum Name: String, Hashable, Sendable, CaseIterable {
            case open, awaiting, agreed, contested
        }

        package var name: Name {
            switch self {
            case .open: .open
            case .awaiting: .awaiting
            case .agreed: .agreed
            case .contested: .contested
            }
        }
    }

    package enum Refusal: Error, Hashable, Sendable {
        case figureOutOfRange(limit: Int64)
        /// In minutes, of either kind.
        case aboveCeiling(ExtraTime)
        case alreadyAgreed
        /// Attested is what was computed, or what the other side says: any other figure is a
        /// contest, and needs its reason.
        case minutesDiffer(computed: Figures, other: Figures?)
        case reasonMissing
        case reasonTooLong(limit: Int)
        case contestWithoutDifference

        /// The stable code that the outside sees.
        package var code: String {
            switch self {
            case .figureOutOfRange: "figure_out_of_range"
            case .aboveCeiling: "above_ceiling"
            case .alreadyAgreed: "minutes_agreed"
            case .minutesDiffer: "minutes_differ"
            case .reasonMissing: "reason_missing"
            case .reasonTooLong: "reason_too_long"
            case .contestWithoutDifference: "contest_without_difference"
            }
        }
    }

    package init(
        computed: Figures, elapsed: Int64, ceiling: ExtraTime = .none, seller: Word? = nil,
        buyer: Word? = nil
    ) throws(Refusal) {
        guard 0 <= computed.seconds, computed.seconds <= elapsed else {
            throw .figureOutOfRange(limit: elapsed)
        }
        self.computed = computed
        self.elapsed = elapsed
        self.ceiling = ceiling
        self.seller = seller
        self.buyer = buyer
    }

    package var state: State {
        switch (seller, buyer) {
        case (nil, nil): .open
        case (.attests, nil): .awaiting(.buyer)
        case (nil, .attests): .awaiting(.seller)
        case (let one?, let two?) where one.figures == two.figures: .agreed(one.figures)
        default: .contested
        }
    }

    package func word(of side: Side) -> Word? { side == .seller ? seller : buyer }

    /// Takes a side's word, which replaces its earlier one until both agree; repeating it changes
    /// nothing.
    package func saying(_ word: Word, by side: Side) throws(Refusal) -> Attestation {
        if self.word(of: side) == word { return self }
        if case .agreed = state { throw .alreadyAgreed }
        guard (0...elapsed).contains(word.seconds) else {
            throw .figureOutOfRange(limit: elapsed)
        }
        guard word.figures.extra.isWithin(ceiling) else { throw .aboveCeiling(ceiling) }
        try check(word, by: side)
        return try Attestation(
            computed: computed, elapsed: elapsed, ceiling: ceiling,
            seller: side == .seller ? word : seller, buyer: side == .buyer ? word : buyer)
    }

    private func check(_ word: Word, by side: Side) throws(Refusal) {
        let other = self.word(of: side.other)?.figures
        switch word {
        case .attests(let figures):
            guard figures == computed || figures == other else {
                throw .minutesDiffer(computed: computed, other: other)
            }
        case .contests(let figures, let reason):
            guard reason.contains(where: { !$0.isWhitespace }) else { throw .reasonMissing }
            guard reason.count <= Self.longestReason else {
                throw .reasonTooLong(limit: Self.longestReason)
            }
            // Against the other side's figures if there are any: else agreeing would look like a
            // quarrel.
            guard figures != other ?? computed else { throw .contestWithoutDifference }
        }
    }
}
