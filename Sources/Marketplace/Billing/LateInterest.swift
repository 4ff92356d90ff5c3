import Billing
import Contracts
import Crypto
import Ledger
import MoneyAndTime
import Postgres
import Storage
import StrictJSON

// Interest on an invoice that was paid late, or is not paid yet.

extension Market {
    /// What an invoice bears through a day, beside what was charged before, and how it is computed.
    package func lateInterest(
        _ request: Request, on invoice: InvoiceID, through day: CalendarDate
    ) async throws -> Answer {
        try await view(request) { transaction, _ in
            let owed = try await owed(on: invoice, through: day, in: transaction)
            return Answer(try owed.json)
        }
    }

    /// The seller charges it: posted in both books, and kept with its trace.
    package func chargeLateInterest(
        _ request: Request, on invoice: InvoiceID, through day: CalendarDate, amount: Money
    ) async throws -> Answer {
        try await change(request) { transaction, caller in
            try await transaction.query(StoredLateInterest.claim(invoice))
            let owed = try await owed(
                on: invoice, through: day, to: caller.organisation, in: transaction)
            guard day <= owed.today else { throw Refusal(.timeInTheFuture) }
            guard owed.interest.amount > .zero else { throw Refusal(.noInterest) }
            guard owed.interest.amount == amount else {
                throw Refusal(
                    .interestDiffers, figures: ["amount": JSON(owed.interest.amount.decimal)])
            }
            let id: LateInterestID = newID()
            let document = try owed.interest.trace.canonical()
            let stored = try await StoredLateInterest(
                row: transaction.query(
                    StoredLateInterest.insert(
                        id, on: owed.invoice, owed.first, day, amount, document: document,
                        digest: [UInt8](SHA256.hash(data: document)))
                ).only())
            let entry = try JournalEntry.lateInterest(
                id: newID(), interest: id, amount: amount, seller: owed.invoice.seller,
                buyer: owed.invoice.buyer, effectiveOn: owed.today)
            try await transaction.query(StoredEntry.post([entry]))
            try await transaction.record(
                .init(
                    .lateInterest, id, "late_interest.charged", revision: 1,
                    counterparty: owed.invoice.buyer,
                    facts: [
                        "invoice": JSON(invoice.description), "amount": JSON(amount.decimal),
                    ]),
                by: caller)
            return Answer(
                try stored.json, location: "/v1/invoices/\(invoice)/late-interest?through=\(day)")
        }
    }

    private func owed(
        on id: InvoiceID, through day: CalendarDate, to creditor: OrganisationID? = nil,
        in transaction: Transaction
    ) async throws -> OwedInterest {
        guard let row = try await transaction.query(StoredInvoice.find(id)).atMostOne() else {
            throw Refusal(.notFound)
        }
        let invoice = try StoredInvoice(row: row)
        if let creditor, invoice.seller != creditor { throw Refusal(.notYourSide) }
        let terms = try await terms(
            of: invoice.contract, version: invoice.version, in: transaction)
        let found = try await transaction.each([
            StoredLateInterest.all(of: id), StoredLateInterest.changes(of: invoice),
            StoredLateInterest.rates,
        ])
        let charged = try found[0].map(StoredLateInterest.init(row:))
        let after = max(invoice.dueOn, charged.last?.lastDay ?? invoice.dueOn)
        let first = try after.adding(days: 1)
        do {
            return OwedInterest(
                invoice: invoice, terms: terms.billing.lateInterest, first: first, through: day,
                today: terms.clock.date(of: try await transaction.now()), charged: charged,
                interest: try LateInterest(
                    on: invoice.settlement.total,
                    less: found[1].map(StoredLateInterest.change(row:)), from: first,
                    through: day, terms: terms.billing.lateInterest,
                    rates: found[2].map(StoredLateInterest.rate(row:))))
        } catch LateInterest.Refusal.rateMissing(let half) {
            throw Refusal(.referenceRateMissing, figures: ["from": JSON(half.iso)])
        }
    }
}

/// What an invoice bears, and what was charged of it before.
private struct OwedInterest {
    let invoice: StoredInvoice
    let terms: BillingTerms.LateInterest
    /// The first day for which nothing was charged.
    let first: CalendarDate
    let through: CalendarDate
    /// By the clock of the contract.
    let today: CalendarDate
    let charged: [StoredLateInterest]
    let interest: LateInterest

    var json: JSON {
        get throws {
            [
                "invoice": JSON(invoice.id.description),
                "number": JSON(invoice.number),
                "due_on": JSON(invoice.dueOn.iso),
                "from": JSON(first.iso),
                "through": JSON(through.iso),
                "currency": JSON(Currency.eur.rawValue),
                "terms": JSON(terms.text),
                "amount": JSON(interest.amount.decimal),
                "trace": interest.trace,
                "charged": .array(try charged.map { try $0.json }),
            ]
        }
    }
}

extension BillingTerms.LateInterest {
    /// As contracts write it.
    fileprivate var text: String {
        switch self {
        case .statutory: "statutory"
        case .yearly(let rate): rate.decimal
        }
    }
}

extension StoredLateInterest {
    fileprivate var json: JSON {
        get throws {
            [
                "id": JSON(id.description),
                "from": JSON(firstDay.iso),
                "through": JSON(lastDay.iso),
                "amount": JSON(amount.decimal),
                "charged_at": JSON(recordedAt.rfc3339),
                "trace": try JSON.parse(document),
            ]
        }
    }
}
