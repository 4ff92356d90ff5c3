import Billing
import Contracts
import Ledger
import MoneyAndTime
import Postgres
import Storage
import StrictJSON

extension Market {
    /// What the seller's own system wrote of a statement comes back: a number, dates and a
    /// reference for each part of its basis, in that order, and exactly its total. From then on
    /// each is an invoice like others, posted in both books. It is written after both agreed, and
    /// gives its buyer at least the days of the contract.
    package func recordInvoices(
        _ request: Request, of statement: StatementID, _ recorded: [RecordedInvoice]
    ) async throws -> Answer {
        try await change(request) { transaction, caller in
            let (stored, run) = try await transaction.requireInvoiceable(
                statement, by: caller.organisation)
            let bases = try await transaction.bases(of: stored)
            guard !bases.isEmpty else { throw Refusal(.nothingToInvoice) }
            let totals = bases.map(\.basis.calculation.total)
            guard totals == recorded.map(\.total) else {
                throw Refusal(
                    .totalDiffers,
                    figures: ["totals": .array(totals.map { JSON($0.decimal) })])
            }
            let now = try await transaction.now()
            for (basis, recorded) in zip(bases, recorded) {
                let terms = basis.source.terms
                guard recorded.issuedOn <= terms.clock.date(of: now) else {
                    throw Refusal(.timeInTheFuture)
                }
                let accepted = terms.clock.date(of: stored.acceptedAt ?? now)
                let due = try recorded.issuedOn.adding(days: basis.source.paymentDays)
                guard recorded.issuedOn >= accepted, recorded.dueOn >= due else {
                    throw Refusal(
                        .datesNotAgreed,
                        figures: ["issued_from": JSON(accepted.iso), "due_from": JSON(due.iso)])
                }
                let invoice = try NewInvoice(
                    id: newID(), recorded, of: basis.basis, contract: stored.contract,
                    seller: InvoiceParty(terms.seller), buyer: InvoiceParty(terms.buyer),
                    iban: basis.source.iban, buyerReference: terms.billing.buyerReference,
                    orderReference: terms.billing.orderReference)
                try await issue(
                    invoice, of: stored, run: run, version: basis.source.version,
                    for: basis.source.charges, in: transaction)
            }
            return try await transaction.issued(of: statement, run: run)
        }
    }

    /// What the seller's own system knows of payments comes back: each as an entry of its account,
    /// which settles the invoice, or what remained of a round of netting. The same again changes
    /// nothing. What may be the same money and waits on that account is applied, not reported.
    package func reportPayments(
        _ request: Request, _ reported: [ReportedPayment]
    ) async throws -> Answer {
        try await change(
            request, redacted: \.withIdentifierOnly,
            restored: { try await $0.bankFile(of: $1) }
        ) { transaction, caller in
            let own = caller.organisation
            let wanted = Set(reported.compactMap(\.invoice))
            try await transaction.query(StoredPayable.own(wanted))
            let found = try await transaction.query(
                StoredPayable.issued(by: own, references: [], invoices: Array(wanted))
            ).map(StoredPayable.init(row:))
            let payables = Dictionary(uniqueKeysWithValues: found.map { ($0.invoice.id, $0) })
            let now = try await transaction.now()
            var seen: Set<ReportedPayment> = []
            try await transaction.query(StoredBankFile.claim(own))
            let nets = try await transaction.query(
                StoredNetPayment.find(reported.compactMap(\.netPayment), to: own)
            ).map(StoredNetPayment.init(row:))
            let pairs = try reported.filter { seen.insert($0).inserted }.map { payment in
                let target: ReportedTarget
                let clock: WallClock
                switch payment.claim {
                case .invoice(let id):
                    guard let payable = payables[id] else { throw Refusal(.notFound) }
                    guard payable.isRecorded else { throw Refusal(.invoicedHere) }
                    (target, clock) = (ReportedTarget(payable.invoice), payable.clock)
                case .netPayment(let id):
                    guard let net = nets.first(where: { $0.id == id }) else {
                        throw Refusal(.notFound)
                    }
                    guard payment.amount == net.amount else {
                        throw Refusal(
                            .netPaymentDiffers, figures: ["amount": JSON(net.amount.decimal)])
                    }
                    (target, clock) = try (ReportedTarget(net.payable), .finnish)
                }
                guard payment.paidOn <= clock.date(of: now) else {
                    throw Refusal(.timeInTheFuture)
                }
                return (payment: payment, target: target)
            }
            for (payment, target) in pairs {
                let waiting = try await transaction.query(
                    StoredBankEntry.waiting(on: target.iban, of: payment.amount))
                if let row = waiting.first {
                    let entry = try StoredBankEntry(row: row)
                    throw Refusal(
                        .bankEntryWaits, figures: ["entry": JSON(entry.id.description)])
                }
            }
            return try await importing(
                BankFileReading(reported: pairs), by: caller, in: transaction, exactly: true)
        }
    }
}

/// A payment that the seller saw elsewhere than in a bank's file.
package struct ReportedPayment: Hashable, Sendable {
    /// What it pays: an invoice, or what remained of a round of netting.
    package enum Claim: Hashable, Sendable {
        case invoice(InvoiceID)
        case netPayment(NetPaymentID)
    }

    package let claim: Claim
    package let paidOn: CalendarDate
    /// Above zero.
    package let amount: Money

    package init(of claim: Claim, paidOn: CalendarDate, amount: Money) {
        self.claim = claim
        self.paidOn = paidOn
        self.amount = amount
    }

    fileprivate var invoice: InvoiceID? {
        if case .invoice(let id) = claim { id } else { nil }
    }

    fileprivate var netPayment: NetPaymentID? {
        if case .netPayment(let id) = claim { id } else { nil }
    }
}

/// What a reported payment names: where the money goes, and by which reference it is found.
struct ReportedTarget {
    /// Its TypeID, which makes the same report the same payment.
    let name: String
    let iban: IBAN
    let reference: ReferenceNumber

    init(_ invoice: PayableInvoice) {
        name = "\(invoice.id)"
        iban = invoice.iban
        reference = invoice.reference
    }

    init(_ net: PayableNet) {
        name = "\(net.id)"
        iban = net.iban
        reference = net.reference
    }
}
