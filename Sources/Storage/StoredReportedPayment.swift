import Billing
import MoneyAndTime
import Postgres

/// A row of `report_in_force`: what a seller's own system reported as paid, which neither a bank's
/// file has shown nor anyone has taken back.
package struct StoredReportedPayment: Sendable {
    package let report: ReportInForce

    package init(row: Row) throws {
        report = ReportInForce(
            id: try row.decode("report"), invoice: try row.decode("invoice"),
            amount: try row.decode("amount"), paidOn: try row.decode("booked_on"))
    }

    private static let columns: Query =
        "select report, invoice, amount, booked_on from report_in_force"

    package static func all(of seller: OrganisationID, invoices: [InvoiceID]) -> Query {
        "\(columns) where organisation = \(seller) and invoice = any (\(invoices)) order by report"
    }

    package static func find(_ id: BankEntryID, of seller: OrganisationID) -> Query {
        "\(columns) where organisation = \(seller) and report = \(id)"
    }

    /// Those that money of so much on the account may be, the nearest day first.
    package static func like(_ entry: StoredBankEntry, of seller: OrganisationID) -> Query {
        """
        \(columns) where organisation = \(seller) and iban = \(entry.iban)
            and hundred_thousandths = \(entry.amount.hundredThousandths)
        order by abs(booked_on - \(entry.bookedOn)::date), report limit 3
        """
    }

    /// The entry that waited is the money of the report, and settles nothing more.
    package static func see(
        _ entry: BankEntryID, as report: BankEntryID, of seller: OrganisationID
    ) -> Query {
        """
        insert into report_seen (bank_entry, report, organisation)
        values (\(entry), \(report), \(seller))
        """
    }
}
