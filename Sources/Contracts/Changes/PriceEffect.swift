import MoneyAndTime

/// What other terms do to a price: before, after, and the difference. Nil where one of the two
/// documents cannot price it, as when it does not sell the service.
package struct PriceEffect: Hashable, Sendable {
    package let before: Money?
    package let after: Money?

    package init(before: Money?, after: Money?) {
        self.before = before
        self.after = after
    }

    package func difference() throws(ArithmeticFailure) -> Money? {
        guard let before, let after else { return nil }
        return try after.subtracting(before)
    }
}

/// A worked example of either document, priced under both.
package struct ComparedExample: Hashable, Sendable {
    package enum Origin: String, Hashable, Sendable, CaseIterable {
        case from
        case to
        case both
    }

    package let example: WorkedExample
    package let origin: Origin
    package let effect: PriceEffect

    /// First those of the new document, then those that only the old one has. Two are one where
    /// title and facts are the same, whatever each document expects.
    package static func all(from old: Terms, to new: Terms) throws -> [ComparedExample] {
        func isIn(_ terms: Terms, _ example: WorkedExample) -> Bool {
            terms.workedExamples.contains {
                $0.title == example.title && $0.subject == example.subject
            }
        }
        let own = new.workedExamples.map { ($0, isIn(old, $0) ? Origin.both : .to) }
        let gone = old.workedExamples.filter { !isIn(new, $0) }.map { ($0, Origin.from) }
        return try (own + gone).map { example, origin in
            ComparedExample(
                example: example, origin: origin,
                effect: PriceEffect(
                    before: try example.subject.total(under: old),
                    after: try example.subject.total(under: new)))
        }
    }
}

extension WorkedExample.Subject {
    /// What it comes to; nil where these terms have no price for it.
    fileprivate func total(under terms: Terms) throws -> Money? {
        do {
            return try rated(under: terms).total
        } catch is RatingRefusal {
            return nil
        }
    }
}

/// A visit that was charged, with the facts that its price was made of.
package struct ChargedVisit: Hashable, Sendable {
    package let service: String
    /// The seconds before it in the period are not used: they are counted anew.
    package let facts: VisitFacts
    package let charged: Money

    package init(service: String, facts: VisitFacts, charged: Money) {
        self.service = service
        self.facts = facts
        self.charged = charged
    }

    /// What the visits of one period would have cost under other terms, in the order in which they
    /// were charged: the minutes that count for tiers are those that these terms bill.
    package static func effects(
        of visits: [ChargedVisit], under terms: Terms
    ) throws -> [PriceEffect] {
        var before: [String: Int64] = [:]
        return try visits.map { visit in
            let facts = VisitFacts(
                starts: visit.facts.starts, plannedMinutes: visit.facts.plannedMinutes,
                secondsBefore: before[visit.service, default: 0], outcome: visit.facts.outcome)
            do {
                let rated = try Rating.rate(terms, service: visit.service, facts)
                before[visit.service, default: 0] += rated.billedSeconds
                return PriceEffect(before: visit.charged, after: rated.total)
            } catch is RatingRefusal {
                return PriceEffect(before: visit.charged, after: nil)
            }
        }
    }
}
