import Billing
import MoneyAndTime
import Postgres

/// An issued invoice as the matching of payments needs it.
package struct StoredPayable: Sendable {
    package let invoice: PayableInvoice
    package let buyer: OrganisationID
    /// The number of its last event.
    package let revision: Int64
    /// The zone of its contract.
    package let clock: WallClock
    /// Whether the seller's own system wrote it.
    package let isRecorded: Bool

    private static let columns: Query = """
        select i.id, i.buyer, i.reference, i.iban, i.total, b.settled, b.credited, b.written_off,
            b.refunded, v.time_zone, i.issuer_number is null as is_recorded,
            (select coalesce(max(e.revision), 0) from event e
                where e.subject_kind = 'invoice' and e.subject = i.id) as revision
        from invoice i join invoice_balance b on b.invoice = i.id
            join contract_version v on v.contract = i.contract and v.number = i.version
        """

    /// The caller's own invoices with these references or identifiers, paid ones too.
    package static func issued(
        by seller: OrganisationID, references: [String], invoices: [InvoiceID] = []
    ) -> Query {
        """
        \(columns) where i.seller = \(seller)
            and (i.reference = any (\(references)) or i.id = any (\(invoices)))
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
            settlement: Settlement(row: row))
        buyer = try row.decode("buyer")
        revision = try row.decode("revision")
        clock = try WallClock(zone: row["time_zone", String.self])
        isRecorded = try row.decode("is_recorded")
    }

    /// Whoever settles something of these invoices has them to itself, in their order: two that
    /// settle the same wait in turn.
    package static func own(_ invoices: Set<InvoiceID>) -> Query {
        """
        select pg_advisory_xact_lock(hashtextextended('aikatori.settle ' || i, 0))
        from (select i from unnest(\(invoices.sorted())) as i order by i) as sorted
        """
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
    package func insert() -> Query {
        """
        insert into allocation (bank_entry, invoice, seller, buyer, amount, booked_on, subject)
        values (\(bankEntry), \(invoice), \(seller), \(buyer), \(amount), \(bookedOn),
            \(subject))
        """
    }
}
