import MoneyAndTime
import Postgres

/// On which statement and which invoice a charge is, once it is on one.
package struct ChargePlace: Sendable {
    package let statement: StatementID?
    package let invoice: InvoiceID?

    package static func all(of charges: [ChargeID]) -> Query {
        """
        select c.id, coalesce(l.statement, d.statement) as statement, (
            select i.invoice from invoice_line i where i.charge = c.id limit 1) as invoice
        from charge c left join statement_line l on l.charge = c.id
            left join dispute d on d.correction = c.id
        where c.id = any (\(charges))
        """
    }

    package init(row: Row) throws {
        statement = try row.decode("statement")
        invoice = try row.decode("invoice")
    }
}
