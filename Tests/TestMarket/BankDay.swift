import Billing
import Documents
import Marketplace
import MoneyAndTime
import StrictJSON

/// What a bank writes of one day on an account: payments that came in.
package struct BankDay: Sendable {
    package var payments: [(amount: String, reference: String?)]
    package var id = "S1"
    package var account = "FI2112345600000785"
    package var day = "2027-04-12"

    package init(_ payments: [(amount: String, reference: String?)]) {
        self.payments = payments
    }

    /// As camt.053.
    package func file() throws -> [UInt8] {
        let entries = try payments.enumerated().map { index, payment in
            BankEntry(
                amount: try BankAmount(Money(decimal: payment.amount)), direction: .credit,
                bookedOn: try CalendarDate(iso: day), servicerReference: "\(id)-\(index)",
                details: [
                    .init(
                        references: payment.reference.map { [$0] } ?? [],
                        counterpartyName: "Payer")
                ])
        }
        let statement = try BankStatement(
            id: id, account: IBAN(account), opening: Money(decimal: "100.00"),
            on: CalendarDate(iso: day), entries: entries)
        return try Camt053Writer(createdAt: Instant(rfc3339: "\(day)T18:00:00Z"))
            .write(BankFile(messageID: id, statements: [statement]))
    }
}
