import MoneyAndTime

/// How visits become invoices.
package struct BillingTerms: Hashable, Sendable {
    package enum Period: String, Hashable, Sendable, CaseIterable {
        /// One statement and one invoice for each calendar month in the contract's zone.
        case month
    }

    /// What the accepted charges of a period become.
    package enum Document: String, Hashable, Sendable, CaseIterable {
        case invoice
        /// Made by the buyer in the seller's name.
        case selfBilling = "self_billing"
        /// The seller invoices from its own system.
        case invoiceBasis = "invoice_basis"
        /// Between units of one legal person, settled without an invoice.
        case internalSettlement = "internal"
    }

    /// What is set off before payment.
    package enum Netting: String, Hashable, Sendable, CaseIterable {
        case none
        /// What the two parties owe each other.
        case pair
        /// What many organisations owe each other.
        case many
    }

    package enum LateInterest: Hashable, Sendable {
        /// By the Finnish Interest Act (633/1982).
        case statutory
        /// By the year.
        case yearly(Percentage)
    }

    package struct Dispute: Hashable, Sendable {
        /// Days from the statement in which a line may be disputed.
        package let windowDays: Int64
        /// Differences up to this sum are not disputed.
        package let tolerance: Money
    }

    package let period: Period
    /// Days in which the buyer accepts the statement or disputes single lines.
    package let acceptanceDays: Int64
    /// Whether a statement that is not disputed in these days is accepted.
    package let silenceAccepts: Bool
    package let dispute: Dispute?
    package let lateInterest: LateInterest
    package let netting: Netting
    package let document: Document
    /// Days from the invoice's date to its due date.
    package let paymentDays: Int64
    package let vat: VATTreatment
    /// EN 16931, BT-10.
    package let buyerReference: String
    /// EN 16931, BT-13.
    package let orderReference: String?
    /// EN 16931, BT-133, on every invoice line.
    package let costCentre: String?
}

/// The VAT treatment that the parties agreed, with its reason. It is never inferred.
package struct VATTreatment: Hashable, Sendable {
    /// EN 16931, BT-151.
    package enum Category: String, Hashable, Sendable, CaseIterable {
        case standard = "S"
        case exempt = "E"
        case zero = "Z"
        /// Between units of one legal person, and only there.
        case outsideScope = "O"
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

    /// Whether invoices say the same of both: a reason only of an exemption.
    package func isInvoiced(as other: VATTreatment) -> Bool {
        category == other.category && rate == other.rate && exemptionCode == other.exemptionCode
            && (category != .exempt || reason == other.reason)
    }
}
