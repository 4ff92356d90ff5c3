/// One thing that is wrong with an invoice: no invoice is issued with any.
package struct InvoiceProblem: Hashable, Sendable {
    /// What was checked. The raw values are stable words of the API; most are not seen by the
    /// official rules, which let VAT be wrong by less than 1.00 and read no check digit.
    package enum Check: String, Hashable, Sendable, CaseIterable {
        case numberMissing = "number_missing"
        case numberTooLong = "number_too_long"
        case textUnwritable = "text_unwritable"
        case dueDateMissing = "due_date_missing"
        case dueDateBeforeIssue = "due_date_before_issue"
        case referencesMissing = "buyer_reference_missing"
        case originalMissing = "original_missing"
        case originalAfterCredit = "original_after_credit"
        case periodReversed = "period_reversed"
        case linePeriodOutside = "line_period_outside"
        case partyIncomplete = "party_incomplete"
        case businessIDWrong = "business_id_wrong"
        case vatIDWrong = "vat_id_wrong"
        case vatIDMissing = "vat_id_missing"
        case addressWrong = "e_invoice_address_wrong"
        case ibanMissing = "iban_missing"
        case ibanWrong = "iban_wrong"
        case ibanOutsideSEPA = "iban_outside_sepa"
        case referenceMissing = "reference_missing"
        case referenceWrong = "reference_wrong"
        case linesMissing = "lines_missing"
        case baseQuantityWrong = "base_quantity_wrong"
        case lineNetWrong = "line_net_wrong"
        case categoryUnknown = "vat_category_unknown"
        case rateWrong = "vat_rate_wrong"
        case breakdownMissing = "vat_breakdown_missing"
        case breakdownRepeated = "vat_breakdown_repeated"
        case exemptionsMixed = "exemptions_mixed"
        case exemptionReasonMissing = "exemption_reason_missing"
        case exemptionReasonExtra = "exemption_reason_extra"
        case taxableWrong = "vat_taxable_wrong"
        case taxWrong = "vat_amount_wrong"
        case netWrong = "net_total_wrong"
        case taxTotalWrong = "vat_total_wrong"
        case totalWrong = "total_wrong"
        case totalNotPositive = "total_not_positive"
    }

    package let check: Check
    /// The term of EN 16931 that is wrong, such as `BT-84`.
    package let term: String
    /// Of a line, from one.
    package let line: Int?
    /// What is there and what should be, where that can be told: two amounts, or an identifier.
    package let found: String?
    package let wanted: String?

    package init(
        _ check: Check, _ term: String, line: Int? = nil, found: String? = nil,
        wanted: String? = nil
    ) {
        self.check = check
        self.term = term
        self.line = line
        self.found = found
        self.wanted = wanted
    }

    /// What to do about it, in English.
    package var message: String {
        var text = check.advice
        if let wanted, let found { text += " It is \(found), and must be \(wanted)." }
        return text
    }
}

extension InvoiceProblem.Check {
    /// What to do.
    fileprivate var advice: String {
        switch self {
        case .numberMissing: "Give the invoice a number."
        case .numberTooLong: "Shorten the number to 20 characters, which Finvoice can hold."
        case .textUnwritable: "Take out the control characters, which XML cannot hold."
        case .dueDateMissing: "Say when it is to be paid."
        case .dueDateBeforeIssue: "Let it be due on the day of issue or later."
        case .referencesMissing:
            "Agree on the buyer's reference or order in the contract: Peppol takes no invoice"
                + " without one."
        case .originalMissing: "Name the invoice that the credit note is of."
        case .originalAfterCredit: "The credit note must not be dated before its original."
        case .periodReversed: "Let the period end on the day on which it begins, or later."
        case .linePeriodOutside: "Widen the invoice's period to the days of every line."
        case .partyIncomplete: "Give the party's name, town and country in the contract."
        case .businessIDWrong: "Correct the business id: its check digit is wrong."
        case .vatIDWrong: "Correct the VAT id: it must be the business id's own."
        case .vatIDMissing: "Give the seller's VAT id: every treatment of VAT needs it."
        case .addressWrong: "Correct the e-invoice address (OVT): it must hold the business id."
        case .ibanMissing: "Give the seller's account (IBAN) in the contract."
        case .ibanWrong: "Correct the account: the check digits of the IBAN are wrong."
        case .ibanOutsideSEPA:
            "Name an account in the SEPA area: the invoice asks for a SEPA credit transfer."
        case .referenceMissing: "Give the reference number, by which the payment is found."
        case .referenceWrong: "Correct the reference number: its check digit is wrong."
        case .linesMissing: "Bill at least one line."
        case .baseQuantityWrong: "Let the price be for one unit or more."
        case .lineNetWrong: "Let the line be quantity × price ÷ base quantity, rounded once."
        case .categoryUnknown: "Use the VAT category S, E or Z."
        case .rateWrong: "Let the rate be above 0 for S, and 0 for E and Z."
        case .breakdownMissing: "Break VAT down for every treatment that a line has."
        case .breakdownRepeated: "Break VAT down once for each treatment that a line has."
        case .exemptionsMixed: "Put different reasons of exemption on separate invoices."
        case .exemptionReasonMissing: "Give the reason of the exemption, or its code."
        case .exemptionReasonExtra: "Leave out the reason: only E is exempt."
        case .taxableWrong: "Let the taxable amount be the sum of its lines."
        case .taxWrong: "Let VAT be taxable amount × rate, rounded half up once."
        case .netWrong: "Let the net total be the sum of the lines."
        case .taxTotalWrong: "Let the VAT total be the sum of its breakdowns."
        case .totalWrong: "Let the total be net and VAT."
        case .totalNotPositive: "Bill more than nothing: what the seller owes is a credit note."
        }
    }
}
