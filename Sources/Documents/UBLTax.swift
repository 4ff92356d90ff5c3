import Billing
import MoneyAndTime

/// VAT in UBL (EN 16931 BG-23, BG-30).
enum UBLTax {
    static func writeTotal(of totals: InvoiceCalculation, to xml: inout XMLWriter) throws {
        try xml.element("cac:TaxTotal") { xml in
            try xml.amount("cbc:TaxAmount", totals.vat)  // BT-110
            for group in totals.groups {
                try xml.element("cac:TaxSubtotal") { xml in
                    try xml.amount("cbc:TaxableAmount", group.taxable)  // BT-116
                    try xml.amount("cbc:TaxAmount", group.tax)  // BT-117
                    try writeCategory(
                        of: group.vat, as: "cac:TaxCategory", withReason: true, to: &xml)
                }
            }
        }
    }

    /// The reason of an exemption stands in the breakdown alone, not on the lines.
    static func writeCategory(
        of vat: InvoiceVAT, as name: String, withReason: Bool = false, to xml: inout XMLWriter
    ) throws {
        try xml.element(name) { xml in
            try xml.element("cbc:ID", vat.category.rawValue)
            try xml.element("cbc:Percent", vat.rate.decimal)
            if withReason, let code = vat.exemptionCode {  // BT-121
                try xml.element("cbc:TaxExemptionReasonCode", code)
            }
            if withReason, let reason = vat.exemptionReason {  // BT-120
                try xml.element("cbc:TaxExemptionReason", reason)
            }
            try writeScheme(to: &xml)
        }
    }

    static func writeScheme(to xml: inout XMLWriter) throws {
        try xml.element("cac:TaxScheme") { try $0.element("cbc:ID", "VAT") }
    }
}
