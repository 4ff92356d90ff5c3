import Billing
import Contracts
import Documents
import Ledger
import MoneyAndTime
import Postgres
import Storage
import StrictJSON

extension Market {
    /// The letters before a credit note's number. The number itself runs for each seller and year.
    static var creditNotePrefix: String { "AKC" }

    /// The same where the buyer made the invoice in the seller's name.
    static var selfBilledCreditPrefix: String { "SBC" }

    package static let longestCreditReason = 1_000

    /// An issued invoice is taken back, whole or in parts, of what remains of it: numbered without
    /// a gap, written as UBL, and posted in both books, all in one transaction. What it takes
    /// beyond what is open cuts what was given up; what was paid beyond what is left then is owed
    /// back to the buyer.
    package func creditInvoice(
        _ request: Request, _ id: InvoiceID, reason: String, parts: [Credit.Part]?
    ) async throws -> Answer {
        try await change(request) { transaction, caller in
            try await transaction.requireIssued(id, by: caller.organisation)
            let note = try await credit(
                id, reason: reason, parts: parts, for: caller.organisation, in: transaction)
            return try await transaction.answer(
                StoredCreditNote(row: transaction.query(StoredCreditNote.find(note)).only()))
        }
    }

    /// What the seller's own system took back of an invoice that it wrote comes back: posted and
    /// settled as a credit note of this market, and never above what remains. There is no document
    /// of it here.
    package func recordCreditNote(
        _ request: Request, of id: InvoiceID, _ recorded: RecordedCreditNote, reason: String
    ) async throws -> Answer {
        try await change(request) { transaction, caller in
            try await transaction.requireIssued(id, by: caller.organisation)
            let (invoice, terms, credited) = try await transaction.creditable(id, recorded: true)
            let today = try await terms.clock.date(of: transaction.now())
            guard recorded.issuedOn <= today else { throw Refusal(.timeInTheFuture) }
            guard recorded.issuedOn >= invoice.issuedOn else {
                throw Refusal(
                    .datesNotAgreed, figures: ["issued_from": JSON(invoice.issuedOn.iso)])
            }
            let credit = try Refusal.ofCredit {
                switch recorded.extent {
                case .all: try Credit(of: credited, nil)
                case .lines(let parts): try Credit(of: credited, parts)
                case .net(let net): try Credit(of: credited, credited.parts(net: net))
                }
            }
            guard credit.total == recorded.total else {
                throw Refusal(
                    .totalDiffers, figures: ["total": JSON(credit.total.decimal)])
            }
            let note = NewCreditNote(
                id: newID(), recorded, of: invoice, credit: credit, reason: reason)
            try await issue(note, for: caller.organisation, in: transaction)
            return try await transaction.answer(
                StoredCreditNote(row: transaction.query(StoredCreditNote.find(note.id)).only()))
        }
    }

    /// The credit note with the next number of its year.
    func credit(
        _ id: InvoiceID, reason: String, parts: [Credit.Part]?,
        for organisation: OrganisationID, in transaction: Transaction
    ) async throws -> CreditNoteID {
        let (invoice, terms, credited) = try await transaction.creditable(id, recorded: false)
        guard invoice.issuer == organisation else { throw Refusal(.invoicedByBuyer) }
        let credit = try Refusal.ofCredit { try Credit(of: credited, parts) }
        let issuedOn = try await terms.clock.date(of: transaction.now())
        let number =
            try await invoice.isSelfBilled
            ? transaction.nextSelfBilled(
                .selfBilledCreditNote, prefix: Self.selfBilledCreditPrefix, of: invoice.seller,
                year: issuedOn.year)
            : transaction.next(
                StoredCreditNote.nextNumber(issuer: invoice.seller, year: issuedOn.year),
                prefix: Self.creditNotePrefix, year: issuedOn.year)
        let note = try CreditNote(
            id: newID(), number: number, of: credited, issuedOn: issuedOn,
            seller: InvoiceParty(terms.seller),
            buyer: InvoiceParty(terms.buyer), credit: credit, reason: reason)
        try await issue(
            NewCreditNote(
                note, of: invoice, credit: credit, document: UBLCreditNote.write(note)),
            for: organisation, in: transaction)
        return note.id
    }

    /// Stored, posted in both books, with what it takes of what was given up, and told to both.
    private func issue(
        _ note: NewCreditNote, for organisation: OrganisationID, in transaction: Transaction
    ) async throws {
        let (invoice, credit) = (note.invoice, note.credit)
        var settlement = invoice.settlement
        let cut = try Refusal.ofCredit { try settlement.credit(credit.total) }
        let (head, lines) = note.insert()
        // a number of the seller's own system that is there already
        try await transaction.query(head, refusing: .uniqueViolation, as: .nameTaken)
        try await transaction.query(lines)
        let entry = try JournalEntry.credit(
            id: newID(), creditNote: note.id, net: credit.net, vat: credit.vat,
            seller: invoice.seller, buyer: invoice.buyer, effectiveOn: note.issuedOn)
        try await transaction.query(StoredEntry.post([entry]))
        if cut > .zero {
            try await transaction.query(StoredWriteOff.cut(cut, by: note))
            let back = try JournalEntry.writeOffCut(
                id: newID(), creditNote: note.id, amount: cut, seller: invoice.seller,
                buyer: invoice.buyer, effectiveOn: note.issuedOn)
            try await transaction.query(StoredEntry.post([back]))
        }
        try await transaction.record(
            .init(
                .creditNote, note.id, "credit_note.issued", revision: 1,
                counterparty: organisation == invoice.seller ? invoice.buyer : invoice.seller,
                facts: [
                    "number": JSON(note.number), "total": JSON(credit.total.decimal),
                    "invoice": JSON(invoice.id.description),
                ]), for: organisation)
    }
}

extension Refusal {
    /// The market's word for what a credit cannot take; nil for a fault.
    private init?(refusingCredit error: any Error) {
        switch error as? BillingRefusal {
        case .nothingRemains: self.init(.nothingRemains)
        case .aboveRemaining(let remaining):
            self.init(.aboveRemaining, figures: ["remaining": JSON(remaining.decimal)])
        default: return nil
        }
    }

    /// The same of what is taken off, given up or paid back of an invoice.
    static func ofCredit<Value>(_ compute: () throws -> Value) throws -> Value {
        do {
            return try compute()
        } catch {
            throw Refusal(refusingCredit: error) ?? error
        }
    }
}

extension Transaction {
    /// The invoice of whoever made it.
    fileprivate func requireIssued(_ id: InvoiceID, by issuer: OrganisationID) async throws {
        guard let row = try await query(StoredInvoice.find(id)).atMostOne() else {
            throw Refusal(.notFound)
        }
        guard try StoredInvoice(row: row).issuer == issuer else { throw Refusal(.notYourSide) }
    }

    /// The invoice as it is now, while payments and other credits of it wait; it is taken back
    /// where it was written.
    fileprivate func creditable(
        _ id: InvoiceID, recorded: Bool
    ) async throws -> (StoredInvoice, Terms, CreditedInvoice) {
        try await query(StoredCreditNote.claim(id))
        let invoice = try await StoredInvoice(row: query(StoredInvoice.find(id)).only())
        guard invoice.isRecorded == recorded else {
            throw Refusal(recorded ? .invoicedHere : .invoicedBySeller)
        }
        let terms = try await terms(of: invoice.contract, versions: [Int(invoice.version)])
        guard let own = terms[Int(invoice.version)] else { throw Refusal(.notFound) }
        return try await (invoice, own, credited(invoice, under: own))
    }

    /// The invoice with what was credited of each line.
    fileprivate func credited(
        _ invoice: StoredInvoice, under terms: Terms
    ) async throws -> CreditedInvoice {
        let vat = try InvoiceVAT(terms.billing.vat)
        let lines = try await query(StoredInvoiceLine.all(of: invoice.id))
            .map(StoredInvoiceLine.init(row:))
        return try await CreditedInvoice(
            id: invoice.id, number: invoice.number, issuedOn: invoice.issuedOn,
            contract: invoice.contract, buyerReference: invoice.buyerReference,
            orderReference: invoice.orderReference, vat: vat, tax: invoice.vat,
            creditedTax: query(StoredCreditNote.creditedTax(of: invoice.id)).only().decode("vat"),
            lines: lines.map { line in
                try CreditedInvoice.Line(
                    number: line.number,
                    line: InvoiceLine(
                        issued: line.text, quantity: line.quantity, price: line.price,
                        baseQuantity: line.baseQuantity, net: line.net, vat: vat,
                        days: line.days,
                        begins: line.starts.map(terms.clock.timeOfDay(of:)),
                        mode: terms.rounding.mode,
                        sources: [.init(charge: line.charge, line: Int(line.chargeLine))]),
                    credited: line.credited)
            })
    }
}
