import Billing
import MoneyAndTime

/// An invoice as UBL 2.1 by EN 16931 and Peppol BIS Billing 3.0. The order of the elements is the
/// schema's; `BT-` numbers are EN 16931's own.
package enum UBLInvoice {
    /// The document in UTF-8. Throws `XMLWritingFailure` for a text that XML cannot hold.
    package static func write(_ invoice: Invoice) throws -> [UInt8] {
        var xml = XMLWriter()
        try xml.element(
            "Invoice",
            attributes: [
                "xmlns": "urn:oasis:names:specification:ubl:schema:xsd:Invoice-2",
                "xmlns:cac":
                    "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2",
                "xmlns:cbc":
                    "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2",
            ]
        ) { xml in
            try writeHeader(of: invoice, to: &xml)
            try xml.element("cac:AccountingSupplierParty") {
                try UBLParty.write(invoice.seller, to: &$0)
            }
            try xml.element("cac:AccountingCustomerParty") {
                try UBLParty.write(invoice.buyer, to: &$0)
            }
            try writePaymentMeans(of: invoice, to: &xml)
            try UBLTax.writeTotal(of: invoice.calculation, to: &xml)
            try writeTotals(of: invoice.calculation, to: &xml)
            for (index, line) in invoice.lines.enumerated() {
                try write(line, number: index + 1, to: &xml)
            }
        }
        return xml.finish()
    }

    private static func writeHeader(of invoice: Invoice, to xml: inout XMLWriter) throws {
        let kind: InvoiceFacts.Kind =
            invoice.number.isSelfBilled ? .selfBilledInvoice : .invoice
        try writeProfile(of: kind, to: &xml)
        try xml.element("cbc:ID", invoice.number.text)  // BT-1
        try xml.element("cbc:IssueDate", invoice.issuedOn.iso)  // BT-2
        try xml.element("cbc:DueDate", invoice.dueOn.iso)  // BT-9
        try xml.element("cbc:InvoiceTypeCode", kind.rawValue)  // BT-3
        if let note = invoice.note { try xml.element("cbc:Note", note) }  // BT-22
        try xml.element("cbc:DocumentCurrencyCode", invoice.total.currency.rawValue)  // BT-5
        try xml.element("cbc:BuyerReference", invoice.buyerReference)  // BT-10
        try writePeriod(invoice.days, to: &xml)  // BT-73, BT-74
        if let order = invoice.orderReference {  // BT-13
            try xml.element("cac:OrderReference") { try $0.element("cbc:ID", order) }
        }
        try xml.element("cac:ContractDocumentReference") {  // BT-12
            try $0.element("cbc:ID", "\(invoice.contract)")
        }
    }

    /// BT-24, BT-23: Peppol BIS Billing 3.0, or Self-Billing 3.0.
    static func writeProfile(
        of kind: InvoiceFacts.Kind, to xml: inout XMLWriter
    ) throws {
        let name = kind.isSelfBilled ? "selfbilling" : "billing"
        try xml.element(
            "cbc:CustomizationID",
            "urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:\(name):3.0")
        try xml.element(
            "cbc:ProfileID", "urn:fdc:peppol.eu:2017:poacc:\(name):01:1.0")
    }

    static func writePeriod(
        _ days: ClosedRange<CalendarDate>, to xml: inout XMLWriter
    ) throws {
        try xml.element("cac:InvoicePeriod") { xml in
            try xml.element("cbc:StartDate", days.lowerBound.iso)
            try xml.element("cbc:EndDate", days.upperBound.iso)
        }
    }

    private static func writePaymentMeans(of invoice: Invoice, to xml: inout XMLWriter) throws {
        try xml.element("cac:PaymentMeans") { xml in
            try xml.element("cbc:PaymentMeansCode", "58")  // BT-81, a SEPA credit transfer
            try xml.element("cbc:PaymentID", "\(invoice.reference)")  // BT-83
            try xml.element("cac:PayeeFinancialAccount") {  // BT-84
                try $0.element("cbc:ID", invoice.iban.text)
            }
        }
    }

    static func writeTotals(
        of totals: InvoiceCalculation, to xml: inout XMLWriter
    ) throws {
        try xml.element("cac:LegalMonetaryTotal") { xml in
            try xml.amount("cbc:LineExtensionAmount", totals.net)  // BT-106
            try xml.amount("cbc:TaxExclusiveAmount", totals.net)  // BT-109
            try xml.amount("cbc:TaxInclusiveAmount", totals.total)  // BT-112
            try xml.amount("cbc:PayableAmount", totals.total)  // BT-115
        }
    }

    /// A line of an invoice, or of a credit note, which calls it and its quantity by other names.
    static func write(
        _ line: InvoiceLine, number: Int, as name: String = "cac:InvoiceLine",
        quantity: String = "cbc:InvoicedQuantity", to xml: inout XMLWriter
    ) throws {
        let unit = line.quantity.unit.rawValue
        try xml.element(name) { xml in
            try xml.element("cbc:ID", "\(number)")  // BT-126
            try xml.element(  // BT-129, BT-130
                quantity, line.quantity.decimal, attributes: ["unitCode": unit])
            try xml.amount("cbc:LineExtensionAmount", line.net)  // BT-131
            if let costCentre = line.costCentre {  // BT-133
                try xml.element("cbc:AccountingCost", costCentre)
            }
            try writePeriod(line.days, to: &xml)  // BT-134, BT-135
            try xml.element("cac:Item") { xml in
                if let begins = line.begins {  // BT-154
                    try xml.element("cbc:Description", "Begins at \(begins)")
                }
                try xml.element("cbc:Name", line.text)  // BT-153
                try UBLTax.writeCategory(of: line.vat, as: "cac:ClassifiedTaxCategory", to: &xml)
            }
            try xml.element("cac:Price") { xml in
                try xml.element(  // BT-146, never rounded
                    "cbc:PriceAmount", line.price.decimal,
                    attributes: ["currencyID": line.net.currency.rawValue])
                try xml.element(  // BT-149, BT-150
                    "cbc:BaseQuantity", "\(line.baseQuantity)", attributes: ["unitCode": unit])
            }
        }
    }
}

extension XMLWriter {
    /// An amount with two decimals and its currency.
    mutating func amount(_ name: String, _ money: Money) throws(XMLWritingFailure) {
        try element(name, money.decimal, attributes: ["currencyID": money.currency.rawValue])
    }
}
