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
        case present
        case nobodyPresent = "nobody_present"
        case planned
        case increments
        case minimum
        case minutes
        case price
        case rounding
        case sellerCancelled = "seller_cancelled"
        case notice
        case fee
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
