import MoneyAndTime

/// Why an invoice is not fully paid: every open amount has an explanation.
package struct OpenItem: Hashable, Sendable {
    package enum Cause: Hashable, Sendable {
        case notDueYet(days: Int)
        case dueToday
        case overdue(days: Int)
    }

    package let invoice: InvoiceID
    package let number: InvoiceNumber
    package let total: Money
    package let settled: Money
    /// Above zero.
    package let open: Money
    package let dueOn: CalendarDate
    package let cause: Cause
    /// Bank transactions that name this invoice and wait for a person, by their keys.
    package let waiting: [String: WaitingReason]

    /// `nil` when nothing is open. `waiting` holds all waiting transactions; those of other
    /// invoices are left out.
    package init?(
        _ invoice: Invoice, settlement: Settlement, on today: CalendarDate,
        waiting: [String: WaitingReason] = [:]
    ) {
        guard settlement.open.minorUnits > 0 else { return nil }
        self.invoice = invoice.id
        number = invoice.number
        total = settlement.total
        settled = settlement.settled
        open = settlement.open
        dueOn = invoice.dueOn
        let days = invoice.dueOn.days(since: today)
        cause = days > 0 ? .notDueYet(days: days) : days == 0 ? .dueToday : .overdue(days: -days)
        self.waiting = waiting.filter { $0.value.invoice == invoice.id }
    }

    /// One sentence of figures: `PS-2026-000042: 575.76 of 575.76 EUR open, due 2026-04-30 in 14
    /// days, nothing paid`.
    package var explanation: String {
        let due =
            switch cause {
            case .notDueYet(let days): "due \(dueOn.iso), in \(days) \(days == 1 ? "day" : "days")"
            case .dueToday: "due today, \(dueOn.iso)"
            case .overdue(let days):
                "due \(dueOn.iso), \(days) \(days == 1 ? "day" : "days") overdue"
            }
        let paid = settled.minorUnits == 0 ? "nothing paid" : "\(settled.decimal) paid"
        let held =
            switch waiting.count {
            case 0: ""
            case 1: "; one payment waits to be looked at"
            default: "; \(waiting.count) payments wait to be looked at"
            }
        return "\(number): \(open.decimal) of \(total) open, \(due), \(paid)\(held)"
    }
}

extension WaitingReason {
    /// The invoice that the transaction names, where one is known.
    package var invoice: InvoiceID? {
        switch self {
        case .alreadyPaid(let id), .wrongAccount(let id), .currencyMismatch(let id),
            .notWholeCents(let id), .reportedAlready(let id):
            id
        case .noReference, .unsplitBatch, .unknownReference, .ambiguousReference,
            .amountNotPositive, .reversal, .notBooked, .netPaymentDiffers:
            nil
        }
    }

    /// The stable word in SQL and JSON.
    package var code: String {
        switch self {
        case .noReference: "no_reference"
        case .unsplitBatch: "unsplit_batch"
        case .unknownReference: "unknown_reference"
        case .ambiguousReference: "ambiguous_reference"
        case .alreadyPaid: "already_paid"
        case .reportedAlready: "reported_already"
        case .wrongAccount: "wrong_account"
        case .currencyMismatch: "currency_mismatch"
        case .notWholeCents: "not_whole_cents"
        case .amountNotPositive: "amount_not_positive"
        case .reversal: "reversal"
        case .notBooked: "not_booked"
        case .netPaymentDiffers: "net_payment_differs"
        }
    }
}

extension NotOursReason {
    /// The stable word in SQL and JSON.
    package var code: String {
        switch self {
        case .foreignAccount: "foreign_account"
        case .outgoing: "outgoing"
        case .repeated: "repeated"
        }
    }
}
