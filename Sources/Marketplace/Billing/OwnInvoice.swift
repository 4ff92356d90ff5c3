import MoneyAndTime
import Postgres
import Storage

extension Transaction {
    /// An invoice of the seller that asks, which has it to itself from here on, and how it stands
    /// then: payments, credit notes and whoever else settles something of it wait.
    func ownInvoice(
        _ id: InvoiceID, of seller: OrganisationID
    ) async throws -> (invoice: StoredInvoice, payable: StoredPayable) {
        guard let row = try await query(StoredInvoice.find(id)).atMostOne() else {
            throw Refusal(.notFound)
        }
        let invoice = try StoredInvoice(row: row)
        guard invoice.seller == seller else { throw Refusal(.notYourSide) }
        try await query(StoredPayable.own([id]))
        let payable = try await StoredPayable(
            row: query(StoredPayable.issued(by: seller, references: [], invoices: [id])).only())
        return (invoice, payable)
    }
}
