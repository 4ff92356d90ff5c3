import Billing
import Contracts
import MoneyAndTime
import Postgres
import Storage
import StrictJSON

/// What a side says in a dispute, whatever it says: words, what shows it, and a figure.
package struct DisputeWords: Sendable {
    package static let longest = 2_000
    package static let mostEvidence = 10
    package static let longestEvidence = 500
    /// Of a whole day.
    package static let mostMinutes: Int64 = 1_440

    package let words: String?
    /// Texts and addresses.
    package let evidence: [String]
    /// Cents without VAT, where the price is in dispute.
    package let net: Money?
    /// Whole minutes, where the time is.
    package let minutes: Int64?

    package init(words: String?, evidence: [String], net: Money?, minutes: Int64?) {
        self.words = words
        self.evidence = evidence
        self.net = net
        self.minutes = minutes
    }

    func requireWords() throws {
        guard words?.contains(where: { !$0.isWhitespace }) == true else {
            throw Refusal(.reasonMissing)
        }
    }
}

extension Market {
    /// The buyer disputes one line of a statement that it has not accepted: with a figure of its
    /// own, and why. The line is held back from then on, and the rest is not.
    package func disputeLine(
        _ request: Request, of id: StatementID, charge: ChargeID, reason: Dispute.Reason,
        _ said: DisputeWords
    ) async throws -> Answer {
        try await change(request) { transaction, caller in
            guard let row = try await transaction.query(StoredStatement.lock(id)).atMostOne()
            else { throw Refusal(.notFound) }
            let stored = try StoredStatement(row: row)
            let lines = try await transaction.statementLines(of: id)
            do {
                _ = try stored.statement(lines).receiving(
                    .dispute(by: caller.organisation, charge: charge))
            } catch {
                throw Refusal(refusingStatement: error) ?? error
            }
            if let earlier = lines.first(where: { $0.line.charge == charge })?.dispute {
                throw Refusal(
                    .alreadyDisputed, figures: ["dispute": JSON(earlier.description)])
            }
            try said.requireWords()
            guard let line = try await transaction.charges(StoredCharge.find(charge)).first,
                line.replacedBy == nil
            else { throw Refusal(.lineNotOnStatement) }
            let terms = try await terms(
                of: stored.contract, version: Int64(line.charge.versionNumber), in: transaction)
            let now = try await transaction.now()
            let opened = try await claim(
                of: line, reason, said, under: terms, stated: stored.createdAt, now: now,
                in: transaction)
            let dispute: DisputeID = newID()
            let answerBy = try terms.answerBy(from: now)
            try await transaction.query(
                StoredDispute.open(dispute, of: charge, on: stored, opened, answerBy: answerBy))
            try await transaction.say(
                said, in: dispute, seller: stored.seller, buyer: stored.buyer, by: .buyer,
                act: "open", figure: opened.claimed)
            try await transaction.awaitAnswer(
                to: dispute, until: answerBy, stored.seller, stored.buyer)
            return try await transaction.told(dispute, "dispute.opened", by: caller.organisation)
        }
    }

    /// The dispute as it opens, if the contract lets the buyer open it now.
    private func claim(
        of line: StoredCharge, _ reason: Dispute.Reason, _ said: DisputeWords,
        under terms: Terms, stated: Instant, now: Instant, in transaction: Transaction
    ) async throws -> Dispute {
        let billing = terms.billing
        let until = try ReviewTime.end(
            of: billing.dispute?.windowDays ?? billing.acceptanceDays, from: stated,
            in: terms.clock)
        guard now < until else {
            throw Refusal(.disputeWindowOver, figures: ["until": JSON(until.rfc3339)])
        }
        do {
            return try await Dispute(
                reason: reason, charged: line.charge.net,
                claimed: figure(said, for: line, reason, under: terms, in: transaction),
                tolerance: billing.dispute?.tolerance ?? .zero)
        } catch let refusal as DisputeRefusal {
            throw Refusal(refusal)
        }
    }

    /// What a side's figure comes to: minutes are rated as the visit was.
    func figure(
        _ said: DisputeWords, for line: StoredCharge, _ reason: Dispute.Reason,
        under terms: Terms, in transaction: Transaction
    ) async throws -> Dispute.Figure {
        switch (said.net, said.minutes) {
        case (.some(let net), nil): return Dispute.Figure(net: net)
        case (nil, .some(let minutes)) where reason == .volume:
            let rated = try await ratedAgain(
                line, minutes: minutes, under: terms, in: transaction)
            return Dispute.Figure(net: rated?.total ?? .zero, minutes: minutes)
        default:
            throw InvalidInput(
                pointer: reason == .volume ? "/minutes" : "/net", code: "missing",
                message: "say one figure: an amount for a rate, minutes for a volume")
        }
    }
}

extension Terms {
    /// Each side has as many days to answer as the buyer has for a statement.
    func answerBy(from now: Instant) throws -> Instant {
        try ReviewTime.end(of: billing.acceptanceDays, from: now, in: clock)
    }
}

extension Refusal {
    init(_ refusal: DisputeRefusal) {
        switch refusal {
        case .figureNotBelow(let limit):
            self.init(.figureNotBelow, figures: ["below": JSON(limit.decimal)])
        case .withinTolerance(let tolerance):
            self.init(.withinTolerance, figures: ["tolerance": JSON(tolerance.decimal)])
        case .notTheirAnswer: self.init(RefusalCode.notYourSide)
        case .notYourTurn: self.init(RefusalCode.notYourTurn)
        case .nothingProposed: self.init(RefusalCode.nothingProposed)
        case .settled: self.init(RefusalCode.disputeSettled)
        }
    }
}

extension Transaction {
    func say(
        _ said: DisputeWords, in dispute: DisputeID, seller: OrganisationID,
        buyer: OrganisationID, by side: Dispute.Side, act: String, figure: Dispute.Figure?
    ) async throws {
        try await query(
            StoredDisputeWord.insert(
                of: dispute, seller: seller, buyer: buyer, side: side, act: act,
                words: said.words, evidence: said.evidence, figure: figure))
    }

    /// The clock of whoever answers next.
    func awaitAnswer(
        to dispute: DisputeID, until: Instant, _ seller: OrganisationID, _ buyer: OrganisationID
    ) async throws {
        try await query(
            """
            insert into deadline (due_at, kind, subject, organisation, counterparty)
            values (\(until), \(Deadline.Kind.disputeAnswer.rawValue), \(dispute), \(seller),
                \(buyer))
            """)
    }

    /// The event of a change, and the dispute as it is after it. What was said is in no event.
    func told(
        _ id: DisputeID, _ kind: String, by organisation: OrganisationID
    ) async throws -> Answer {
        let stored = try await StoredDispute(row: query(StoredDispute.find(id)).only())
        let dispute = stored.dispute
        try await record(
            .init(
                .dispute, id, kind, revision: stored.revision,
                counterparty: organisation == stored.seller ? stored.buyer : stored.seller,
                facts: [
                    "charge": JSON(stored.charge.description),
                    "charged": JSON(dispute.charged.decimal),
                    "claimed": JSON(dispute.claimed.net.decimal),
                    "agreed": JSON(dispute.agreed?.net.decimal),
                ]), for: organisation)
        return try await answer(stored)
    }
}
