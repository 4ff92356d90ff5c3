import MoneyAndTime

/// How VAT is treated on a line: a recorded term of the contract, with its reason, and never
/// inferred. The raw values are the codes of UNCL 5305.
package struct InvoiceVAT: Hashable, Sendable {
    package enum Category: String, Hashable, Sendable, CaseIterable {
        case standard = "S"
        case exempt = "E"
        case zero = "Z"
    }

    package let category: Category
    /// Above zero for `standard`, zero for the others (BR-S-05, BR-E-05, BR-Z-05).
    package let rate: Percentage
    /// A code of the VATEX list, such as `VATEX-EU-132-1C`.
    package let exemptionCode: String?
    package let exemptionReason: String?

    private init(_ category: Category, _ rate: Percentage, code: String?, reason: String?) {
        self.category = category
        self.rate = rate
        exemptionCode = code
        exemptionReason = reason
    }

    package static func standard(_ rate: Percentage) throws(BillingRefusal) -> InvoiceVAT {
        guard rate.basisPoints > 0 else { throw .vatMalformed }
        return InvoiceVAT(.standard, rate, code: nil, reason: nil)
    }

    /// The rate of zero: no exemption, and no reason (BR-Z-10).
    package static func zeroRated() throws(InvalidDecimal) -> InvoiceVAT {
        InvoiceVAT(.zero, try Percentage(basisPoints: 0), code: nil, reason: nil)
    }

    /// A code, a reason in words, or both (BR-E-10).
    package static func exempt(code: String?, reason: String?) throws -> InvoiceVAT {
        let texts = [code, reason].compactMap { $0 }
        guard !texts.isEmpty, texts.allSatisfy({ $0.contains { !$0.isWhitespace } }) else {
            throw BillingRefusal.vatMalformed
        }
        return InvoiceVAT(.exempt, try Percentage(basisPoints: 0), code: code, reason: reason)
    }
}

/// The VAT of one invoice by category and rate (EN 16931 BG-23).
package struct InvoiceVATGroup: Hashable, Sendable {
    package let vat: InvoiceVAT
    /// BT-116: the exact sum of the line nets.
    package let taxable: Money
    /// BT-117: taxable × rate, rounded once, half up.
    package let tax: Money
}
