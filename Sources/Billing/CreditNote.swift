import MoneyAndTime

/// What takes an invoice back, in part or whole: never more than what remains of it (invariant 22).
/// Its amounts are positive; that they are taken off is in what it is.
package struct CreditNote: Hashable, Sendable {
    package let id: CreditNoteID
    /// In a series of its own, without a gap.
    package let number: InvoiceNumber
    package let invoice: InvoiceID
    /// The invoice's number and date (BT-25, BT-26).
    package let invoiceNumber: String
    package let invoiceIssuedOn: CalendarDate
    package let contract: ContractID
    package let issuedOn: CalendarDate
    package let days: ClosedRange<CalendarDate>
    package let buyerReference: String
    package let orderReference: String?
    package let seller: InvoiceParty
    package let buyer: InvoiceParty
    package let lines: [InvoiceLine]
    /// Of which line of the invoice each is, from one.
    package let invoiceLines: [Int64]
    package let calculation: InvoiceCalculation
    /// BT-22: why, in words for the buyer.
    package let reason: String

    package var total: Money { calculation.total }

    /// BT-22: the reason, and under self-billing that it is that.
    package var note: String {
        number.isSelfBilled ? "\(InvoiceFacts.selfBillingMention): \(reason)" : reason
    }

    package init(
        id: CreditNoteID, number: InvoiceNumber, of invoice: CreditedInvoice,
        issuedOn: CalendarDate, seller: InvoiceParty, buyer: InvoiceParty, credit: Credit,
        reason: String
    ) throws {
        guard reason.contains(where: { !$0.isWhitespace }) else {
            throw BillingRefusal.fieldMissing("reason")
        }
        guard let first = credit.lines.first else { throw BillingRefusal.noLines }
        self.id = id
        self.number = number
        self.invoice = invoice.id
        invoiceNumber = invoice.number
        invoiceIssuedOn = invoice.issuedOn
        contract = invoice.contract
        self.issuedOn = issuedOn
        days = credit.lines.map(\.line.days).reduce(first.line.days) { $0.joined(with: $1) }
        buyerReference = invoice.buyerReference
        orderReference = invoice.orderReference
        self.seller = seller
        self.buyer = buyer
        lines = credit.lines.map(\.line)
        invoiceLines = credit.lines.map(\.number)
        calculation = InvoiceCalculation(
            vat: invoice.vat, net: credit.net, tax: credit.vat, total: credit.total)
        self.reason = reason
    }
}

/// An issued invoice, with what earlier credit notes took of it.
package struct CreditedInvoice: Hashable, Sendable {
    package struct Line: Hashable, Sendable {
        /// From one.
        package let number: Int64
        package let line: InvoiceLine
        /// What earlier credit notes took of it; of the same sign as its net.
        package let credited: Money

        package init(number: Int64, line: InvoiceLine, credited: Money) {
            self.number = number
            self.line = line
            self.credited = credited
        }

        package var remaining: Money {
            get throws(ArithmeticFailure) { try line.net.subtracting(credited) }
        }
    }

    package let id: InvoiceID
    package let number: String
    package let issuedOn: CalendarDate
    package let contract: ContractID
    package let buyerReference: String
    package let orderReference: String?
    package let vat: InvoiceVAT
    /// All VAT of the invoice, and what was credited of it.
    package let tax: Money
    package let creditedTax: Money
    package let lines: [Line]

    package init(
        id: InvoiceID, number: String, issuedOn: CalendarDate, contract: ContractID,
        buyerReference: String, orderReference: String?, vat: InvoiceVAT, tax: Money,
        creditedTax: Money, lines: [Line]
    ) {
        self.id = id
        self.number = number
        self.issuedOn = issuedOn
        self.contract = contract
        self.buyerReference = buyerReference
        self.orderReference = orderReference
        self.vat = vat
        self.tax = tax
        self.creditedTax = creditedTax
        self.lines = lines
    }
}

/// What one credit note takes of an invoice.
package struct Credit: Hashable, Sendable {
    /// How much of one line of the invoice, without VAT.
    package struct Part: Hashable, Sendable {
        package let number: Int64
        package let net: Money

        package init(number: Int64, net: Money) {
            self.number = number
            self.net = net
        }
    }

    package struct Line: Hashable, Sendable {
        /// Of the invoice's line.
        package let number: Int64
        package let line: InvoiceLine
    }

    package let lines: [Line]
    package let net: Money
    package let vat: Money
    package let total: Money

    /// These parts of an invoice, or all that remains of it. What takes the rest of the net takes
    /// the rest of the VAT, too: a credit takes what remains, never a share computed again.
    package init(of invoice: CreditedInvoice, _ parts: [Part]?) throws {
        let left = try invoice.lines.map { try ($0, $0.remaining) }.filter { $0.1 != .zero }
        let wanted = parts ?? left.map { Part(number: $0.0.number, net: $0.1) }
        guard !wanted.isEmpty else { throw BillingRefusal.nothingRemains }
        var seen: Set<Int64> = []
        lines = try wanted.map { part in
            guard seen.insert(part.number).inserted,
                let (line, remaining) = left.first(where: { $0.0.number == part.number })
            else { throw BillingRefusal.nothingRemains }
            let isWithin =
                remaining > .zero
                ? part.net > .zero && part.net <= remaining
                : part.net < .zero && part.net >= remaining
            guard isWithin else { throw BillingRefusal.aboveRemaining(remaining) }
            return try Line(number: part.number, line: line.line.credited(part.net))
        }
        net = try Money.sum(of: lines.map(\.line.net))
        let remaining = try Money.sum(of: left.map(\.1))
        let tax = try invoice.tax.subtracting(invoice.creditedTax)
        let own = try invoice.vat.rate.of(net)
        vat = net == remaining ? tax : min(own, tax)
        total = try net.adding(vat)
        // more reductions than what is reduced would be an invoice, and no credit
        guard net >= .zero, net <= remaining, total > .zero else {
            throw BillingRefusal.aboveRemaining(remaining)
        }
    }
}

extension CreditedInvoice {
    /// So much of it without VAT, from its first line on; what is taken off already, and lines that
    /// are taken off themselves, are passed over. Throws `aboveRemaining`.
    package func parts(net: Money) throws -> [Credit.Part] {
        var left = net
        var parts: [Credit.Part] = []
        for line in lines where try line.remaining > .zero && left > .zero {
            let part = try min(line.remaining, left)
            parts.append(Credit.Part(number: line.number, net: part))
            left = try left.subtracting(part)
        }
        guard left == .zero else { throw BillingRefusal.aboveRemaining(try net.subtracting(left)) }
        return parts
    }
}

extension InvoiceLine {
    /// A line that is on an invoice, with the share that it has there: as one piece where the
    /// invoice rounded it together with others to another cent.
    package init(
        issued text: String, quantity: BilledQuantity, price: UnitPrice, baseQuantity: Int64,
        net: Money, vat: InvoiceVAT, days: ClosedRange<CalendarDate>, begins: TimeOfDay?,
        mode: Rounding, sources: [Source]
    ) throws {
        let exact = try ExactNet(quantity, at: price, baseQuantity: baseQuantity)
        let isWhole = try exact.rounded(mode) == net
        let isLess = net < .zero
        let size = isLess ? try net.negated() : net
        let piece = try UnitPrice(tenThousandths: size.minorUnits.multiplied(by: 100))
        try self.init(
            text: text, quantity: isWhole ? quantity : isLess ? .oneLess : .one,
            price: isWhole ? price : piece, baseQuantity: isWhole ? baseQuantity : 1, net: net,
            vat: vat, days: days, begins: begins, mode: mode, sources: sources)
    }

    /// The same line, taken off: whole as it was, and a part of it as one piece.
    fileprivate func credited(_ part: Money) throws -> InvoiceLine {
        if part == net { return self }
        let isLess = part < .zero
        let size = isLess ? try part.negated() : part
        return try InvoiceLine(
            text: text, quantity: isLess ? .oneLess : .one,
            price: UnitPrice(tenThousandths: size.minorUnits.multiplied(by: 100)), net: part,
            vat: vat, days: days, begins: begins, costCentre: costCentre, sources: sources)
    }
}
