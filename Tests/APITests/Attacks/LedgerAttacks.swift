import API
import Billing
import Contracts
import MoneyAndTime
import Postgres
import Storage
import StrictJSON
import TestMarket
import TestServer

extension Trade {
    /// The books, their months, and interest.
    var ledgerAttacks: [Attack] {
        [
            Attack(operation: .getTrialBalance, outsider: .ownOnly),
            Attack(operation: .listEntries, outsider: .ownOnly),
            Attack(operation: .compareBooks, query: "counterparty=\(buyer.id)"),
            Attack(operation: .listOpenAmounts, by: .buyer, outsider: .ownOnly),
            Attack(
                operation: .getLateInterest, by: .buyer, path: [invoice],
                query: "through=2027-05-31"),
            Attack(
                operation: .chargeLateInterest, path: [invoice],
                body: .json(["through": "2027-05-31", "amount": JSON(interest)])),
            Attack(operation: .getPeriods, outsider: .ownOnly),
            Attack(
                operation: .closePeriod, by: .buyer, body: .json(["month": "2027-01"]),
                outsider: .ownOnly),
            Attack(
                operation: .getMonthBalance, by: .buyer, query: "month=2027-03",
                outsider: .ownOnly),
            Attack(
                operation: .getAccountStatement,
                query: "account=receivable&counterparty=\(buyer.id)&month=2027-03"),
            Attack(operation: .getAgeing, query: "on=2027-03-31", outsider: .ownOnly),
            Attack(operation: .getJournal, query: "month=2027-03", outsider: .ownOnly),
        ]
    }
}

extension World {
    /// What the interest on an invoice came to by the end of May; there is a reference rate of the
    /// half-year then.
    func interest(on invoice: String) async throws -> String {
        try await test.owner.write([
            StoredLateInterest.add(
                ReferenceRate(
                    startsOn: CalendarDate(iso: "2027-01-01"),
                    rate: Percentage(basisPoints: 250)),
                source: "An example")
        ])
        return try await client.get(
            "/v1/invoices/\(invoice)/late-interest?through=2027-05-31", as: seller.finance
        ).made().text("amount")
    }
}
