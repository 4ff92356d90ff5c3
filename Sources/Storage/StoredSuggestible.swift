import Billing
import MoneyAndTime
import Postgres

extension SuggestibleInvoice {
    /// The seller's invoices of which something is open, oldest first.
    package static func open(of seller: OrganisationID, most: Int) -> Query {
        """
        select i.id, i.number, i.reference, i.buyer, i.buyer_name, b.open, i.due_on
        from invoice i join invoice_balance b on b.invoice = i.id
        where i.seller = \(seller) and b.open > 0 order by i.due_on, i.id limit \(most)
        """
    }

    package init(row: Row) throws {
        try self.init(
            id: row.decode("id"), number: row.decode("number"),
            reference: ReferenceNumber(row["reference", String.self]),
            buyer: row.decode("buyer"), buyerName: row.decode("buyer_name"),
            open: row.decode("open"), dueOn: row.decode("due_on"))
    }
}
