import Billing
import Marketplace
import MoneyAndTime
import Organisations
import Storage
import StrictJSON
import TestMarket
import Testing

@Suite("Two units of one county settle without an invoice")
struct OneLegalPersonTests {
    @Test("each has its book; a disputed line is settled later, and nothing is to be paid")
    func whole() async throws {
        try await TestMarket.withMarket { test in
            let id = try BusinessID("9000006-2")
            let hospital = try await test.addOrganisation("County, hospital", businessID: id)
            let centre = try await test.addOrganisation("County, health centre", businessID: id)
            await #expect(throws: OrganisationTaken.self) {
                _ = try await test.addOrganisation("County, hospital", businessID: id)
            }
            try await test.clock.set(to: Instant(rfc3339: "2027-01-04T08:00:00Z"))
            var terms = try LifeOfAVisit.ofOneLegalPerson()
            terms["buyer"] = nil
            terms["handshake"] = ["reply_within_minutes": 240, "accepted_in_advance": true]
            let contract = try await test.agreedContract(
                seller: hospital, buyer: centre, changed: terms)
            let life = try await LifeOfAVisit(under: contract)
            try await life.held("2027-03-08", minutes: 30)
            let disputed = try await life.cancelledLate("2027-03-09")
            try await test.clock.set(to: Instant(rfc3339: "2027-04-01T06:00:00Z"))
            let made = try await life.statement()
            let statement = try StatementID(typeID: made.body["id"]?.text ?? "")
            let early = await refusal { _ = try await life.settled(statement, total: "162.00") }
            #expect(early == .statementNotAccepted)
            let dispute = try await life.disputed(
                disputed, on: statement, DisputeWords("It was cancelled in time.", net: "0.00"))
            try await life.accepts(statement)

            let invoice = await refusal { _ = try await life.invoiced(statement) }
            #expect(invoice == .settledInternally)
            let differs = await refusal { _ = try await life.settled(statement, total: "162.00") }
            #expect(differs == .totalDiffers)
            let first = try await life.settled(statement, total: "108.00").body
            #expect(first["lines"]?.elements?.count == 1 && first["cost_centre"] == "4410")
            let again = await refusal { _ = try await life.settled(statement, total: "108.00") }
            #expect(again == .nothingToInvoice)
            try await life.answered(dispute, .withdraw, DisputeWords(nil))
            let second = try await life.settled(statement, total: "54.00").body
            let table = try await test.market.internalChargeTable(
                centre.finance.request("getInternalChargeTable"),
                InternalChargeID(typeID: second["id"]?.text ?? ""))
            #expect(table.fileName == "internal-charge-2027-03-2.csv")
            let rows = String(decoding: table.bytes, as: UTF8.self).split(separator: "\r\n")
            #expect(rows.count == 2 && rows[1].hasSuffix(",54.00,4410,REMOTE-2027"))
            #expect(try await life.seen(statement)["internal_charges"]?.elements?.count == 2)
            try await isSettled(life, "162.00")
        }
    }

    /// Verified; the claim is gone in both books, and their settlements come to zero together.
    private func isSettled(_ life: LifeOfAVisit, _ amount: String) async throws {
        let findings = try await Verification.run(on: life.test.reader)
        #expect(findings.isEmpty, "\(findings)")
        for (side, balance) in [
            (life.contract.seller, amount), (life.contract.buyer, "-" + amount),
        ] {
            let accounts =
                try await life.test.market.trialBalance(
                    side.finance.request("getTrialBalance")
                ).body["accounts"]?.elements ?? []
            let settled = accounts.first { $0["code"] == "internal_settlement" }
            #expect(settled?["balance"]?.text == balance)
            let left = accounts.filter {
                ["unbilled_receivable", "unbilled_payable"].contains($0["code"]?.text)
                    && $0["balance"] != "0.00"
            }
            #expect(left.isEmpty)
        }
    }

    @Test("what is settled is not priced again, and other contracts are not settled so")
    func stays() async throws {
        try await TestMarket.withMarket { test in
            let hospital = try await test.addOrganisation("County, hospital")
            let centre = try await test.addOrganisation("County, health centre")
            let contract = try await test.signedContract(
                seller: hospital, buyer: centre, changed: LifeOfAVisit.ofOneLegalPerson())
            let life = try await LifeOfAVisit(under: contract)
            try await life.cancelledLate("2027-03-09")
            let other = LifeOfAVisit(
                under: try await test.signedContract(seller: hospital, buyer: centre),
                sharing: life)
            try await other.cancelledLate("2027-03-10")
            try await test.amended(
                contract.id, from: CalendarDate(iso: "2027-03-02"),
                signedAt: Instant(rfc3339: "2027-03-28T06:00:00Z"), pricePerMinute: "3.20")
            try await test.clock.set(to: Instant(rfc3339: "2027-04-01T06:00:00Z"))
            let invoiced = try await other.accepted()
            let elsewhere = await refusal { _ = try await other.settled(invoiced, total: "54.00") }
            #expect(elsewhere == .notInternal)
            _ = try await life.settled(life.accepted(), total: "54.00")
            let again = await refusal {
                _ = try await test.market.rateAgain(
                    hospital.finance.request("rateAgain"), contract.id,
                    period: .init(key: "2027-03"), difference: Money(decimal: "-6.00"))
            }
            #expect(again == .nothingToRateAgain)
            let told = try await test.market.ratingAgain(
                hospital.finance.request("getRatingAgain"), of: contract.id,
                period: .init(key: "2027-03"))
            let reasons = told.body["charges"]?.elements?.map { $0["reason"]?.text }
            #expect(reasons == ["settled_internally"])
        }
    }
}
