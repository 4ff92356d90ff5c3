import Billing
import MoneyAndTime

/// An invoice or a credit note as Finvoice 3.0 (Finance Finland, with the profile of EN 16931).
/// Decimals have a comma, days the form `CCYYMMDD`, and a credit note's amounts are negative. The
/// order of the elements is the schema's.
package enum Finvoice {
    /// Whose operators take it from whom to whom; without both, the operator adds the envelope.
    package struct Route: Hashable, Sendable {
        package let from: String
        package let to: String
        /// The same for every copy of the document.
        package let message: String
        package let at: Instant

        package init(from: String, to: String, message: String, at: Instant) {
            self.from = from
            self.to = to
            self.message = message
            self.at = at
        }
    }

    /// In UTF-8. Throws `XMLWritingFailure` for a text that XML cannot hold, `ArithmeticFailure`
    /// for an amount that has no negative.
    package static func write(_ facts: InvoiceFacts, route: Route? = nil) throws -> [UInt8] {
        let sign = Sign(of: facts.kind)
        var xml = XMLWriter()
        try xml.element("Finvoice", attributes: ["Version": "3.0"]) { xml in
            if let route { try write(route, of: facts, to: &xml) }
            try FinvoiceParty.write(facts.seller, as: "Seller", to: &xml)
            try writeAccount(of: facts, to: &xml)
            try FinvoiceParty.write(facts.buyer, as: "Buyer", to: &xml)
            try FinvoiceDetails.write(facts, sign, to: &xml)
            if let barcode = BankBarcode(facts) {
                try xml.element("VirtualBankBarcode", barcode.digits)
            }
            for (index, line) in facts.lines.enumerated() {
                try FinvoiceRow.write(line, number: index + 1, sign, to: &xml)
            }
            try writePayment(of: facts, sign, to: &xml)
        }
        return xml.finish()
    }

    private static func write(
        _ route: Route, of facts: InvoiceFacts, to xml: inout XMLWriter
    ) throws {
        func address(_ ovt: String?, _ end: String, _ to: inout XMLWriter) throws {
            try to.element(
                "\(end)Identifier", ovt ?? "", attributes: ["SchemeID": "0216"])
        }
        // Under self-billing it goes from the buyer to the seller.
        let isSelfBilled = facts.kind.isSelfBilled
        let (from, to) =
            isSelfBilled ? (facts.buyer, facts.seller) : (facts.seller, facts.buyer)
        try xml.element("MessageTransmissionDetails") { xml in
            try xml.element("MessageSenderDetails") {
                try address(from.ovt, "From", &$0)
                try $0.element("FromIntermediator", route.from)
            }
            try xml.element("MessageReceiverDetails") {
                try address(to.ovt, "To", &$0)
                try $0.element("ToIntermediator", route.to)
            }
            try xml.element("MessageDetails") {
                try $0.element("MessageIdentifier", route.message)
                try $0.element("MessageTimeStamp", route.at.rfc3339)
                try $0.element("SpecificationIdentifier", "EN16931")
            }
        }
    }

    private static func writeAccount(of facts: InvoiceFacts, to xml: inout XMLWriter) throws {
        // A BIC is required beside it, and no invoice of ours has one: the account stands in the
        // payment alone. The seller's town is what Finnish law asks for.
        guard facts.seller.city.count >= 1 else { return }
        try xml.element("SellerInformationDetails") {
            try $0.element("SellerHomeTownName", Text.cut(facts.seller.city, to: 35))
        }
    }

    private static func writePayment(
        of facts: InvoiceFacts, _ sign: Sign, to xml: inout XMLWriter
    ) throws {
        try xml.element("EpiDetails") { xml in
            try xml.element("EpiIdentificationDetails") {
                try $0.day("EpiDate", facts.issuedOn)
                try $0.element("EpiReference", facts.number)
            }
            try xml.element("EpiPartyDetails") { xml in
                try xml.element("EpiBfiPartyDetails") { _ in }
                try xml.element("EpiBeneficiaryPartyDetails") {
                    try $0.element(
                        "EpiNameAddressDetails", Text.cut(Text.line(facts.seller.name), to: 35))
                    try $0.element(
                        "EpiAccountID", facts.iban ?? "",
                        attributes: ["IdentificationSchemeName": "IBAN"])
                }
            }
            try xml.element("EpiPaymentInstructionDetails") { xml in
                if let text = facts.reference, let reference = try? ReferenceNumber(text) {
                    try xml.element(
                        "EpiRemittanceInfoIdentifier", "\(reference)",
                        attributes: [
                            "IdentificationSchemeName": reference.isNational ? "SPY" : "ISO"
                        ])
                }
                try xml.sum("EpiInstructedAmount", facts.total, sign)
                try xml.element("EpiCharge", "SHA", attributes: ["ChargeOption": "SHA"])
                try xml.day("EpiDateOptionDate", facts.dueOn ?? facts.issuedOn)
                try xml.element("EpiPaymentMeansCode", "58")
            }
        }
    }

    /// A credit note takes back what UBL says in positive amounts.
    enum Sign {
        case plus, minus

        init(of kind: InvoiceFacts.Kind) { self = kind.isCredit ? .minus : .plus }

        func of(_ money: Money) throws(ArithmeticFailure) -> Money {
            self == .plus ? money : try money.negated()
        }

        func of(_ quantity: BilledQuantity) throws(ArithmeticFailure) -> BilledQuantity {
            self == .plus
                ? quantity
                : BilledQuantity(
                    hundredths: try quantity.hundredths.negated(), unit: quantity.unit)
        }
    }

    /// Texts within the lengths of the schema.
    enum Text {
        static func cut(_ text: String, to length: Int) -> String { String(text.prefix(length)) }

        /// With single spaces, as a token of XML has them.
        static func line(_ text: String) -> String {
            text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        }

        /// In parts of at most `length`, the last of at least two characters.
        static func parts(_ text: String, of length: Int, most: Int) -> [String] {
            var parts: [String] = []
            var rest = text[...]
            while !rest.isEmpty, parts.count < most {
                var size = min(length, rest.count)
                if rest.count - size == 1, size > 2 { size -= 1 }
                parts.append(String(rest.prefix(size)))
                rest = rest.dropFirst(size)
            }
            return parts
        }
    }
}

extension XMLWriter {
    /// A day as Finvoice has it.
    mutating func day(_ name: String, _ day: CalendarDate) throws {
        try element(
            name, day.iso.filter { $0 != "-" }, attributes: ["Format": "CCYYMMDD"])
    }

    /// An amount with two decimals after a comma, and its currency.
    mutating func sum(_ name: String, _ money: Money, _ sign: Finvoice.Sign) throws {
        try element(
            name, Finvoice.comma(try sign.of(money).decimal),
            attributes: ["AmountCurrencyIdentifier": money.currency.rawValue])
    }
}

extension Finvoice {
    static func comma(_ decimal: String) -> String {
        String(decimal.map { $0 == "." ? "," : $0 })
    }
}
