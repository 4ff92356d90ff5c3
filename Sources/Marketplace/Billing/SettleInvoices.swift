import Billing
import Ledger
import MoneyAndTime
import Postgres
import Storage
import StrictJSON

// The one way in which money of a bank entry settles an invoice, and in which it goes back.

/// What happens to one invoice, with what is open of it afterwards.
struct SettlingStep {
    enum Kind {
        case paid(NewPayment, EntryID)
        /// With the entry of the payment that goes back.
        case takenBack(NewReturn, EntryID)
    }

    let kind: Kind
    let invoice: InvoiceID
    let buyer: OrganisationID
    let amount: Money
    /// The day that the bank booked it.
    let effectiveOn: CalendarDate
    let after: Settlement
}

/// The steps of one bank file, or of one decision, in their order.
struct SettlingPlan {
    private(set) var steps: [SettlingStep] = []
    private let seller: OrganisationID
    private let payables: [InvoiceID: StoredPayable]
    private let now: Instant

    init(of seller: OrganisationID, _ payables: [StoredPayable], now: Instant) {
        self.seller = seller
        self.payables = Dictionary(
            payables.map { ($0.invoice.id, $0) }, uniquingKeysWith: { first, _ in first })
        self.now = now
    }

    /// A payment of the caller's own invoice; what is no invoice of it is not found.
    mutating func pay(
        _ allocation: Allocation, from entry: BankEntryID, bookedOn: CalendarDate?,
        after: Settlement, as id: EntryID
    ) throws -> StoredReceivedKey {
        guard let payable = payables[allocation.invoice] else { throw Refusal(.notFound) }
        let payment = NewPayment(
            bankEntry: entry, invoice: allocation.invoice, seller: seller, buyer: payable.buyer,
            amount: allocation.amount, bookedOn: bookedOn,
            subject: EntrySubject.payment(allocation.invoice, entry).text)
        steps.append(
            SettlingStep(
                kind: .paid(payment, id), invoice: allocation.invoice, buyer: payable.buyer,
                amount: allocation.amount,
                effectiveOn: bookedOn ?? payable.clock.date(of: now), after: after))
        return StoredReceivedKey(entry: entry, ledger: id)
    }

    mutating func takeBack(
        _ allocation: Allocation, of paid: StoredReceivedKey, by entry: BankEntryID,
        bookedOn: CalendarDate?, after: Settlement, as id: EntryID, isReport: Bool = false
    ) throws {
        guard let payable = payables[allocation.invoice] else { throw Refusal(.notFound) }
        steps.append(
            SettlingStep(
                kind: .takenBack(
                    NewReturn(
                        bankEntry: paid.entry, allocation: allocation, seller: seller,
                        buyer: payable.buyer, returnedBy: entry, entry: id,
                        isReport: isReport), paid.ledger),
                invoice: allocation.invoice, buyer: payable.buyer, amount: allocation.amount,
                effectiveOn: bookedOn ?? payable.clock.date(of: now), after: after))
    }

    /// How many events each invoice has had.
    func revision(of invoice: InvoiceID) -> Int64 { payables[invoice]?.revision ?? 0 }
}

/// A payment that was posted: its bank entry, and its entry in the ledger.
struct StoredReceivedKey: Hashable {
    let entry: BankEntryID
    let ledger: EntryID
}

extension Transaction {
    /// Settles and posts, in the order of the steps, and tells both sides.
    func settle(_ plan: SettlingPlan, by caller: Caller) async throws {
        guard !plan.steps.isEmpty else { return }
        try await query(StoredPayable.own(Set(plan.steps.map(\.invoice))))
        try await each(plan.steps.map(\.insert))
        try await query(StoredEntry.post(plan.steps.map { try $0.entry(of: caller.organisation) }))
        var told: [InvoiceID: Int64] = [:]
        for step in plan.steps {
            told[step.invoice, default: plan.revision(of: step.invoice)] += 1
            try await record(
                .init(
                    .invoice, step.invoice, step.event,
                    revision: told[step.invoice, default: 1], counterparty: step.buyer,
                    facts: [
                        "amount": JSON(step.amount.decimal), "open": JSON(step.after.open.decimal),
                    ]),
                by: caller)
        }
    }
}

extension SettlingStep {
    fileprivate var insert: Query {
        switch kind {
        case .paid(let payment, _): payment.insert()
        case .takenBack(let returned, _): returned.insert()
        }
    }

    fileprivate var event: String {
        switch kind {
        case .paid: after.open > .zero ? "invoice.partly_paid" : "invoice.paid"
        case .takenBack: "invoice.payment_returned"
        }
    }

    fileprivate func entry(of seller: OrganisationID) throws -> JournalEntry {
        switch kind {
        case .paid(let payment, let id):
            return try posted(payment.bankEntry, as: id, by: seller)
        case .takenBack(let returned, let paid):
            return try .reversal(
                id: returned.entry, of: posted(returned.bankEntry, as: paid, by: seller),
                effectiveOn: effectiveOn)
        }
    }

    /// The payment in both books; a reversal mirrors the same postings.
    private func posted(
        _ entry: BankEntryID, as id: EntryID, by seller: OrganisationID
    ) throws -> JournalEntry {
        try .payment(
            id: id, invoice: invoice, bankEntry: entry, amount: amount, seller: seller,
            buyer: buyer, effectiveOn: effectiveOn)
    }
}
