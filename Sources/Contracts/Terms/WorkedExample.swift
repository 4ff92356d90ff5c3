import MoneyAndTime
import StrictJSON

/// A visit or a period inside a contract, with what the parties expect it to cost.
package struct WorkedExample: Hashable, Sendable {
    package enum Subject: Hashable, Sendable {
        case visit(service: String, VisitFacts)
        /// What a commitment makes of the billed seconds of a period.
        case period(billedSeconds: Int64)
    }

    /// A line as a contract writes it.
    package struct Line: Hashable, Sendable {
        package let kind: ChargeLine.Kind
        /// Of a supplement or discount.
        package let code: String?
        /// Billed minutes such as "12.6"; nil for what is not billed by the minute.
        package let minutes: String?
        /// Negative for what is taken off.
        package let amount: Money

        init(kind: ChargeLine.Kind, code: String?, minutes: String?, amount: Money) {
            self.kind = kind
            self.code = code
            self.minutes = minutes
            self.amount = amount
        }

        /// A computed line, as a contract would write it.
        package init(_ line: ChargeLine) {
            self.init(
                kind: line.kind, code: line.code, minutes: line.minutes, amount: line.amount)
        }
    }

    package let title: String
    package let subject: Subject
    package let expected: [Line]
    package let total: Money

    /// What this costs under the terms, beside what was expected.
    package func recompute(under terms: Terms) throws -> RecomputedExample {
        RecomputedExample(example: self, rated: try subject.rated(under: terms))
    }

    /// All worked examples of a contract.
    package static func recompute(all terms: Terms) throws -> [RecomputedExample] {
        try terms.workedExamples.map { try $0.recompute(under: terms) }
    }
}

extension WorkedExample.Subject {
    /// Nil for a period.
    package var service: String? {
        guard case .visit(let service, _) = self else { return nil }
        return service
    }

    package func rated(under terms: Terms) throws -> RatedVisit {
        switch self {
        case .visit(let service, let facts):
            try Rating.rate(terms, service: service, facts)
        case .period(let billedSeconds):
            try Rating.shortfall(terms, billedSeconds: billedSeconds)
        }
    }
}

/// A worked example with what the rating function makes of it.
package struct RecomputedExample: Hashable, Sendable {
    package let example: WorkedExample
    package let rated: RatedVisit

    /// The computed lines, as a contract would write them.
    package var computed: [WorkedExample.Line] { rated.lines.map(WorkedExample.Line.init) }

    /// Whether every line and the total are what was expected.
    package var holds: Bool { computed == example.expected && rated.total == example.total }
}

extension RatedVisit {
    /// The lines and the total, as a worked example writes them.
    package var exampleJSON: JSON {
        let lines = lines.map(WorkedExample.Line.init).map { line -> JSON in
            var members: JSONObject = ["kind": JSON(line.kind.rawValue)]
            members["code"] = line.code.map { JSON($0) }
            members["minutes"] = line.minutes.map { JSON($0) }
            members["amount"] = JSON(line.amount.decimal)
            return .object(members)
        }
        return ["lines": .array(lines), "total": JSON(total.decimal)]
    }
}
