import MoneyAndTime
import Postgres
import Storage

/// What `verify` checks: each is computed again from the facts, and not from what was kept.
package enum VerifiedRule: String, Hashable, Sendable, CaseIterable {
    /// Each entry balances in both books and its claims are mirrored (invariants 14, 19).
    case entries
    /// All books together come to zero, and any two agree on each other.
    case books
    /// No entry came into a month that was closed, and what came late is marked.
    case periods
    /// Each reversal mirrors an entry exactly, and no entry is reversed twice (invariant 25).
    case reversals
    /// Reserved is what live bookings may cost, used is what was charged (invariant 10), and the
    /// quota's counts are those of the visits that are live or were held.
    case budgets
    /// What is over, or attested by both, is charged once, and the charge's digest is that of what
    /// it says.
    case charges
    /// Totals are the lines and the VAT on them, and are what was posted (invariant 20); no charge
    /// is on two of them (invariant 21).
    case invoices
    /// Numbers run from one to the highest that was taken, without a gap (invariant 23).
    case invoiceNumbers = "invoice_numbers"
    /// Nothing is settled beyond what was invoiced or paid (invariant 24).
    case settlements
    /// Each signed version rules for its validity, cut where the next one begins (invariant 4).
    case versions
    /// What is kept of each handshake is what its messages lead to.
    case handshakes
    /// What search finds is what is free.
    case startTimes = "start_times"
    /// Visits lie in the blocks in which they are placed, never two at once, and a block holds the
    /// time that is still its buyer's.
    case blocks
    /// Rooms and staff are taken by live visits for their planned time, and never twice.
    case resources
    /// Places in a group session are within its number and time, and shares of its price come to
    /// one.
    case groups
    /// The chain of every organisation holds (invariant 28).
    case auditChain = "audit_chain"

    /// What `verify ledger` computes again: the money, and what says who did what.
    package static let ofLedger: Set<VerifiedRule> = [
        .entries, .books, .periods, .reversals, .budgets, .charges, .invoices, .invoiceNumbers,
        .settlements, .auditChain,
    ]
}

/// Something that is not as it must be.
package struct Finding: Hashable, Sendable {
    package let rule: VerifiedRule
    /// What it is about: an identifier, or a few words.
    package let subject: String
    package let message: String

    package init(_ rule: VerifiedRule, _ subject: String, _ message: String) {
        self.rule = rule
        self.subject = subject
        self.message = message
    }

    /// A row that is not what any program of ours writes.
    init(_ rule: VerifiedRule, _ subject: String, unreadable error: any Error) {
        self.init(rule, subject, "cannot be read: \(error)")
    }
}

/// What was checked, and what was found.
package struct VerificationReport: Sendable {
    /// How many of what each rule is about were there.
    package let checked: [VerifiedRule: Int64]
    /// How many audit facts the sealer has not come to yet.
    package let unsealed: Int64
    /// Empty when everything is in order.
    package let findings: [Finding]
}

/// Computes again what the database keeps, from one state of it, as `aikatori_reader`: in portions,
/// so that memory does not grow with what there is.
package enum Verification {
    /// Empty when everything is in order.
    package static func run(on reader: Database) async throws -> [Finding] {
        try await report(on: reader).findings
    }

    /// `rules` are those that are checked; `tell` hears how far it is, after every portion.
    package static func report(
        on reader: Database, rules: Set<VerifiedRule> = Set(VerifiedRule.allCases),
        tell: @escaping (VerificationProgress) -> Void = { _ in }
    ) async throws -> VerificationReport {
        let options = TransactionOptions(isolation: .repeatableRead, readOnly: true)
        return try await reader.transaction(options, within: .seconds(3_600)) { transaction in
            let counts = try await transaction.query(VerifiedCounts.query).only()
            var checked: [VerifiedRule: Int64] = [:]
            for rule in VerifiedRule.allCases where rules.contains(rule) {
                checked[rule] = try counts.decode(rule.rawValue)
            }
            let pace = VerificationPace(of: checked, tell: tell)
            var findings: [Finding] = []
            func check(
                _ own: VerifiedRule...,
                by body: (Transaction, (Int) -> Void) async throws -> [Finding]
            ) async throws {
                guard !rules.isDisjoint(with: own) else { return }
                findings += try await body(transaction) { pace.move(by: $0, in: own) }
                pace.finish(own)
            }
            try await check(.entries, .books) { try await ledger(in: $0, step: $1) }
            try await check(.periods) { transaction, _ in
                try await periods(in: transaction)
            }
            try await check(.reversals) { transaction, _ in
                try await reversals(in: transaction)
            }
            try await check(.budgets) { transaction, _ in try await budgets(in: transaction) }
            try await check(.charges) { try await charges(in: $0, step: $1) }
            try await check(.invoices, .invoiceNumbers, .settlements) {
                try await invoices(in: $0, step: $1)
            }
            try await check(.versions) { transaction, _ in try await versions(in: transaction) }
            try await check(.handshakes) { transaction, _ in
                try await handshakes(in: transaction)
            }
            try await check(.startTimes) { transaction, _ in
                try await startTimes(in: transaction)
            }
            try await check(.blocks) { transaction, _ in try await blocks(in: transaction) }
            try await check(.resources) { transaction, _ in
                try await resources(in: transaction)
            }
            try await check(.groups) { transaction, _ in try await groups(in: transaction) }
            var unsealed: Int64 = 0
            try await check(.auditChain) { transaction, step in
                let chains = try await auditChains(in: transaction, step: step)
                checked[.auditChain] = chains.sealed
                unsealed = chains.unsealed
                return chains.findings
            }
            return VerificationReport(checked: checked, unsealed: unsealed, findings: findings)
        }
    }

    /// How many rows are read at once.
    static let batch = 1_000

    private static func auditChains(
        in transaction: Transaction, step: (Int) -> Void
    ) async throws -> (findings: [Finding], sealed: Int64, unsealed: Int64) {
        var findings: [Finding] = []
        var (sealed, unsealed): (Int64, Int64) = (0, 0)
        for row in try await transaction.query(AuditChainCheck.organisations) {
            let organisation = try row["id", OrganisationID.self]
            let check = try await AuditChainCheck.run(of: organisation, in: transaction)
            sealed += check.sealed
            unsealed += check.waiting
            step(Int(clamping: check.sealed))
            if let breach = check.breach {
                findings.append(Finding(.auditChain, "\(organisation)", "broken: \(breach)"))
            }
        }
        return (findings, sealed, unsealed)
    }
}
