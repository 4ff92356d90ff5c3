import Billing
import Documents
import Ledger
import MoneyAndTime
import Postgres
import Storage

/// What a bank's file comes to: which of its payments are new and ours, what they settle, and what
/// they take back.
struct BankFileMatch {
    private(set) var file: NewBankFile
    private(set) var statements: [NewBankStatement] = []
    private(set) var entries: [NewBankEntry] = []
    private(set) var plan: SettlingPlan
    private(set) var receipts: [NetReceipt] = []

    init(
        _ reading: BankFileReading, id: BankFileID, for caller: Caller,
        in transaction: Transaction, newEntry: () -> BankEntryID, newPosting: () -> EntryID
    ) async throws {
        let organisation = caller.organisation
        file = NewBankFile(
            id: id, organisation: organisation, digest: reading.digest,
            content: reading.content, messageID: reading.file.messageID,
            balancesAgree: reading.balancesAgree, isReport: reading.isReport)
        let payments = reading.transactions
        let returned = Set(payments.filter(\.isReturn).map(\.amount.hundredThousandths))
        let found = try await transaction.each([
            StoredPayable.accounts(of: organisation),
            StoredBankEntry.known(payments.map(\.key), of: organisation),
            StoredReceived.all(of: organisation, amounts: returned.sorted()),
            StoredBankStatement.known(reading.statements.map(\.digest), of: organisation),
        ])
        let accounts = Set(found[0].compactMap { try? IBAN($0["iban", String.self]) })
        let known = try found[1].map { try $0["bank_key", String.self] }
        let received = try found[2].map(StoredReceived.init(row:))
        let repeated = Set(try found[3].map { try $0["digest", [UInt8].self] })
        let references = reading.references(of: payments).sorted()
        let nets = try await transaction.query(
            StoredNetPayment.payable(to: organisation, references: references)
        ).map(StoredNetPayment.init(row:))
        let payables = try await transaction.query(
            StoredPayable.issued(
                by: organisation, references: references,
                invoices: received.map(\.allocation.invoice))
        ).map(StoredPayable.init(row:))
        let reports =
            reading.isReport
            ? []
            : try await transaction.query(
                StoredReportedPayment.all(of: organisation, invoices: payables.map(\.invoice.id))
            ).map(StoredReportedPayment.init(row:))
        plan = SettlingPlan(of: organisation, payables, now: try await transaction.now())
        var match = try PaymentMatch(
            accounts: accounts, invoices: payables.map(\.invoice),
            received: StoredReceived.payments(received), nets: nets.map { try $0.payable },
            reports: reports.map(\.report), seen: Set(known))
        var paid = Dictionary(
            received.map {
                (
                    PaidPart(key: $0.key, invoice: $0.allocation.invoice),
                    StoredReceivedKey(entry: $0.bankEntry, ledger: $0.entry)
                )
            }, uniquingKeysWith: { first, _ in first })
        try countElsewhere(reading.file.entriesElsewhere)
        for statement in reading.statements where try take(statement, accounts, repeated) {
            for payment in statement.transactions {
                let result = match.match(payment)
                guard let entry = try take(payment, result, as: newEntry()) else { continue }
                if let net = nets.first(where: { $0.id == entry.netPayment }) {
                    receipts.append(
                        NetReceipt(
                            payment: net, entry: entry.id, posting: newPosting(),
                            bookedOn: payment.bookedOn))
                }
                try plan.add(
                    result, of: payment, as: entry.id, match, &paid, newPosting: newPosting)
            }
        }
    }

    /// Whether its payments are looked at: not when an earlier file had the same statement.
    private mutating func take(
        _ statement: BankFileReading.ReadStatement, _ accounts: Set<IBAN>, _ known: Set<[UInt8]>
    ) throws -> Bool {
        guard accounts.contains(statement.account) else { return true }
        let isRepeated =
            known.contains(statement.digest)
            || statements.contains { $0.digest == statement.digest }
        statements.append(
            NewBankStatement(
                iban: statement.account, name: statement.name, digest: statement.digest,
                difference: statement.difference, isRepeated: isRepeated))
        if isRepeated { file.repeated += statement.transactions.count }
        return !isRepeated
    }

    private mutating func countElsewhere(_ entries: [BankEntry]) throws {
        for entry in entries { try count(other: entry.amount) }
    }

    private mutating func count(other amount: BankAmount) throws {
        file.othersCount += 1
        if amount.currency == Currency.eur.rawValue {
            file.othersSum = try file.othersSum.adding(amount.hundredThousandths)
        }
    }

    /// Counts the payment, or keeps it as an entry that is returned.
    private mutating func take(
        _ transaction: BankTransaction, _ result: PaymentResult, as id: BankEntryID
    ) throws -> NewBankEntry? {
        let fate: BankEntryFate
        let reason: String?
        var invoice = result.allocations.first?.invoice
        var netPayment: NetPaymentID?
        switch result {
        case .matched, .matchedSeveral: (fate, reason) = (.matched, nil)
        case .partlyMatched(_, .underpaid): (fate, reason) = (.partlyMatched, "underpaid")
        case .partlyMatched(_, .overpaid): (fate, reason) = (.partlyMatched, "overpaid")
        case .returned(let payment):
            (fate, reason) = (.matched, nil)
            invoice = payment.allocations.first?.invoice
        case .paidNet(let id):
            (fate, reason) = (.matched, nil)
            netPayment = id
        case .waiting(.notBooked):
            file.notBooked += 1
            return nil
        case .waiting(let why):
            (fate, reason) = (.waiting, why.code)
            invoice = why.invoice
        case .notOurs(.repeated):
            file.repeated += 1
            return nil
        case .notOurs(.foreignAccount), .notOurs(.outgoing):
            try count(other: transaction.amount)
            return nil
        }
        let entry = NewBankEntry(
            id: id, transaction: transaction, fate: fate, reason: reason, invoice: invoice,
            netPayment: netPayment)
        entries.append(entry)
        return entry
    }
}

/// What one transaction paid of one invoice.
private struct PaidPart: Hashable {
    let key: String
    let invoice: InvoiceID
}

extension SettlingPlan {
    /// What the result of one transaction does to invoices; `paid` knows what may go back.
    fileprivate mutating func add(
        _ result: PaymentResult, of transaction: BankTransaction, as entry: BankEntryID,
        _ match: PaymentMatch, _ paid: inout [PaidPart: StoredReceivedKey],
        newPosting: () -> EntryID
    ) throws {
        for part in result.allocations {
            guard let after = match.settlement(of: part.invoice) else { continue }
            paid[PaidPart(key: transaction.key, invoice: part.invoice)] = try pay(
                part, from: entry, bookedOn: transaction.bookedOn, after: after, as: newPosting())
        }
        guard case .returned(let payment) = result else { return }
        for part in payment.allocations {
            guard let earlier = paid[PaidPart(key: payment.key, invoice: part.invoice)],
                let after = match.settlement(of: part.invoice)
            else { continue }
            try takeBack(
                part, of: earlier, by: entry, bookedOn: transaction.bookedOn, after: after,
                as: newPosting())
        }
    }
}
