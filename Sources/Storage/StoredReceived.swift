import Billing
import MoneyAndTime
import Postgres

/// A part of a payment that is in force: what the bank can still take back.
package struct StoredReceived: Sendable {
    package let bankEntry: BankEntryID
    package let allocation: Allocation
    package let buyer: OrganisationID
    /// Its entry in the ledger.
    package let entry: EntryID
    package let bookedOn: CalendarDate?

    /// Of the bank transaction that paid.
    package let key: String
    private let account: IBAN
    /// Of the payment as it came.
    package let amount: BankAmount
    /// What of it settles something.
    package let inForce: Money
    private let reference: String?
    private let message: String?
    private let endToEndID: String?

    private static let columns: Query = """
        select a.bank_entry, a.invoice, a.buyer, a.amount, a.booked_on, p.id as entry, e.bank_key,
            e.iban, e.hundred_thousandths, e.currency, w.message, w.end_to_end,
            coalesce(w.reference, e.reference) as reference,
            (select sum(x.amount)::bigint from allocation x
                where x.bank_entry = a.bank_entry and not exists (select from allocation_return y
                    where (y.bank_entry, y.invoice) = (x.bank_entry, x.invoice))) as in_force
        from allocation a join bank_entry e on e.id = a.bank_entry
            join entry p on (p.seller, p.kind, p.subject) = (a.seller, 'payment', a.subject)
            left join bank_entry_words w on w.bank_entry = e.id
        where not exists (select from allocation_return r
            where (r.bank_entry, r.invoice) = (a.bank_entry, a.invoice))
        """

    /// The parts of payments of exactly these amounts, in 1/100,000.
    package static func all(of seller: OrganisationID, amounts: [Int64]) -> Query {
        """
        \(columns) and a.seller = \(seller) and e.hundred_thousandths = any (\(amounts))
        order by e.id, a.invoice
        """
    }

    /// Those that settle these invoices.
    package static func all(of seller: OrganisationID, invoices: [InvoiceID]) -> Query {
        """
        \(columns) and a.seller = \(seller) and a.invoice = any (\(invoices))
        order by e.id desc, a.invoice
        """
    }

    /// What is in force of one payment.
    package static func all(of seller: OrganisationID, entry: BankEntryID) -> Query {
        "\(columns) and a.seller = \(seller) and e.id = \(entry) order by a.invoice"
    }

    package init(row: Row) throws {
        bankEntry = try row.decode("bank_entry")
        allocation = Allocation(
            invoice: try row.decode("invoice"), amount: try row.decode("amount"))
        buyer = try row.decode("buyer")
        entry = try row.decode("entry")
        bookedOn = try row.decode("booked_on")
        key = try row.decode("bank_key")
        account = try IBAN(row["iban", String.self])
        amount = BankAmount(
            hundredThousandths: try row.decode("hundred_thousandths"),
            currency: try row.decode("currency"))
        inForce = try row.decode("in_force")
        reference = try row.decode("reference")
        message = try row.decode("message")
        endToEndID = try row.decode("end_to_end")
    }

    /// The payments whole, from their parts.
    package static func payments(_ parts: [StoredReceived]) -> [ReceivedPayment] {
        Dictionary(grouping: parts, by: \.bankEntry).sorted { $0.key < $1.key }
            .compactMap { $0.value.first?.payment(of: $0.value.map(\.allocation)) }
    }

    private func payment(of allocations: [Allocation]) -> ReceivedPayment {
        let text = reference ?? message ?? ""
        return ReceivedPayment(
            key: key, account: account, amount: amount,
            references: PaymentReference.structured(text).map { [$0] }
                ?? PaymentReference.candidates(inMessage: text),
            endToEndID: endToEndID, allocations: allocations)
    }

}

/// A part of a payment that the bank took back, to be stored.
package struct NewReturn: Sendable {
    package let bankEntry: BankEntryID
    package let allocation: Allocation
    package let seller: OrganisationID
    package let buyer: OrganisationID
    /// The bank entry with which the money went.
    package let returnedBy: BankEntryID
    /// The reversal in the ledger.
    package let entry: EntryID
    /// Taken back by the seller that had reported it, and not by the bank.
    package let isReport: Bool

    package init(
        bankEntry: BankEntryID, allocation: Allocation, seller: OrganisationID,
        buyer: OrganisationID, returnedBy: BankEntryID, entry: EntryID, isReport: Bool
    ) {
        self.bankEntry = bankEntry
        self.allocation = allocation
        self.seller = seller
        self.buyer = buyer
        self.returnedBy = returnedBy
        self.entry = entry
        self.isReport = isReport
    }

    package func insert() -> Query {
        """
        insert into allocation_return (bank_entry, invoice, seller, buyer, returned_by, entry,
            reported)
        values (\(bankEntry), \(allocation.invoice), \(seller), \(buyer), \(returnedBy),
            \(entry), \(isReport))
        """
    }
}
