import Billing
import MoneyAndTime

/// A credit note as UBL 2.1 by EN 16931 and Peppol BIS Billing 3.0: positive amounts, the invoice
/// that it takes back (BG-3), and no due date. The order of the elements is the schema's.
package enum UBLCreditNote {
    /// The document in UTF-8. Throws `XMLWritingFailure` for a text that XML cannot hold.
    package static func write(_ note: CreditNote) throws -> [UInt8] {
        var xml = XMLWriter()
        try xml.element(
            "CreditNote",
            attributes: [
                "xmlns": "urn:oasis:names:specification:ubl:schema:xsd:CreditNote-2",
                "xmlns:cac":
                    "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2",
                "xmlns:cbc":
                    "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2",
            ]
        ) { xml in
            try writeHeader(of: note, to: &xml)
            try xml.element("cac:AccountingSupplierParty") {
                try UBLParty.write(note.seller, to: &$0)
            }
            try xml.element("cac:AccountingCustomerParty") {
                try UBLParty.write(note.buyer, to: &$0)
            }
            // BT-20: what becomes of the amount, in place of a day on which it is due
            try xml.element("cac:PaymentTerms") {
                try $0.element("cbc:Note", "Taken off invoice \(note.invoiceNumber)")
            }
            try UBLTax.writeTotal(of: note.calculation, to: &xml)
            try UBLInvoice.writeTotals(of: note.calculation, to: &xml)
            for (index, line) in note.lines.enumerated() {
                try UBLInvoice.write(
                    line, number: index + 1, as: "cac:CreditNoteLine",
                    quantity: "cbc:CreditedQuantity", to: &xml)
            }
        }
        return xml.finish()
    }

    private static func writeHeader(of note: CreditNote, to xml: inout XMLWriter) throws {
        let kind: InvoiceFacts.Kind =
            note.number.isSelfBilled ? .selfBilledCreditNote : .creditNote
        try UBLInvoice.writeProfile(of: kind, to: &xml)
        try xml.element("cbc:ID", note.number.text)  // BT-1
        try xml.element("cbc:IssueDate", note.issuedOn.iso)  // BT-2
        try xml.element("cbc:CreditNoteTypeCode", kind.rawValue)  // BT-3
        try xml.element("cbc:Note", note.note)  // BT-22
        try xml.element("cbc:DocumentCurrencyCode", note.total.currency.rawValue)  // BT-5
        try xml.element("cbc:BuyerReference", note.buyerReference)  // BT-10
        try UBLInvoice.writePeriod(note.days, to: &xml)  // BT-73, BT-74
        if let order = note.orderReference {  // BT-13
            try xml.element("cac:OrderReference") { try $0.element("cbc:ID", order) }
        }
        try xml.element("cac:BillingReference") { xml in  // BG-3
            try xml.element("cac:InvoiceDocumentReference") { xml in
                try xml.element("cbc:ID", note.invoiceNumber)  // BT-25
                try xml.element("cbc:IssueDate", note.invoiceIssuedOn.iso)  // BT-26
            }
        }
        try xml.element("cac:ContractDocumentReference") {  // BT-12
            try $0.element("cbc:ID", "\(note.contract)")
        }
    }
}
