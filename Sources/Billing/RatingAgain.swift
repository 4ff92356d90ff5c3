import Contracts
import MoneyAndTime
import StrictJSON

/// What the charges of a month come to by versions that both parties signed after the visits: a
/// wrong price that was found too late. A charge that comes to the same, with the same VAT, stays.
package struct RatingAgain: Hashable, Sendable {
    /// Why a charge stays as it is, though another version rules its day.
    package enum Obstacle: String, Hashable, Sendable, CaseIterable {
        /// A dispute of it is open.
        case disputed
        /// Its figure is what a dispute came to: both have agreed on it.
        case agreed
        /// A credit note has taken something of its invoice lines, or nothing is on them.
        case credited
        /// It is on an invoice that the seller's own system wrote, which has to take it back first.
        case recorded
        /// Units of one legal person have settled it.
        case settledInternally = "settled_internally"
        /// It is more than what remains of its invoice, which has lines below zero or was credited
        /// otherwise.
        case aboveRemaining = "above_remaining"
        /// What the seller owes is on no credit note.
        case owedBySeller = "owed_by_seller"
        case unusedBlock = "unused_block"
        /// The fee of a place in a block or a group session: what it was a share of is gone.
        case sharedFee = "shared_fee"
        /// The version has no price for the service.
        case notSold = "not_sold"
    }

    /// A charge that stands, in the order in which the charges of the month were made.
    package struct Subject: Hashable, Sendable {
        package let charge: Charge
        /// What counts as one visit for tiers: the group session, or else the charge itself.
        package let visit: String
        /// The version that rules its day now, where both signed it after the visit began.
        package let version: Int?
        /// What happened; nil where that is not known any more. The seconds before it are not used:
        /// they are counted anew.
        package let facts: VisitFacts?
        package let obstacle: Obstacle?
        /// The invoice that has it, and what its lines come to there.
        package let invoice: InvoiceID?
        package let invoiced: Money

        package init(
            charge: Charge, visit: String, version: Int?, facts: VisitFacts?,
            obstacle: Obstacle?, invoice: InvoiceID? = nil, invoiced: Money = .zero
        ) {
            self.invoice = invoice
            self.invoiced = invoiced
            self.charge = charge
            self.visit = visit
            self.version = version
            self.facts = facts
            self.obstacle = obstacle
        }
    }

    package enum Outcome: Hashable, Sendable {
        case leftOut(Obstacle)
        case stays
        case priced(RatedVisit, secondsBefore: Int64)
    }

    /// A charge whose day another version rules.
    package struct Item: Hashable, Sendable {
        package let charge: Charge
        package let version: Int
        /// Whether that version treats VAT otherwise than the one that priced it.
        package let hasOtherVAT: Bool
        package let outcome: Outcome

        /// What it comes to; nil where that is not known.
        package var after: Money? {
            switch outcome {
            case .leftOut: nil
            case .stays: charge.net
            case .priced(let rated, _): rated.total
            }
        }
    }

    package let items: [Item]

    /// Those that are replaced.
    package var priced: [Item] {
        items.filter { if case .priced = $0.outcome { true } else { false } }
    }

    /// Without VAT, of those that are replaced.
    package var before: Money {
        get throws(ArithmeticFailure) { try Money.sum(of: priced.map(\.charge.net)) }
    }

    package var after: Money {
        get throws(ArithmeticFailure) { try Money.sum(of: priced.compactMap(\.after)) }
    }

    package var difference: Money {
        get throws(ArithmeticFailure) { try after.subtracting(before) }
    }

    /// All charges of the month that stand, by the terms of the versions that they name and of
    /// those that priced them. What is on an invoice is credited whole, so that together no more of
    /// it is priced again than `remaining`: what credit notes have left of it, without VAT. Throws
    /// `ArithmeticFailure`.
    package init(
        of subjects: [Subject], under terms: [Int: Terms],
        remaining: [InvoiceID: Money] = [:]
    ) throws {
        var remaining = remaining
        var tally: [String: [String: Int64]] = [:]
        var items: [Item] = []
        for subject in subjects {
            let charge = subject.charge
            var billed = charge.billedSeconds
            if let version = subject.version, let new = terms[version] {
                let vat = terms[charge.versionNumber]?.billing.vat
                let hasOtherVAT = vat.map { !$0.isInvoiced(as: new.billing.vat) } ?? false
                let before = try tally[charge.service, default: [:]]
                    .filter { $0.key != subject.visit }.values
                    .reduce(Int64(0)) { try $0.adding($1) }
                var outcome = try Self.outcome(
                    of: subject, under: new, hasOtherVAT: hasOtherVAT, secondsBefore: before)
                if case .priced(let rated, _) = outcome {
                    if try subject.isTaken(off: &remaining) {
                        billed = rated.billedSeconds
                    } else {
                        outcome = .leftOut(.aboveRemaining)
                    }
                }
                items.append(
                    Item(
                        charge: charge, version: version, hasOtherVAT: hasOtherVAT,
                        outcome: outcome))
            }
            // all places of a group session are one visit
            let known = tally[charge.service]?[subject.visit] ?? 0
            tally[charge.service, default: [:]][subject.visit] = max(known, billed)
        }
        self.items = items
    }

    private static func outcome(
        of subject: Subject, under terms: Terms, hasOtherVAT: Bool, secondsBefore: Int64
    ) throws -> Outcome {
        // what is to be taken back elsewhere is said only where it comes to something else
        if let obstacle = subject.obstacle, obstacle != .recorded { return .leftOut(obstacle) }
        guard let facts = subject.facts else { return .leftOut(.sharedFee) }
        let counted = VisitFacts(
            starts: facts.starts, plannedMinutes: facts.plannedMinutes,
            secondsBefore: secondsBefore, outcome: facts.outcome, share: facts.share)
        do {
            let rated = try Rating.rate(terms, service: subject.charge.service, counted)
            let isSame =
                rated.total == subject.charge.net && (!hasOtherVAT || rated.total == .zero)
            if isSame { return .stays }
            return subject.obstacle.map(Outcome.leftOut)
                ?? .priced(rated, secondsBefore: secondsBefore)
        } catch is RatingRefusal {
            return .leftOut(.notSold)
        }
    }
}

extension RatingAgain.Subject {
    /// Whether what remains of its invoice is enough to credit it; then it does not remain.
    fileprivate func isTaken(off remaining: inout [InvoiceID: Money]) throws -> Bool {
        guard let invoice else { return true }
        let left = remaining[invoice] ?? .zero
        guard invoiced <= left else { return false }
        remaining[invoice] = try left.subtracting(invoiced)
        return true
    }
}

extension Charge {
    /// When the buyer cancelled what began at `starts`: by the notice in the trace of its fee, in
    /// whole seconds. Nil where no notice is in it.
    package func cancelled(beginningAt starts: Instant) -> Instant? {
        let notice = (trace["steps"]?.elements ?? []).first { $0["code"]?.text == "notice" }
        guard let given = notice?["figures"]?["given_seconds"]?.text.flatMap({ Int64($0) })
        else { return nil }
        return try? starts.adding(seconds: -given)
    }
}
