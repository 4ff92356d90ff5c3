import Billing
import MoneyAndTime
import Postgres

/// An invoice to be stored with its lines: one that is written here, or one that the seller's own
/// system wrote.
package struct NewInvoice: Sendable {
    package let id: InvoiceID
    package let number: String
    let year: Int
    /// Its place in this market's series, and the UBL document; nil where it is recorded.
    let written: (counter: Int64, document: [UInt8])?
    /// Of a self-billed one: which series of the seller its number is in.
    let series: Int?
    let seller: InvoiceParty
    let buyer: InvoiceParty
    let contract: ContractID
    package let issuedOn: CalendarDate
    package let dueOn: CalendarDate
    let buyerReference: String
    let orderReference: String?
    let iban: IBAN
    let reference: ReferenceNumber
    package let lines: [InvoiceLine]
    package let calculation: InvoiceCalculation

    package var isSelfBilled: Bool { series != nil }

    package init(_ invoice: Invoice, document: [UInt8]) {
        id = invoice.id
        number = invoice.number.text
        year = invoice.number.year
        written = (invoice.number.counter, document)
        series = invoice.number.series
        seller = invoice.seller
        buyer = invoice.buyer
        contract = invoice.contract
        issuedOn = invoice.issuedOn
        dueOn = invoice.dueOn
        buyerReference = invoice.buyerReference
        orderReference = invoice.orderReference
        iban = invoice.iban
        reference = invoice.reference
        lines = invoice.lines
        calculation = invoice.calculation
    }

    package init(
        id: InvoiceID, _ recorded: RecordedInvoice, of basis: InvoiceBasis, contract: ContractID,
        seller: InvoiceParty, buyer: InvoiceParty, iban: IBAN, buyerReference: String,
        orderReference: String?
    ) {
        self.id = id
        number = recorded.number
        year = recorded.issuedOn.year
        written = nil
        series = nil
        self.seller = seller
        self.buyer = buyer
        self.contract = contract
        issuedOn = recorded.issuedOn
        dueOn = recorded.dueOn
        self.buyerReference = buyerReference
        self.orderReference = orderReference
        self.iban = iban
        reference = recorded.reference
        lines = basis.lines
        calculation = basis.calculation
    }

    /// The invoice and its lines, to be run one after the other: a row for each line of a charge
    /// that it bills, with its share of the invoice's own line.
    package func insert(
        of statement: StoredStatement, run: Int64, version: Int
    ) -> (head: Query, lines: Query) {
        let vat = calculation.groups.first?.vat
        let head: Query = """
            insert into invoice (id, year, issuer_number, number, seller, seller_name, buyer,
                buyer_name, contract, version, statement, period, issued_on, due_on,
                buyer_reference, order_reference, iban, vat_category, vat_rate,
                vat_exemption_code, vat_exemption_reason, net, vat, total, reference, subject,
                document, run, self_billing_series)
            values (\(id), \(year), \(written?.counter), \(number), \(seller.organisation),
                \(seller.name), \(buyer.organisation), \(buyer.name), \(contract),
                \(version), \(statement.id), \(statement.period), \(issuedOn),
                \(dueOn), \(buyerReference), \(orderReference),
                \(iban.text), \(vat?.category.rawValue), \(vat?.rate.basisPoints),
                \(vat?.exemptionCode), \(vat?.exemptionReason), \(calculation.net),
                \(calculation.vat), \(calculation.total), \(reference.description),
                \(id.description), \(written?.document), \(run),
                \(series.map(Int64.init)))
            """
        let sources = lines.flatMap(\.sources)
        let numbers = lines.enumerated().flatMap { index, line in
            line.sources.map { _ in Int64(index + 1) }
        }
        let texts = lines.flatMap { line in line.sources.map { _ in line.text } }
        let rows: Query = """
            insert into invoice_line
                (invoice, number, seller, buyer, charge, charge_line, text, net, line)
            select \(id), l.number, \(seller.organisation),
                \(buyer.organisation), l.charge, l.charge_line, l.text, l.net, l.line
            from unnest(\(sources.map(\.charge)), \(sources.map { Int64($0.line) }), \(texts),
                \(lines.flatMap(\.shares).map(\.minorUnits)), \(numbers))
                with ordinality as l(charge, charge_line, text, net, line, number)
            """
        return (head, rows)
    }
}
