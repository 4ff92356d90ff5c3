import MoneyAndTime

/// What a seller's own system says of an invoice that it wrote.
package struct RecordedInvoice: Hashable, Sendable {
    /// In the seller's own series: at most 50 characters.
    package let number: String
    package let issuedOn: CalendarDate
    package let dueOn: CalendarDate
    /// By which its payments are found.
    package let reference: ReferenceNumber
    /// With VAT: exactly what the basis comes to.
    package let total: Money

    package static let longestNumber = 50

    /// Throws `numberMalformed` for an empty or too long number or one with control characters,
    /// and `dueBeforeIssue`.
    package init(
        number: String, issuedOn: CalendarDate, dueOn: CalendarDate, reference: ReferenceNumber,
        total: Money
    ) throws(BillingRefusal) {
        guard Self.isNumber(number) else { throw .numberMalformed(number) }
        guard dueOn >= issuedOn else { throw .dueBeforeIssue }
        self.number = number
        self.issuedOn = issuedOn
        self.dueOn = dueOn
        self.reference = reference
        self.total = total
    }

    /// One line without blanks around it, in the form that the database holds.
    package static func isNumber(_ text: String) -> Bool {
        (1...longestNumber).contains(text.unicodeScalars.count)
            && text.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control }
            && text.first?.isWhitespace == false && text.last?.isWhitespace == false
    }
}

/// What a seller's own system says of a credit note that it wrote of such an invoice.
package struct RecordedCreditNote: Hashable, Sendable {
    /// How much of the invoice it takes back, without VAT.
    package enum Extent: Hashable, Sendable {
        /// All that remains.
        case all
        case lines([Credit.Part])
        /// Of its lines from the first on.
        case net(Money)
    }

    /// In the seller's own series, as an invoice's.
    package let number: String
    package let issuedOn: CalendarDate
    package let extent: Extent
    /// With VAT: exactly what that comes to.
    package let total: Money

    /// Throws `numberMalformed`.
    package init(
        number: String, issuedOn: CalendarDate, extent: Extent, total: Money
    ) throws(BillingRefusal) {
        guard RecordedInvoice.isNumber(number) else { throw .numberMalformed(number) }
        self.number = number
        self.issuedOn = issuedOn
        self.extent = extent
        self.total = total
    }
}

/// What both parties agreed on, for the invoice that the seller's own system writes: lines of one
/// treatment of VAT, and what they come to.
package struct InvoiceBasis: Hashable, Sendable {
    package let lines: [InvoiceLine]
    package let calculation: InvoiceCalculation

    /// Throws `noLines` or `ArithmeticFailure.overflow`.
    package init(lines: [InvoiceLine]) throws {
        self.lines = lines
        calculation = try InvoiceCalculation(lines: lines.map { ($0.net, $0.vat) })
    }
}
