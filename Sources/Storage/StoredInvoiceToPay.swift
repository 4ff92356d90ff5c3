import Billing
import MoneyAndTime
import Postgres

/// An invoice that the caller owes something of, with how far its payment is.
package struct StoredInvoiceToPay: Sendable {
    package let invoice: InvoiceID
    package let number: String
    package let seller: OrganisationID
    package let sellerName: String
    package let iban: IBAN
    package let reference: ReferenceNumber
    package let total: Money
    package let open: Money
    package let dueOn: CalendarDate
    package let approvedBy: MemberID?
    package let approvedAt: Instant?
    /// The live payment file that it is in.
    package let file: PaymentFileID?
    package let state: PaymentOrder.State?
    /// The bank's reason of its last rejection, or `returned` where the bank took the money back,
    /// where nothing is under way since.
    package let rejection: String?
    /// The seller's town and country, as the contract names them.
    package let town: String
    package let country: String

    private static let columns: Query = """
        select i.id, i.number, i.seller, i.seller_name, i.iban, i.reference, i.total, b.open,
            i.due_on, p.member, p.approved_at, o.file, o.state,
            (select case r.state when 'returned' then r.state else coalesce(r.code, r.state) end
                from payment_order r
                where r.invoice = i.id and r.state in ('rejected', 'returned') and o.file is null
                order by r.file desc limit 1) as rejection,
            convert_from(v.document, 'UTF8')::jsonb #>> '{seller,address,city}' as town,
            convert_from(v.document, 'UTF8')::jsonb #>> '{seller,address,country}' as country
        from invoice i join invoice_balance b on b.invoice = i.id
            join contract_version v on v.contract = i.contract and v.number = i.version
            left join payment_approval p on p.invoice = i.id
            left join payment_order o on o.invoice = i.id and o.state in ('pending', 'accepted')
        """

    /// All of which something is open, the one that is due first first.
    package static func all(of buyer: OrganisationID) -> Query {
        "\(columns) where i.buyer = \(buyer) and b.open > 0 order by i.due_on, i.id"
    }

    package static func find(_ invoices: [InvoiceID], of buyer: OrganisationID) -> Query {
        "\(columns) where i.buyer = \(buyer) and i.id = any (\(invoices)) order by i.id"
    }

    package init(row: Row) throws {
        invoice = try row.decode("id")
        number = try row.decode("number")
        seller = try row.decode("seller")
        sellerName = try row.decode("seller_name")
        iban = try IBAN(row["iban", String.self])
        reference = try ReferenceNumber(row["reference", String.self])
        total = try row.decode("total")
        open = try row.decode("open")
        dueOn = try row.decode("due_on")
        approvedBy = try row.decode("member")
        approvedAt = try row.decode("approved_at")
        file = try row.decode("file")
        state = try row["state", String?.self].flatMap(PaymentOrder.State.init(rawValue:))
        rejection = try row.decode("rejection")
        town = try row["town", String?.self] ?? ""
        country = try row["country", String?.self] ?? "FI"
    }

    /// One person says that it is to be paid; a second time changes nothing.
    package static func approve(
        _ invoice: InvoiceID, by member: MemberID, of organisation: OrganisationID
    ) -> Query {
        """
        insert into payment_approval (invoice, organisation, member)
        values (\(invoice), \(organisation), \(member)) on conflict do nothing
        """
    }
}

/// What one person alone may pay.
package enum StoredPaymentLimit {
    package static let own: Query = "select above from payment_limit"

    /// `revision`: how often it was set.
    package static func set(_ above: Money, of organisation: OrganisationID) -> Query {
        """
        insert into payment_limit as l (organisation, above) values (\(organisation), \(above))
        on conflict (organisation) do update set above = excluded.above, set_at = market_now(),
            revision = l.revision + 1
        returning revision
        """
    }
}
