import Billing
import MoneyAndTime

/// A bank's file, camt.053 or camt.054: statements or notifications, often more than one.
package struct BankFile: Hashable, Sendable {
    package let messageID: String?
    package let statements: [BankStatement]
    /// Entries of accounts that have no IBAN: no invoice asks for payment to one.
    package let entriesElsewhere: [BankEntry]

    package init(
        messageID: String?, statements: [BankStatement], entriesElsewhere: [BankEntry] = []
    ) {
        self.messageID = messageID
        self.statements = statements
        self.entriesElsewhere = entriesElsewhere
    }

    /// All payments, in the order of the file.
    package var transactions: [BankTransaction] { statements.flatMap(\.transactions) }
}

/// The statement of one account.
package struct BankStatement: Hashable, Sendable {
    /// A booked balance: `OPBD` opening, `CLBD` closing, or another of ISO 20022's codes.
    package struct Balance: Hashable, Sendable {
        package let code: String
        package let amount: BankAmount
        package let direction: BankTransaction.Direction
        package let on: CalendarDate?

        package init(
            code: String, amount: BankAmount, direction: BankTransaction.Direction,
            on: CalendarDate?
        ) {
            self.code = code
            self.amount = amount
            self.direction = direction
            self.on = on
        }
    }

    /// The bank's name of the statement; some leave it empty.
    package let id: String?
    package let account: IBAN
    package let balances: [Balance]
    package let entries: [BankEntry]

    package init(id: String?, account: IBAN, balances: [Balance], entries: [BankEntry]) {
        self.id = id
        self.account = account
        self.balances = balances
        self.entries = entries
    }

    /// A day's statement as a bank makes it: from the opening balance (zero or above) and the
    /// entries, it computes the closing one. Throws `ArithmeticFailure.overflow`.
    package init(
        id: String, account: IBAN, opening: Money, on day: CalendarDate, entries: [BankEntry]
    ) throws(ArithmeticFailure) {
        let first = try BankAmount(opening)
        var closing = Int128(first.hundredThousandths)
        for entry in entries where entry.status == .booked {
            let amount = Int128(entry.amount.hundredThousandths)
            closing += entry.direction == .credit ? amount : -amount
        }
        guard let units = Int64(exactly: closing.magnitude) else { throw .overflow }
        let last = BankAmount(hundredThousandths: units, currency: first.currency)
        self.init(
            id: id, account: account,
            balances: [
                Balance(code: "OPBD", amount: first, direction: .credit, on: day),
                Balance(
                    code: "CLBD", amount: last, direction: closing < 0 ? .debit : .credit, on: day),
            ],
            entries: entries)
    }
}

/// One booking on the account. It holds no details, one payment, or a batch of them.
package struct BankEntry: Hashable, Sendable {
    package enum Status: String, Hashable, Sendable {
        case booked = "BOOK"
        case pending = "PDNG"
        case information = "INFO"
    }

    /// One payment inside the entry.
    package struct Detail: Hashable, Sendable {
        /// The payment's own amount; an entry of one payment often leaves it out.
        package let amount: BankAmount?
        package let direction: BankTransaction.Direction?
        package let servicerReference: String?
        package let endToEndID: String?
        /// The structured creditor references as written.
        package let references: [String]
        package let message: String?
        package let counterpartyName: String?
        /// Why it went back (`RtrInf`).
        package let returnCode: String?

        package init(
            amount: BankAmount? = nil, direction: BankTransaction.Direction? = nil,
            servicerReference: String? = nil, endToEndID: String? = nil,
            references: [String] = [], message: String? = nil, counterpartyName: String? = nil,
            returnCode: String? = nil
        ) {
            self.amount = amount
            self.direction = direction
            self.servicerReference = servicerReference
            self.endToEndID = endToEndID
            self.references = references
            self.message = message
            self.counterpartyName = counterpartyName
            self.returnCode = returnCode
        }
    }

    package let amount: BankAmount
    package let direction: BankTransaction.Direction
    package let isReversal: Bool
    package let status: Status
    package let bookedOn: CalendarDate?
    /// The bank's own name of the booking (`AcctSvcrRef`).
    package let servicerReference: String?
    /// How many payments the bank says that a batch has (`NbOfTxs`).
    package let batchCount: Int?
    package let details: [Detail]
    /// `AddtlNtryInf`, such as `705 VIITESIIRROT`.
    package let information: String?

    package init(
        amount: BankAmount, direction: BankTransaction.Direction, isReversal: Bool = false,
        status: Status = .booked, bookedOn: CalendarDate?, servicerReference: String? = nil,
        batchCount: Int? = nil, details: [Detail] = [], information: String? = nil
    ) {
        self.amount = amount
        self.direction = direction
        self.isReversal = isReversal
        self.status = status
        self.bookedOn = bookedOn
        self.servicerReference = servicerReference
        self.batchCount = batchCount
        self.details = details
        self.information = information
    }
}
