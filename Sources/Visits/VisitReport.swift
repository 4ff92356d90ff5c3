import MoneyAndTime

/// What a person of one side tells of a visit, beside what was observed. Reports are appended and
/// never edited.
package enum VisitReport: Hashable, Sendable {
    /// Both sides were together by telephone in this time. It counts where the other side has told
    /// the same.
    case telephone(TimeSlot)
    /// The seller's; a newer one replaces it.
    case extraTime(ExtraTime)
    /// The buyer's: what goes beyond the planned length is billed as the contract says.
    case overrunAgreed
    /// The line or the equipment failed for good. It holds once both sides attest it.
    case lineFailed(reason: String)

    package enum Kind: String, Hashable, Sendable, CaseIterable {
        case telephone
        case extraTime = "extra_time"
        case overrunAgreed = "overrun_agreed"
        case lineFailed = "technical_failure"
    }

    package var kind: Kind {
        switch self {
        case .telephone: .telephone
        case .extraTime: .extraTime
        case .overrunAgreed: .overrunAgreed
        case .lineFailed: .lineFailed
        }
    }

    /// What a report is held against.
    package struct Bounds: Hashable, Sendable {
        /// That of the visit's join tokens.
        package let window: TimeSlot
        package let now: Instant
        /// The room has closed, or both sides were there and have left.
        package let isOver: Bool
        /// The first word has fixed what was measured.
        package let areKept: Bool
        /// Both sides have said the same.
        package let areAgreed: Bool
        /// The most of either that the contract bills.
        package let ceiling: ExtraTime
        /// Whether the contract has a price for it.
        package let sellsOverrun: Bool

        package init(
            window: TimeSlot, now: Instant, isOver: Bool, areKept: Bool, areAgreed: Bool,
            ceiling: ExtraTime, sellsOverrun: Bool
        ) {
            self.window = window
            self.now = now
            self.isOver = isOver
            self.areKept = areKept
            self.areAgreed = areAgreed
            self.ceiling = ceiling
            self.sellsOverrun = sellsOverrun
        }
    }

    package enum Refusal: Error, Hashable, Sendable {
        case notYourSide
        case minutesAgreed
        case visitOver
        case visitNotOver
        case joinNotYetOpen
        case outsideWindow
        case inTheFuture
        case aboveCeiling(ExtraTime)
        case overrunNotSold
        case reasonMissing
        case reasonTooLong(limit: Int)

        /// The stable code that the outside sees.
        package var code: String {
            switch self {
            case .notYourSide: "not_your_side"
            case .minutesAgreed: "minutes_agreed"
            case .visitOver: "visit_over"
            case .visitNotOver: "visit_not_over"
            case .joinNotYetOpen: "join_not_yet_open"
            case .outsideWindow: "outside_join_window"
            case .inTheFuture: "time_in_the_future"
            case .aboveCeiling: "above_ceiling"
            case .overrunNotSold: "overrun_not_sold"
            case .reasonMissing: "reason_missing"
            case .reasonTooLong: "reason_too_long"
            }
        }
    }

    /// Whether this side may report it now. The database decides alike (`visit_report_rules`), but
    /// for `isOver`, which it does not fold.
    package func check(by side: Side, _ bounds: Bounds) throws(Refusal) {
        guard !bounds.areAgreed else { throw .minutesAgreed }
        switch self {
        case .telephone(let time):
            guard !bounds.areKept else { throw .visitOver }
            guard bounds.window.start <= time.start, time.end <= bounds.window.end else {
                throw .outsideWindow
            }
            guard time.end <= bounds.now else { throw .inTheFuture }
        case .extraTime(let extra):
            guard side == .seller else { throw .notYourSide }
            guard bounds.isOver || bounds.areKept else { throw .visitNotOver }
            guard extra.isWithin(bounds.ceiling) else { throw .aboveCeiling(bounds.ceiling) }
        case .overrunAgreed:
            guard side == .buyer else { throw .notYourSide }
            guard bounds.sellsOverrun else { throw .overrunNotSold }
            guard bounds.window.start <= bounds.now else { throw .joinNotYetOpen }
        case .lineFailed(let reason):
            guard !bounds.areKept else { throw .visitOver }
            guard bounds.window.start <= bounds.now else { throw .joinNotYetOpen }
            guard reason.contains(where: { !$0.isWhitespace }) else { throw .reasonMissing }
            guard reason.count <= Attestation.longestReason else {
                throw .reasonTooLong(limit: Attestation.longestReason)
            }
        }
    }
}
