import MoneyAndTime

/// One payment of a payment file: one invoice, to its seller's account.
package struct PaymentOrder: Hashable, Sendable {
    /// Where a payment stands with the bank. The raw values are the words in SQL and JSON.
    package enum State: String, Hashable, Sendable, CaseIterable {
        /// The bank has not answered.
        case pending
        case accepted
        /// It can be paid again, in another file.
        case rejected
        /// Its file was withdrawn before the bank had it.
        case withdrawn
        /// The money came to the seller, and the bank took it back: it can be paid again.
        case returned
    }

    package let invoice: InvoiceID
    /// Above zero.
    package let amount: Money
    package let creditorName: String
    package let creditorIBAN: IBAN
    /// The creditor's town; addresses without one are refused in SEPA.
    package let town: String
    /// ISO 3166-1 alpha-2.
    package let country: String
    package let reference: ReferenceNumber
    /// What the bank's answers call this payment: up to 35 letters, digits and hyphens.
    package let endToEndID: String

    package init(
        invoice: InvoiceID, amount: Money, creditorName: String, creditorIBAN: IBAN,
        town: String, country: String, reference: ReferenceNumber, endToEndID: String
    ) {
        self.invoice = invoice
        self.amount = amount
        self.creditorName = creditorName
        self.creditorIBAN = creditorIBAN
        self.town = town
        self.country = country
        self.reference = reference
        self.endToEndID = endToEndID
    }
}

/// Payments of several invoices that go to the payer's bank together.
package struct PaymentFile: Hashable, Sendable {
    /// `MsgId`: made once, and never again.
    package let messageID: String
    package let debtorName: String
    package let debtorIBAN: IBAN
    package let debtorTown: String
    package let debtorCountry: String
    package let executionOn: CalendarDate
    package let orders: [PaymentOrder]

    package init(
        messageID: String, debtorName: String, debtorIBAN: IBAN, debtorTown: String,
        debtorCountry: String, executionOn: CalendarDate, orders: [PaymentOrder]
    ) {
        self.messageID = messageID
        self.debtorName = debtorName
        self.debtorIBAN = debtorIBAN
        self.debtorTown = debtorTown
        self.debtorCountry = debtorCountry
        self.executionOn = executionOn
        self.orders = orders
    }

    package func total() throws(ArithmeticFailure) -> Money {
        try Money.sum(of: orders.map(\.amount))
    }
}

/// Why a payment file cannot be approved.
package enum PaymentApprovalRefusal: Error, Hashable, Sendable {
    case alreadyApproved
    case withdrawn
    /// Above the organisation's limit, or where an invoice is paid again, a second person approves.
    case secondPersonNeeded(above: Money)
}

/// Who may approve a payment file.
package struct PaymentApproval: Hashable, Sendable {
    package let total: Money
    package let proposedBy: MemberID
    /// An invoice of it was in a file that was approved before: the bank may have that one.
    package let paysAgain: Bool
    package let isApproved: Bool
    package let isWithdrawn: Bool

    package init(
        total: Money, proposedBy: MemberID, paysAgain: Bool, isApproved: Bool, isWithdrawn: Bool
    ) {
        self.total = total
        self.proposedBy = proposedBy
        self.paysAgain = paysAgain
        self.isApproved = isApproved
        self.isWithdrawn = isWithdrawn
    }

    /// `limit` is what one person alone may pay; nothing, where none was set.
    package func approve(
        by member: MemberID, limit: Money
    ) throws(PaymentApprovalRefusal) {
        guard !isWithdrawn else { throw .withdrawn }
        guard !isApproved else { throw .alreadyApproved }
        let free = paysAgain ? Money(minorUnits: 0, currency: limit.currency) : limit
        guard member != proposedBy || total <= free else {
            throw .secondPersonNeeded(above: free)
        }
    }
}

/// What a bank said of a payment file (pain.002).
package struct PaymentAnswer: Hashable, Sendable {
    /// Of one payment, or of all that are not named.
    package struct Verdict: Hashable, Sendable {
        /// `nil` where the bank has not decided.
        package let isAccepted: Bool?
        /// ISO 20022 external code of the reason, such as `AC04`.
        package let code: String?
        package let words: String?

        package init(isAccepted: Bool?, code: String? = nil, words: String? = nil) {
            self.isAccepted = isAccepted
            self.code = code
            self.words = words
        }
    }

    /// Whose `MsgId` it answers.
    package let messageID: String
    package let whole: Verdict?
    package let byEndToEndID: [String: Verdict]

    package init(messageID: String, whole: Verdict?, byEndToEndID: [String: Verdict]) {
        self.messageID = messageID
        self.whole = whole
        self.byEndToEndID = byEndToEndID
    }

    /// What becomes of a payment that stands at `state`; `nil` for no change. A payment moves
    /// forward only: what was rejected, withdrawn or returned stays so.
    package func change(
        of endToEndID: String, at state: PaymentOrder.State
    ) -> (state: PaymentOrder.State, verdict: Verdict)? {
        guard let verdict = byEndToEndID[endToEndID] ?? whole,
            let isAccepted = verdict.isAccepted
        else { return nil }
        switch (state, isAccepted) {
        case (.pending, true): return (.accepted, verdict)
        case (.pending, false), (.accepted, false): return (.rejected, verdict)
        default: return nil
        }
    }
}
