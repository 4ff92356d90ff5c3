import MoneyAndTime
import StrictJSON

/// How a price was reached, step by step, so that anyone can check it with a pocket calculator.
package struct RatingTrace: Hashable, Sendable {
    package let steps: [RatingStep]

    /// As it is stored and sealed with a charge.
    package var json: JSON {
        [
            "format": "aikatori.trace/1",
            "steps": .array(steps.map(\.json)),
        ]
    }
}

/// One step: a code for programs, its figures, and the same in words.
package struct RatingStep: Hashable, Sendable {
    package enum Code: String, Hashable, Sendable, CaseIterable {
        // The time of the visit.
        case planned
        case present
        case onDuty = "on_duty"
        case nextBooking = "next_booking"
        case nobodyPresent = "nobody_present"
        case shift
        case waiting
        case increments
        case minimum
        case minutes
        // The lines.
        case sum
        case graduated
        case volume
        case price
        case cap
        case share
        case rounding
        case sellerLate = "seller_late"
        case overrun
        case overrunNotAgreed = "overrun_not_agreed"
        case preparation
        case recordWriting = "record_writing"
        case groupShare = "group_share"
        case commitmentDays = "commitment_days"
        case commitmentSeller = "commitment_seller"
        case commitment
        // What did not go as planned.
        case failure
        case failureFree = "failure_free"
        case noShow = "no_show"
        case noShowFree = "no_show_free"
        case cancelledFree = "cancelled_free"
        case notice
        case unused
    }

    package struct Figure: Hashable, Sendable {
        package let name: String
        /// An integer, or a decimal with a point.
        package let value: String
    }

    package let code: Code
    /// In the order in which they are used.
    package let figures: [Figure]
    /// In English; pages in other languages write their own from the code and the figures.
    package let words: String

    init(_ code: Code, _ figures: KeyValuePairs<String, String>, _ words: String) {
        self.code = code
        self.figures = figures.map { Figure(name: $0.key, value: $0.value) }
        self.words = words
    }

    /// The figure of this name.
    package func figure(_ name: String) -> String? {
        figures.first { $0.name == name }?.value
    }

    var json: JSON {
        [
            "code": JSON(code.rawValue),
            "figures": .object(JSONObject(figures.map { ($0.name, JSON($0.value)) })),
            "words": JSON(words),
        ]
    }
}

extension RatingStep {
    /// How the amount of a line is reached, and its one rounding.
    static func product(of line: ChargeLine) -> [RatingStep] {
        let exact = line.exact.decimal
        let kind = line.kind.rawValue
        let name = line.code.map { "\(kind) \($0)" } ?? kind
        let first =
            switch line.basis {
            case .time(let seconds, let price):
                RatingStep(
                    .price,
                    [
                        "line": kind, "code": line.code ?? "",
                        "minutes": ChargeLine.minutes(ofSeconds: seconds),
                        "price_per_minute": price.decimal, "exact": exact,
                    ],
                    "\(name): \(ChargeLine.minutes(ofSeconds: seconds)) minutes × "
                        + "\(price.decimal) euros = \(exact) euros.")
            case .share(let share, let whole):
                RatingStep(
                    .share,
                    [
                        "line": kind, "code": line.code ?? "", "percent": share.decimal,
                        "whole": whole.decimal, "exact": exact,
                    ],
                    "\(name): \(share.decimal) % of \(whole.decimal) euros = \(exact) euros.")
            case .sum(let sum):
                RatingStep(
                    .sum, ["line": kind, "amount": sum.decimal],
                    "\(name): \(sum.decimal) euros.")
            }
        if case .sum = line.basis { return [first] }
        let size = line.amount.decimal.drop { $0 == "-" }
        let rounding = RatingStep(
            .rounding, ["exact": exact, "amount": String(size)],
            "\(exact) euros, rounded to whole cents: \(size) euros.")
        return [first, rounding]
    }
}
