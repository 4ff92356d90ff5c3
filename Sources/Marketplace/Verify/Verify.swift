import Ledger
import MoneyAndTime
import Postgres
import Storage

/// What `verify` checks: each is computed again from the facts, and not from what was kept.
package enum VerifiedRule: String, Hashable, Sendable, CaseIterable {
    /// Each entry balances in both books and its claims are mirrored (invariants 14, 19).
    case entries
    /// All books together come to zero, and any two agree on each other.
    case books
    /// Reserved is what live bookings may cost, used is what was charged (invariant 10), and the
    /// quota's counts are those of the visits that are live or were held.
    case budgets
    /// What is over has its charge, and its digest is that of what it says.
    case charges
    /// Totals are the lines and the VAT on them, and are what was posted (invariant 20).
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

/// Computes again what the database keeps, from one state of it, as `aikatori_reader`.
package enum Verification {
    /// Empty when everything is in order.
    package static func run(on reader: Database) async throws -> [Finding] {
        try await report(on: reader).findings
    }

    package static func report(on reader: Database) async throws -> VerificationReport {
        let options = TransactionOptions(isolation: .repeatableRead, readOnly: true)
        var checked: [VerifiedRule: Int64] = [:]
        var findings = try await reader.transaction(options, within: .seconds(3_600)) {
            transaction in
            let counts = try await transaction.query(VerifiedCounts.query).only()
            for rule in VerifiedRule.allCases {
                checked[rule] = try counts.decode(rule.rawValue)
            }
            var (findings, accruals) = try await ledger(in: transaction)
            findings += try await budgets(in: transaction)
            findings += try await charges(accruals: accruals, in: transaction)
            findings += try await invoices(in: transaction)
            findings += try await versions(in: transaction)
            findings += try await handshakes(in: transaction)
            findings += try await startTimes(in: transaction)
            findings += try await blocks(in: transaction)
            findings += try await resources(in: transaction)
            findings += try await groups(in: transaction)
            return findings
        }
        let chains = try await auditChains(on: reader)
        findings += chains.findings
        checked[.auditChain] = chains.sealed
        return VerificationReport(
            checked: checked, unsealed: chains.unsealed, findings: findings)
    }

    /// How many rows are read at once.
    static let batch = 1_000

    /// What the ledger says that a charge comes to.
    struct Accrual: Hashable {
        let seller: OrganisationID
        let buyer: OrganisationID
        let net: Money
    }

    private static func ledger(
        in transaction: Transaction
    ) async throws -> ([Finding], [ChargeID: Accrual]) {
        var findings: [Finding] = []
        var accruals: [ChargeID: Accrual] = [:]
        var balances = TrialBalance()
        var last: EntryID?
        while true {
            let records = try await LedgerRecords.read(
                after: last, limit: batch, in: transaction)
            for record in records {
                do {
                    let entry = try record.entry()
                    balances.add(entry)
                    if let (charge, accrual) = Accrual.of(entry) { accruals[charge] = accrual }
                } catch let refusal as LedgerRefusal {
                    findings.append(Finding(.entries, "\(record.id)", "refused: \(refusal)"))
                } catch {
                    findings.append(Finding(.entries, "\(record.id)", unreadable: error))
                }
            }
            last = records.last?.id
            if records.count < batch { break }
        }
        for book in balances.books where balances.netDebit(of: book) != 0 {
            findings.append(
                Finding(.books, "\(book)", "its accounts do not come to zero"))
        }
        for comparison in try balances.comparisons() where !comparison.agrees {
            findings.append(
                Finding(
                    .books, "\(comparison.seller)",
                    "its book and that of \(comparison.buyer) disagree"))
        }
        return (findings, accruals)
    }

    private static func auditChains(
        on reader: Database
    ) async throws -> (findings: [Finding], sealed: Int64, unsealed: Int64) {
        var findings: [Finding] = []
        var (sealed, unsealed): (Int64, Int64) = (0, 0)
        for row in try await reader.read([AuditChainCheck.organisations]) {
            let organisation = try row["id", OrganisationID.self]
            let check = try await AuditChainCheck.run(of: organisation, on: reader)
            sealed += check.sealed
            unsealed += check.waiting
            if let breach = check.breach {
                findings.append(Finding(.auditChain, "\(organisation)", "broken: \(breach)"))
            }
        }
        return (findings, sealed, unsealed)
    }
}

extension Verification.Accrual {
    /// Nil for an entry of another kind.
    fileprivate static func of(
        _ entry: JournalEntry
    ) -> (ChargeID, Verification.Accrual)? {
        guard entry.kind == .accrual || entry.kind == .compensation,
            case .charge(let charge) = entry.subject,
            let revenue = entry.postings.first(where: { $0.account.code == .revenue })
        else { return nil }
        let accrual = Verification.Accrual(
            seller: entry.seller, buyer: entry.buyer,
            net: entry.kind == .accrual
                ? revenue.amount
                : Money(minorUnits: -revenue.amount.minorUnits))
        return (charge, accrual)
    }
}
