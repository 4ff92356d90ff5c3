import MoneyAndTime
import Postgres

/// On which statement and which invoice a charge is, once it is on one.
package struct ChargePlace: Sendable {
    package let statement: StatementID?
    package let invoice: InvoiceID?

    package static func all(of charges: [ChargeID]) -> Query {
        """
        select c.id, s.statement, (
            select i.invoice from invoice_line i where i.charge = c.id limit 1) as invoice
        from charge c left join stated_charge s on s.charge = c.id
        where c.id = any (\(charges))
        """
    }

    package init(row: Row) throws {
        statement = try row.decode("statement")
        invoice = try row.decode("invoice")
    }
}
