import Billing
import Marketplace
import MoneyAndTime
import Postgres
import Storage
import StrictJSON
import TestMarket
import Testing

/// Reports of payments and the money of bank files, against one who writes to the tables directly.
@Suite struct ReportedPaymentTableTests {
    /// An invoice of which 20.00 were reported and came from the bank, beside 21.00 that wait.
    private struct Seen {
        let test: TestMarket
        let contract: TestContract
        let invoice: InvoiceID
        let report: BankEntryID
        let entry: BankEntryID

        init(_ test: TestMarket) async throws {
            self.test = test
            contract = try await test.signedContract(
                seller: test.addOrganisation("One"), buyer: test.addOrganisation("Other"),
                changed: ["billing": LifeOfAVisit.invoicedBySeller()])
            let life = try await LifeOfAVisit(under: contract)
            try await life.cancelledLate("2027-03-08")
            try await test.clock.set(to: Instant(rfc3339: "2027-04-01T06:00:00Z"))
            invoice = try await life.recorded(life.accepted())
            try await test.clock.set(to: Instant(rfc3339: "2027-04-20T06:00:00Z"))
            let seller = contract.seller
            let reported = try await life.reported(invoice, "20.00").body
            report = try BankEntryID(typeID: reported["entries"]?[0]?["id"]?.text ?? "")
            let file = try await test.market.importBankFile(
                seller.finance.request("importBankFile"),
                BankDay([("20.00", "1232"), ("21.00", nil)]).file()
            ).body
            entry = try BankEntryID(typeID: file["entries"]?[0]?["id"]?.text ?? "")
            _ = try await test.market.applyBankEntry(
                seller.finance.request("applyBankEntry"), entry, asReport: report)
        }
    }

    @Test func oneSumIsOneReport() async throws {
        try await TestMarket.withMarket { test in
            let seller = try await Seen(test).contract.seller
            let replay = Replay(test: test, tables: ["report_seen"])
            let cases: [(code: String?, change: String)] = [
                (nil, "select"),
                ("report_differs", "update old_report_seen set report = bank_entry"),
                ("report_differs", "update old_report_seen set bank_entry = report"),
                (
                    "report_differs",
                    """
                    update old_report_seen set bank_entry = (
                        select id from bank_entry where hundred_thousandths = 2100000)
                    """
                ),
            ]
            for (code, change) in cases {
                let refused = await replay.refusal([change], by: seller.id)
                #expect(refused == code, "\(change)")
            }
        }
    }

    @Test func whatIsSeenSettlesOnce() async throws {
        try await TestMarket.withMarket { test in
            let seen = try await Seen(test)
            let (seller, buyer) = (seen.contract.seller, seen.contract.buyer)
            let (report, invoice, entry) = (seen.report, seen.invoice, seen.entry)
            let changes: [(String, Query)] = [
                (
                    "bank_entry_used_up",
                    """
                    insert into bank_entry_aside (bank_entry, organisation)
                    values (\(entry), \(seller.id))
                    """
                ),
                (
                    "bank_entry_used_up",
                    """
                    insert into allocation (bank_entry, invoice, seller, buyer, amount, subject)
                    values (\(entry), \(invoice), \(seller.id), \(buyer.id), 1, 'x')
                    """
                ),
                (
                    "nothing_to_take_back",
                    """
                    with back as (
                        insert into bank_entry (id, organisation, file, number, iban, bank_key,
                            direction, hundred_thousandths, currency, fate, reason)
                        select uuid_v7(), organisation, file, 9, iban, 'x', 'debit',
                            hundred_thousandths, currency, 'waiting', 'reversal'
                        from bank_entry where id = \(report) returning id)
                    insert into allocation_return (bank_entry, invoice, seller, buyer,
                        returned_by, entry, reported)
                    select \(report), \(invoice), \(seller.id), \(buyer.id), id,
                        uuid_v7(), true from back
                    """
                ),
            ]
            for (code, change) in changes {
                let refused = await refused {
                    try await test.asked(by: seller.finance, change)
                }
                #expect(refused == code)
            }
        }
    }
}
