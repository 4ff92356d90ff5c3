/// What may wait for the members of an organisation: a closed list. Counted by `StoredToDo`.
package enum ToDoKind: String, Hashable, Sendable, CaseIterable {
    case statementsToAccept = "statements_to_accept"
    case statementsToInvoice = "statements_to_invoice"
    /// Whose turn is ours.
    case disputesToAnswer = "disputes_to_answer"
    case invoicesOverdue = "invoices_overdue"
    /// Due today or in the next seven days.
    case invoicesToPay = "invoices_to_pay"
    case bankEntriesWaiting = "bank_entries_waiting"
    case paymentFilesToApprove = "payment_files_to_approve"
    /// Rounds of netting in which one has not answered, and may still.
    case nettingRoundsToAnswer = "netting_rounds_to_answer"
    /// What one owes of rounds of netting.
    case netPaymentsToPay = "net_payments_to_pay"
    /// Over, and not closed.
    case monthsToClose = "months_to_close"
    /// Handshakes in which our side is asked, or in which nobody has proposed yet.
    case handshakesToAnswer = "handshakes_to_answer"
    /// That are not over.
    case visitsToday = "visits_today"
    case contractsToSign = "contracts_to_sign"

    /// Whose it is to do.
    package var role: Role {
        switch self {
        case .statementsToAccept, .statementsToInvoice, .disputesToAnswer, .invoicesOverdue,
            .invoicesToPay, .bankEntriesWaiting, .paymentFilesToApprove,
            .nettingRoundsToAnswer, .netPaymentsToPay, .monthsToClose:
            .finance
        case .handshakesToAnswer, .visitsToday: .scheduler
        case .contractsToSign: .signatory
        }
    }
}
