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
            guard let row = try await transaction.query(StoredInvoice.find(id)).atMostOne() else {
                throw Refusal(.notFound)
            }
            let invoice = try StoredInvoice(row: row)
            guard invoice.issuer == caller.organisation else { throw Refusal(.notYourSide) }
            let note = try await credit(
                id, reason: reason, parts: parts, for: caller.organisation, in: transaction)
            return try await transaction.answer(
                StoredCreditNote(row: transaction.query(StoredCreditNote.find(note)).only()))
        }
    }

    /// The credit note with the next number of its year.
    func credit(
        _ id: InvoiceID, reason: String, parts: [Credit.Part]?,
        for organisation: OrganisationID, in transaction: Transaction
    ) async throws -> CreditNoteID {
        try await transaction.query(StoredCreditNote.claim(id))
        let invoice = try await StoredInvoice(
            row: transaction.query(StoredInvoice.find(id)).only())
        guard !invoice.isRecorded else { throw Refusal(.invoicedBySeller) }
        guard invoice.issuer == organisation else { throw Refusal(.invoicedByBuyer) }
        let terms = try await terms(
            of: invoice.contract, version: invoice.version, in: transaction)
        let credited = try await transaction.credited(invoice, under: terms)
        var settlement = invoice.settlement
        let (credit, cut): (Credit, Money)
        do {
            credit = try Credit(of: credited, parts)
            cut = try settlement.credit(credit.total)
        } catch {
            throw Refusal(refusingCredit: error) ?? error
        }
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
        try await transaction.each(
            StoredCreditNote.insert(note, document: UBLCreditNote.write(note)))
        let entry = try JournalEntry.credit(
            id: newID(), creditNote: note.id, net: note.calculation.net,
            vat: note.calculation.vat, seller: invoice.seller, buyer: invoice.buyer,
            effectiveOn: issuedOn)
        try await transaction.query(StoredEntry.post([entry]))
        if cut > .zero {
            try await transaction.query(StoredWriteOff.cut(cut, by: note))
            let back = try JournalEntry.writeOffCut(
                id: newID(), creditNote: note.id, amount: cut, seller: invoice.seller,
                buyer: invoice.buyer, effectiveOn: issuedOn)
            try await transaction.query(StoredEntry.post([back]))
        }
        try await transaction.record(
            .init(
                .creditNote, note.id, "credit_note.issued", revision: 1,
                counterparty: organisation == invoice.seller ? invoice.buyer : invoice.seller,
                facts: [
                    "number": JSON(note.number.text), "total": JSON(note.total.decimal),
                    "invoice": JSON(invoice.id.description),
                ]), for: organisation)
        return note.id
    }
}

extension Refusal {
    /// The market's word for what a credit cannot take; nil for a fault.
    init?(refusingCredit error: any Error) {
        switch error as? BillingRefusal {
        case .nothingRemains: self.init(.nothingRemains)
        case .aboveRemaining(let remaining):
            self.init(.aboveRemaining, figures: ["remaining": JSON(remaining.decimal)])
        default: return nil
        }
    }
}

extension Transaction {
    /// The invoice with what was credited of each line.
    fileprivate func credited(
        _ invoice: StoredInvoice, under terms: Terms
    ) async throws -> CreditedInvoice {
        let vat = try InvoiceVAT(terms.billing.vat)
        let lines = try await query(StoredInvoiceLine.all(of: invoice.id))
            .map(StoredInvoiceLine.init(row:))
        return try await CreditedInvoice(
            id: invoice.id, number: InvoiceNumber(invoice.number), issuedOn: invoice.issuedOn,
            contract: invoice.contract, buyerReference: invoice.buyerReference,
            orderReference: invoice.orderReference, vat: vat, tax: invoice.vat,
            creditedTax: query(StoredCreditNote.creditedTax(of: invoice.id)).only().decode("vat"),
            lines: lines.map { line in
                try CreditedInvoice.Line(
                    number: line.number,
                    line: InvoiceLine(
                        text: line.text, quantity: line.quantity, price: line.price,
                        baseQuantity: line.baseQuantity, net: line.net, vat: vat,
                        days: line.servedOn...line.servedOn,
                        begins: terms.clock.timeOfDay(of: line.starts),
                        mode: terms.rounding.mode,
                        sources: [.init(charge: line.charge, line: Int(line.chargeLine))]),
                    credited: line.credited)
            })
    }
}
