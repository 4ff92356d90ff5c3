import Billing
import MoneyAndTime
import Postgres

/// An issued invoice as the matching of payments needs it.
package struct StoredPayable: Sendable {
    package let invoice: PayableInvoice
    package let buyer: OrganisationID
    /// How many payments it has had.
    package let payments: Int64
    /// The zone of its contract.
    package let clock: WallClock

    /// The caller's own invoices with these references, paid ones too.
    package static func issued(by seller: OrganisationID, references: [String]) -> Query {
        """
        select i.id, i.buyer, i.reference, i.iban, i.total, b.settled, b.credited, v.time_zone,
            (select count(*) from allocation a where a.invoice = i.id) as payments
        from invoice i join invoice_balance b on b.invoice = i.id
            join contract_version v on v.contract = i.contract and v.number = i.version
        where i.seller = \(seller) and i.reference = any (\(references))
        """
    }

    /// The accounts to which the caller may be paid: its own, and those of its signed contracts.
    package static func accounts(of seller: OrganisationID) -> Query {
        """
        select iban from organisation where id = \(seller) and iban is not null
        union
        select convert_from(v.document, 'UTF8')::jsonb #>> '{seller,iban}'
        from contract_version v where v.seller = \(seller) and v.signed_at is not null
        """
    }

    package init(row: Row) throws {
        invoice = try PayableInvoice(
            id: row.decode("id"), reference: ReferenceNumber(row["reference", String.self]),
            iban: IBAN(row["iban", String.self]),
            settlement: Settlement(
                total: row.decode("total"), settled: row.decode("settled"),
                credited: row.decode("credited")))
        buyer = try row.decode("buyer")
        payments = try row.decode("payments")
        clock = try WallClock(zone: row["time_zone", String.self])
    }

    /// In the order of the invoices, whoever pays them: two that settle the same wait in turn.
    package static func settle(_ payments: [NewPayment]) -> [Query] {
        payments.sorted { ($0.invoice, $0.bankEntry) < ($1.invoice, $1.bankEntry) }.map {
            """
            insert into allocation
                (bank_entry, invoice, seller, buyer, amount, booked_on, subject)
            values (\($0.bankEntry), \($0.invoice), \($0.seller), \($0.buyer), \($0.amount),
                \($0.bookedOn), \($0.subject))
            """
        }
    }
}

/// A part of a bank entry that settles an invoice, to be stored.
package struct NewPayment: Sendable {
    package let bankEntry: BankEntryID
    package let invoice: InvoiceID
    package let seller: OrganisationID
    package let buyer: OrganisationID
    package let amount: Money
    package let bookedOn: CalendarDate?
    /// Of its entry in the ledger.
    package let subject: String

    package init(
        bankEntry: BankEntryID, invoice: InvoiceID, seller: OrganisationID, buyer: OrganisationID,
        amount: Money, bookedOn: CalendarDate?, subject: String
    ) {
        self.bankEntry = bankEntry
        self.invoice = invoice
        self.seller = seller
        self.buyer = buyer
        self.amount = amount
        self.bookedOn = bookedOn
        self.subject = subject
    }
}
