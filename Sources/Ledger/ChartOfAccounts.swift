import MoneyAndTime

/// The accounts that every organisation has, once for each counterparty. The raw values are the
/// words in SQL, JSON and the pages.
///
/// An organisation that both sells to and buys from another keeps both halves for that one
/// counterparty; they are never set off silently.
package enum AccountCode: String, CaseIterable, Hashable, Sendable {
    // A seller's half.
    case unbilledReceivable = "unbilled_receivable"
    case receivable
    case revenue
    case vatPayable = "vat_payable"
    case interestReceivable = "interest_receivable"
    case interestIncome = "interest_income"
    case creditLoss = "credit_loss"
    case clearingReceivable = "clearing_receivable"
    // A buyer's half.
    case unbilledPayable = "unbilled_payable"
    case payable
    case expense
    case vatDeductible = "vat_deductible"
    case interestPayable = "interest_payable"
    case interestExpense = "interest_expense"
    case debtForgiven = "debt_forgiven"
    case clearingPayable = "clearing_payable"
    // Both.
    case bank
    case rounding
    /// What units of one legal person have settled with each other.
    case internalSettlement = "internal_settlement"
    /// What a round of netting passes on: nothing, when it is posted.
    case clearing

    /// The side on which the account grows. `rounding` goes both ways; it is read as a cost.
    package var normalSide: PostingSide {
        switch self {
        case .unbilledReceivable, .receivable, .expense, .vatDeductible, .bank, .rounding,
            .interestReceivable, .interestExpense, .creditLoss, .clearingReceivable, .clearing,
            .internalSettlement:
            .debit
        case .revenue, .vatPayable, .unbilledPayable, .payable, .interestPayable,
            .interestIncome, .debtForgiven, .clearingPayable:
            .credit
        }
    }

    /// The account in the counterparty's book that holds the same claim seen from there; `nil`
    /// for what concerns one organisation alone. What is debited here is credited there, in the
    /// same entry, so the two books cannot disagree.
    package var mirror: AccountCode? {
        switch self {
        case .unbilledReceivable: .unbilledPayable
        case .unbilledPayable: .unbilledReceivable
        case .receivable: .payable
        case .payable: .receivable
        case .interestReceivable: .interestPayable
        case .interestPayable: .interestReceivable
        case .clearingReceivable: .clearingPayable
        case .clearingPayable: .clearingReceivable
        case .revenue, .vatPayable, .expense, .vatDeductible, .bank, .rounding, .interestIncome,
            .interestExpense, .creditLoss, .debtForgiven, .clearing, .internalSettlement:
            nil
        }
    }

    /// The accounts of claims between organisations, seen by the one that is owed.
    package static let claims: [AccountCode] = [
        .unbilledReceivable, .receivable, .interestReceivable, .clearingReceivable,
    ]
}

/// One account of one book: whose it is, what it holds, and with whom.
package struct Account: Hashable, Sendable {
    package let book: OrganisationID
    package let code: AccountCode
    package let counterparty: OrganisationID

    package init(book: OrganisationID, code: AccountCode, counterparty: OrganisationID) {
        self.book = book
        self.code = code
        self.counterparty = counterparty
    }

    /// The same claim in the counterparty's book.
    package var mirror: Account? {
        code.mirror.map { Account(book: counterparty, code: $0, counterparty: book) }
    }
}

extension Account: Comparable {
    /// By book, then counterparty, then the order of the chart: a stable order for reports.
    package static func < (left: Account, right: Account) -> Bool {
        if left.book != right.book { return left.book < right.book }
        if left.counterparty != right.counterparty {
            return left.counterparty < right.counterparty
        }
        return left.code.place < right.code.place
    }
}

extension AccountCode {
    /// Where the account stands in the chart.
    fileprivate var place: Int { AccountCode.allCases.firstIndex(of: self) ?? 0 }
}
