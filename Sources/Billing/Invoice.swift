import MoneyAndTime

/// An issued invoice: it never changes (invariant 22). What was paid of it is its `Settlement`.
package struct Invoice: Hashable, Sendable {
    package let id: InvoiceID
    package let number: InvoiceNumber
    package let contract: ContractID
    package let issuedOn: CalendarDate
    /// `issuedOn` and the contract's payment days.
    package let dueOn: CalendarDate
    /// The billing period, widened by late visits.
    package let days: ClosedRange<CalendarDate>
    /// BT-10, without which Peppol takes no invoice: the buyer's own routing word.
    package let buyerReference: String
    /// BT-13, the buyer's order, when the contract names one.
    package let orderReference: String?
    package let seller: InvoiceParty
    package let buyer: InvoiceParty
    /// The account that the payment goes to.
    package let iban: IBAN
    package let reference: ReferenceNumber
    package let lines: [InvoiceLine]
    package let calculation: InvoiceCalculation
    /// BT-22; one only.
    package let note: String?

    package static let paymentDays = 0...180

    package init(
        id: InvoiceID, number: InvoiceNumber, contract: ContractID, issuedOn: CalendarDate,
        paymentDays: Int, period: StatementPeriod, buyerReference: String,
        orderReference: String? = nil, seller: InvoiceParty, buyer: InvoiceParty, iban: IBAN,
        lines: [InvoiceLine],
        note: String? = nil
    ) throws {
        guard Invoice.paymentDays.contains(paymentDays) else {
            throw BillingRefusal.paymentDaysOutOfRange(paymentDays)
        }
        guard buyerReference.contains(where: { !$0.isWhitespace }) else {
            throw BillingRefusal.fieldMissing("buyer_reference")
        }
        guard seller.vatID != nil else { throw BillingRefusal.sellerVATIDMissing }
        try Invoice.checkSources(of: lines)
        self.id = id
        self.number = number
        self.contract = contract
        self.issuedOn = issuedOn
        self.dueOn = try issuedOn.adding(days: paymentDays)
        self.days = period.days(with: lines.map(\.days))
        self.buyerReference = buyerReference
        self.orderReference = orderReference
        self.seller = seller
        self.buyer = buyer
        self.iban = iban
        self.reference = try number.reference
        self.lines = lines
        self.calculation = try InvoiceCalculation(lines: lines.map { ($0.net, $0.vat) })
        self.note = note
    }

    package var total: Money { calculation.total }

    /// No charge line is billed twice on one invoice; that none is on two is the database's to
    /// hold (invariant 21).
    private static func checkSources(of lines: [InvoiceLine]) throws(BillingRefusal) {
        var seen: Set<InvoiceLine.Source> = []
        for source in lines.flatMap(\.sources) where !seen.insert(source).inserted {
            throw .repeatedCharge(source.charge)
        }
    }
}
