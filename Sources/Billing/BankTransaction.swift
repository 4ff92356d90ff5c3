import MoneyAndTime

/// An amount as a bank wrote it: up to five decimals and eighteen digits (ISO 20022
/// `ActiveOrHistoricCurrencyAndAmount`), in any currency. It is `Money` only when it is whole
/// minor units of a currency that we keep.
package struct BankAmount: Hashable, Sendable {
    /// In 1/100,000 of the currency's unit; zero or above.
    package let hundredThousandths: Int64
    /// ISO 4217, such as `EUR`.
    package let currency: String

    package init(hundredThousandths: Int64, currency: String) {
        self.hundredThousandths = hundredThousandths
        self.currency = currency
    }

    /// From a decimal such as `575.76`; `nil` when it is not one, or does not fit.
    package init?(decimal: String, currency: String) {
        let parts = decimal.split(separator: ".", omittingEmptySubsequences: false)
        guard let whole = parts.first, parts.count <= 2 else { return nil }
        let fraction = parts.count == 2 ? parts[1] : "0"
        guard !whole.isEmpty, !fraction.isEmpty, fraction.count <= 5,
            (whole + fraction).utf8.allSatisfy({ (0x30...0x39).contains($0) })
        else { return nil }
        let padding = String(repeating: "0", count: 5 - fraction.count)
        guard let units = Int64("\(whole)\(fraction)\(padding)") else { return nil }
        self.init(hundredThousandths: units, currency: currency)
    }

    package init(_ money: Money) throws(ArithmeticFailure) {
        let (units, overflow) = money.minorUnits.multipliedReportingOverflow(by: 1000)
        guard !overflow, units >= 0 else { throw .overflow }
        self.init(hundredThousandths: units, currency: money.currency.rawValue)
    }

    /// The amount as `Money`; `nil` for another currency or a part of a cent.
    package var money: Money? {
        guard let currency = Currency(rawValue: currency) else { return nil }
        let (cents, rest) = hundredThousandths.quotientAndRemainder(dividingBy: 1000)
        return rest == 0 ? Money(minorUnits: cents, currency: currency) : nil
    }

    /// At least two decimals, and no more than are needed.
    package var decimal: String {
        let (whole, rest) = hundredThousandths.quotientAndRemainder(dividingBy: 100_000)
        var fraction = String(String(100_000 + rest).dropFirst())
        while fraction.count > 2, fraction.last == "0" { fraction.removeLast() }
        return "\(whole).\(fraction)"
    }
}

/// One payment on a bank statement: the smallest part that has a reference of its own. A batch
/// entry has many.
package struct BankTransaction: Hashable, Sendable {
    /// Seen from the account: money in, or money out.
    package enum Direction: String, Hashable, Sendable {
        case credit
        case debit
    }

    /// The account whose statement this is.
    package let account: IBAN
    /// What makes this payment itself and no other, in whichever file it comes: built from the
    /// bank's own reference. An entry whose key is stored already is never applied again.
    package let key: String
    package let direction: Direction
    /// The bank takes back an earlier entry.
    package let isReversal: Bool
    /// Booked, neither pending nor for information.
    package let isBooked: Bool
    /// A sum of several payments that the statement does not tell apart.
    package let isUnsplitBatch: Bool
    package let amount: BankAmount
    package let bookedOn: CalendarDate?
    /// The structured creditor references as written: of a payment of several invoices, or of a
    /// batch that names what it sums.
    package let references: [String]
    /// Free text from the payer, where some banks put the reference.
    package let message: String?
    package let counterpartyName: String?
    /// What the payer's own system calls the payment; it stays when the payment is returned.
    package let endToEndID: String?
    /// Why a payment went back, such as `AC04` for a closed account (ISO 20022 external code).
    package let returnCode: String?

    package init(
        account: IBAN, key: String, direction: Direction, isReversal: Bool = false,
        isBooked: Bool = true, isUnsplitBatch: Bool = false, amount: BankAmount,
        bookedOn: CalendarDate?, reference: String? = nil, references: [String] = [],
        message: String? = nil, counterpartyName: String? = nil, endToEndID: String? = nil,
        returnCode: String? = nil
    ) {
        self.account = account
        self.key = key
        self.direction = direction
        self.isReversal = isReversal
        self.isBooked = isBooked
        self.isUnsplitBatch = isUnsplitBatch
        self.amount = amount
        self.bookedOn = bookedOn
        self.references = references + [reference].compactMap { $0 }
        self.message = message
        self.counterpartyName = counterpartyName
        self.endToEndID = endToEndID
        self.returnCode = returnCode
    }

    /// The references as one text; `nil` without any.
    package var reference: String? {
        references.isEmpty ? nil : references.joined(separator: " ")
    }

    /// A payment that goes back: the bank undoes an entry, or gives a code of return.
    package var isReturn: Bool { isReversal || returnCode != nil }

    /// The references that may name invoices: the structured ones alone where there are any
    /// (`nil` when one of them is none), else those that the free text may hold.
    package var namedReferences: Set<ReferenceNumber>? {
        guard references.isEmpty else {
            let read = references.compactMap(PaymentReference.structured)
            return read.count == references.count ? Set(read) : nil
        }
        return message.map(PaymentReference.candidates(inMessage:)) ?? []
    }
}
