/// The two sides' word on the minutes of a visit. Both say the same figure, or the visit is
/// contested, and nothing contested is invoiced (invariant 13).
package struct Attestation: Hashable, Sendable {
    package static let longestReason = 1_000

    /// What the fold of the observations gives, in seconds.
    package let computed: Int64
    /// The most that any figure may say: the time that passed by the database's clock.
    package let elapsed: Int64
    package let seller: Word?
    package let buyer: Word?

    package enum Word: Hashable, Sendable {
        case attests(seconds: Int64)
        /// Another figure than the one that it speaks against, and why.
        case contests(seconds: Int64, reason: String)

        package var seconds: Int64 {
            switch self {
            case .attests(let seconds), .contests(let seconds, _): seconds
            }
        }
    }

    package enum State: Hashable, Sendable {
        case open
        case awaiting(Side)
        case agreed(seconds: Int64)
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
        case alreadyAgreed
        /// Attested is what was computed, or what the other side says: any other figure is a
        /// contest, and needs its reason.
        case minutesDiffer(computed: Int64, other: Int64?)
        case reasonMissing
        case reasonTooLong(limit: Int)
        case contestWithoutDifference

        /// The stable code that the outside sees.
        package var code: String {
            switch self {
            case .figureOutOfRange: "figure_out_of_range"
            case .alreadyAgreed: "minutes_agreed"
            case .minutesDiffer: "minutes_differ"
            case .reasonMissing: "reason_missing"
            case .reasonTooLong: "reason_too_long"
            case .contestWithoutDifference: "contest_without_difference"
            }
        }
    }

    package init(
        computed: Int64, elapsed: Int64, seller: Word? = nil, buyer: Word? = nil
    ) throws(Refusal) {
        guard 0 <= computed, computed <= elapsed else { throw .figureOutOfRange(limit: elapsed) }
        self.computed = computed
        self.elapsed = elapsed
        self.seller = seller
        self.buyer = buyer
    }

    package var state: State {
        switch (seller, buyer) {
        case (nil, nil): .open
        case (.attests, nil): .awaiting(.buyer)
        case (nil, .attests): .awaiting(.seller)
        case (let one?, let two?) where one.seconds == two.seconds: .agreed(seconds: one.seconds)
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
        try check(word, by: side)
        return try Attestation(
            computed: computed, elapsed: elapsed, seller: side == .seller ? word : seller,
            buyer: side == .buyer ? word : buyer)
    }

    private func check(_ word: Word, by side: Side) throws(Refusal) {
        let other = self.word(of: side.other)?.seconds
        switch word {
        case .attests(let seconds):
            guard seconds == computed || seconds == other else {
                throw .minutesDiffer(computed: computed, other: other)
            }
        case .contests(let seconds, let reason):
            guard reason.contains(where: { !$0.isWhitespace }) else { throw .reasonMissing }
            guard reason.count <= Self.longestReason else {
                throw .reasonTooLong(limit: Self.longestReason)
            }
            // Against the other side's figure if there is one: else agreeing would look like a
            // quarrel.
            guard seconds != other ?? computed else { throw .contestWithoutDifference }
        }
    }
}
