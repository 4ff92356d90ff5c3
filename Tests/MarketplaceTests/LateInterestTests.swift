import Billing
import Ledger
import Marketplace
import MoneyAndTime
import Postgres
import Storage
import StrictJSON
import TestMarket
import Testing

/// Interest on an invoice of 24.62 that was due on 2 May and is paid but for 10.00 on 17 May.
@Suite struct LateInterestTests {
    private struct Late {
        let test: TestMarket
        let life: LifeOfAVisit
        let invoice: InvoiceID

        var seller: TestOrganisation { life.contract.seller }
        var buyer: TestOrganisation { life.contract.buyer }

        init(_ test: TestMarket) async throws {
            self.test = test
            life = try await LifeOfAVisit(
                under: test.signedContract(
                    "physician-remote-reception", seller: test.addOrganisation("Seller"),
                    buyer: test.addOrganisation("Buyer")))
            try await life.cancelledLate("2027-03-08")
            try await life.cancelledLate("2027-03-10")
            try await test.clock.set(to: Instant(rfc3339: "2027-04-02T08:00:00Z"))
            let issued = try await life.invoiced()[0]
            invoice = try InvoiceID(typeID: issued["id"]?.text ?? "")
            try await test.clock.set(to: Instant(rfc3339: "2027-05-20T08:00:00Z"))
            var day = BankDay([("14.62", issued["reference"]?.text)])
            day.day = "2027-05-17"
            _ = try await test.market.importBankFile(
                life.contract.seller.finance.request("importBankFile"), day.file())
        }

        func knowRate() async throws {
            try await test.owner.write([
                StoredLateInterest.add(
                    ReferenceRate(
                        startsOn: CalendarDate(iso: "2027-01-01"),
                        rate: Percentage(decimal: "2.5")), source: "an example")
            ])
        }

        func owed(_ day: String = "2027-05-20", by side: TestOrganisation) async throws -> JSON {
            try await test.market.lateInterest(
                side.finance.request("getLateInterest"), on: invoice,
                through: CalendarDate(iso: day)
            ).body
        }

        func charge(
            _ amount: String, _ day: String = "2027-05-20", by side: TestOrganisation,
            key: String = "charge"
        ) async throws -> JSON {
            try await test.market.chargeLateInterest(
                side.finance.request("chargeLateInterest", key: key), on: invoice,
                through: CalendarDate(iso: day), amount: Money(decimal: amount)
            ).body
        }
    }

    @Test func itIsComputedChargedAndPosted() async throws {
        try await TestMarket.withMarket { test in
            let late = try await Late(test)
            let missing = await refusal { _ = try await late.owed(by: late.seller) }
            #expect(missing == .referenceRateMissing)
            // by the due date there is nothing to know
            #expect(try await late.owed("2027-05-02", by: late.buyer)["amount"] == "0.00")
            try await late.knowRate()
            for side in [late.seller, late.buyer] {
                let owed = try await late.owed(by: side)
                // 15 days on 24.62 and 3 days on 10.00, at 10.5 %: 11.48... cents
                #expect(owed["amount"] == "0.11")
                #expect(owed["terms"] == "statutory" && owed["from"] == "2027-05-03")
                let stretches = owed["trace"]?["stretches"]?.elements ?? []
                #expect(stretches.map { $0["days"]?.integer } == [15, 3])
                #expect(stretches.map { $0["principal"] } == ["24.62", "10.00"])
                #expect(stretches.map { $0["rate"] } == ["10.5", "10.5"])
                #expect(owed["trace"]?["numerator"] == "41926500")
            }
            for (amount, day, side, code) in [
                ("0.12", "2027-05-20", late.seller, RefusalCode.interestDiffers),
                ("0.11", "2027-05-20", late.buyer, .notYourSide),
                ("0.11", "2027-05-21", late.seller, .timeInTheFuture),
                ("0.00", "2027-05-02", late.seller, .noInterest),
            ] {
                let found = await refusal {
                    _ = try await late.charge(amount, day, by: side, key: "\(code)")
                }
                #expect(found == code)
            }
            let charged = try await late.charge("0.11", by: late.seller)
            #expect(charged["amount"] == "0.11" && charged["through"] == "2027-05-20")
            #expect(try await late.charge("0.11", by: late.seller) == charged)
            let again = await refusal {
                _ = try await late.charge("0.11", by: late.seller, key: "again")
            }
            #expect(again == .noInterest)
            #expect(try await late.owed(by: late.buyer)["charged"]?[0] == charged)

            for (side, other, account) in [
                (late.seller, late.buyer, "interest_receivable"),
                (late.buyer, late.seller, "interest_payable"),
            ] {
                let balance = try await test.market.trialBalance(
                    side.finance.request("getTrialBalance")
                ).body
                let own = balance["accounts"]?.elements?.first { $0["code"]?.text == account }
                #expect(own?["balance"] == "0.11" && balance["balanced"] == true)
                let compared = try await test.market.compareBooks(
                    side.finance.request("compareBooks"), with: other.id)
                #expect(compared.body["agree"] == true)
                // what is open of the invoice is what it was
                let open = try await test.market.listOpenAmounts(
                    side.finance.request("listOpenAmounts"))
                #expect(open.body["explained"] == true)
                #expect(open.body["invoices"]?[0]?["open"] == "10.00")
            }
            #expect(try await Verification.run(on: test.reader) == [])
        }
    }

    /// The database holds it against anyone.
    @Test func nothingElseIsChargedOrPosted() async throws {
        try await TestMarket.withMarket { test in
            let late = try await Late(test)
            try await late.knowRate()
            _ = try await late.charge("0.11", by: late.seller)
            func row(_ first: String, _ last: String) -> Query {
                let id = LateInterestID(bits: 7)
                return """
                    insert into late_interest (id, invoice, seller, buyer, first_day, last_day,
                        amount, subject, document, digest)
                    values (\(id), \(late.invoice), \(late.seller.id), \(late.buyer.id),
                        \(first)::text::date, \(last)::text::date, 5, \(id.description), '{}',
                        sha256('{}'))
                    """
            }
            try await test.clock.set(to: Instant(rfc3339: "2027-06-20T08:00:00Z"))
            for (first, last, side, code) in [
                ("2027-05-20", "2027-05-22", late.seller, "23P01"),
                ("2027-05-21", "2027-06-21", late.seller, "interest_out_of_time"),
                ("2027-05-02", "2027-05-02", late.seller, "interest_out_of_time"),
                ("2027-05-21", "2027-05-22", late.buyer, "not_your_side"),
                ("2027-05-21", "2027-05-22", late.seller, "interest_not_posted"),
            ] {
                #expect(await side.refusal(of: row(first, last), in: test) == code)
            }
            for change: Query in [
                "update late_interest set amount = 1", "delete from late_interest",
                "update reference_rate set basis_points = 0",
            ] {
                #expect(await sqlRefusal { try await test.owner.write([change]) } == "append_only")
            }
            // posted without having been charged
            let entry = try JournalEntry.lateInterest(
                id: EntryID(bits: 77), interest: LateInterestID(bits: 77),
                amount: Money(decimal: "1.00"), seller: late.seller.id,
                buyer: late.buyer.id, effectiveOn: CalendarDate(iso: "2027-06-20"))
            let forged = await late.seller.refusal(of: StoredEntry.post([entry]), in: test)
            #expect(forged == "entry_without_cause")
            let rate = await sqlRefusal {
                try await test.owner.write([
                    StoredLateInterest.add(
                        ReferenceRate(
                            startsOn: CalendarDate(iso: "2027-02-01"),
                            rate: Percentage(decimal: "1")), source: "an example")
                ])
            }
            #expect(rate == "23514")
        }
    }
}
