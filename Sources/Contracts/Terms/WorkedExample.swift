import MoneyAndTime

/// A visit inside a contract with what the parties expect it to cost.
package struct WorkedExample: Hashable, Sendable {
    /// A line as a contract writes it.
    package struct Line: Hashable, Sendable {
        package let kind: ChargeLine.Kind
        /// Billed minutes such as "12.6"; nil for a fee.
        package let minutes: String?
        package let amount: Money
    }

    package let title: String
    package let service: String
    package let facts: VisitFacts
    package let expected: [Line]
    package let total: Money

    /// What this visit costs under the terms, beside what was expected.
    package func recompute(under terms: Terms) throws -> RecomputedExample {
        RecomputedExample(
            example: self, rated: try Rating.rate(terms, service: service, facts))
    }

    /// All worked examples of a contract.
    package static func recompute(all terms: Terms) throws -> [RecomputedExample] {
        try terms.workedExamples.map { try $0.recompute(under: terms) }
    }
}

/// A worked example with what the rating function makes of it.
package struct RecomputedExample: Hashable, Sendable {
    package let example: WorkedExample
    package let rated: RatedVisit

    /// The computed lines, as a contract would write them.
    package var computed: [WorkedExample.Line] {
        rated.lines.map {
            WorkedExample.Line(kind: $0.kind, minutes: $0.minutes, amount: $0.amount)
        }
    }

    /// Whether every line and the total are what was expected.
    package var holds: Bool { computed == example.expected && rated.total == example.total }
}
