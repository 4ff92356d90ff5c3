import MoneyAndTime

/// Why a charge, a statement or an invoice cannot be made, or cannot take a step. What overflows
/// is `ArithmeticFailure`.
package enum BillingRefusal: Error, Hashable, Sendable {
    // Charges and lines
    /// A statement without charges, or an invoice without lines.
    case noLines
    /// Billed seconds below zero.
    case negativeLine
    /// A charge below zero that is not for what the seller owes, or one above zero that is.
    case negativeCharge(ChargeID)
    /// Billed seconds that are no multiple of three: hundredths of a minute would be rounded.
    case notExactMinutes
    /// Quantity × price ÷ base quantity, rounded once, is not the line's net.
    case lineDoesNotAddUp
    // Statements
    case periodMalformed(String)
    case foreignCharge(ChargeID)
    case repeatedCharge(ChargeID)
    /// A charge of a period that has not come yet.
    case chargeOfLaterPeriod(ChargeID)
    case unknownCharge(ChargeID)
    case notTheBuyer
    /// The buyer saw another sum than what is undisputed on the statement.
    case anotherTotal(Money)
    case statementIs(StatementState)
    // Invoices
    case numberMalformed(String)
    /// Two exemption reasons on one invoice: each reason has an invoice of its own.
    case mixedExemptions
    /// A standard rate of zero, or an exemption without a code and without a reason.
    case vatMalformed
    /// Each VAT category needs the seller's VAT id (BR-S-02, BR-E-02, BR-Z-02).
    case sellerVATIDMissing
    /// A field that an invoice must have is empty.
    case fieldMissing(String)
    case paymentDaysOutOfRange(Int)
    case dueBeforeIssue
    // Credit notes and write-offs
    /// Everything was credited, or this line was; or nothing is open.
    case nothingRemains
    /// More than what remains of the invoice or of a line of it (invariant 22).
    case aboveRemaining(Money)
    // Settlement
    case amountNotPositive
    /// More than what is open (invariant 24).
    case aboveOpenAmount(open: Money)
    case invoiceIs(InvoiceState)
}
