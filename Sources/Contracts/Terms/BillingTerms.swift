import MoneyAndTime

/// How visits become invoices.
package struct BillingTerms: Hashable, Sendable {
    package enum Period: String, Hashable, Sendable, CaseIterable {
        /// One statement and one invoice for each calendar month in the contract's zone.
        case month
    }

    package let period: Period
    /// Days in which the buyer accepts the statement or disputes single lines.
    package let acceptanceDays: Int64
    /// Days from the invoice's date to its due date.
    package let paymentDays: Int64
    package let vat: VATTreatment
    /// EN 16931, BT-10.
    package let buyerReference: String
    /// EN 16931, BT-13.
    package let orderReference: String?
}

/// The VAT treatment that the parties agreed, with its reason. It is never inferred.
package struct VATTreatment: Hashable, Sendable {
    /// EN 16931, BT-151.
    package enum Category: String, Hashable, Sendable, CaseIterable {
        case standard = "S"
        case exempt = "E"
        case zero = "Z"
    }

    /// EN 16931, BT-121: the exemptions of article 132 that care falls under.
    package enum ExemptionCode: String, Hashable, Sendable, CaseIterable {
        /// Hospital and medical care by bodies governed by public law or recognised.
        case hospitalCare = "VATEX-EU-132-1B"
        /// Medical care in the exercise of the medical professions.
        case medicalProfessions = "VATEX-EU-132-1C"
    }

    package let category: Category
    /// Above zero for the standard rate, zero for the others.
    package let rate: Percentage
    /// For an exemption it is printed on the invoice (BT-120).
    package let reason: String
    /// There for an exemption, and only there.
    package let exemptionCode: ExemptionCode?
}
