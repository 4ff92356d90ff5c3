import Contracts
import MoneyAndTime
import StrictJSON
import Testing

@testable import Billing

/// Which charges of a month are replaced, at what, and which stay.
@Suite struct RatingAgainTests {
    /// 3.60 a minute, and 3.20 from the fortieth on; exempt, or with other VAT.
    private func terms(vat: JSON? = nil) throws -> Terms {
        let bytes = try ContractFiles.read("v1/examples/valid/psychiatrist-remote-visit.json")
        var members = try JSON.parse(bytes).members ?? [:]
        var service = members["services"]?[0]?.members ?? [:]
        service["tiers"] = [
            "kind": "graduated", "steps": [["from_minutes": 40, "price_per_minute": "3.20"]],
        ]
        members["services"] = [.object(service)]
        var billing = members["billing"]?.members ?? [:]
        if let vat { billing["vat"] = vat }
        members["billing"] = .object(billing)
        return try ContractDocument(.object(members)).terms
    }

    private func subject(
        _ number: UInt128, minutes: Int64, charged: String, version: Int? = 2,
        visit: String? = nil, _ obstacle: RatingAgain.Obstacle? = nil,
        invoice: UInt128? = nil
    ) throws -> RatingAgain.Subject {
        let line = try Charge.Line(
            text: "Visit", quantity: .one, price: UnitPrice(decimal: charged))
        let charge = try Charge(
            id: ChargeID(bits: number), of: .booking(BookingID(bits: number)),
            contract: Example.contract, versionNumber: 1, seller: Example.hospital,
            buyer: Example.healthCentre, service: "psychiatrist-visit", cause: .visit,
            servedOn: CalendarDate(iso: "2027-03-10"), period: "2027-03",
            billedSeconds: minutes * 60, lines: [line], trace: .null)
        return try RatingAgain.Subject(
            charge: charge, visit: visit ?? "\(number)", version: version,
            facts: VisitFacts(
                starts: Instant(rfc3339: "2027-03-10T08:00:00Z"), plannedMinutes: 30,
                outcome: .held(HeldVisit(billableSeconds: minutes * 60))), obstacle: obstacle,
            invoice: invoice.map { InvoiceID(bits: $0) }, invoiced: charge.net)
    }

    private func rated(_ subjects: RatingAgain.Subject...) throws -> RatingAgain {
        try RatingAgain(of: subjects, under: [2: terms()])
    }

    /// Thirty minutes whose version still rules count before twenty of another one: ten of these
    /// cost 3.60, and ten 3.20.
    @Test func countsAnewAtItsPlaceInTheMonth() throws {
        let again = try rated(
            subject(1, minutes: 30, charged: "99.00", version: nil),
            subject(2, minutes: 20, charged: "72.00"))
        #expect(again.items.map(\.charge.id) == [ChargeID(bits: 2)])
        #expect(try again.after == Money(decimal: "68.00"))
        #expect(try again.difference == Money(decimal: "-4.00"))
        guard case .priced(_, secondsBefore: 1_800)? = again.items.first?.outcome else {
            Issue.record("not at its place")
            return
        }
    }

    @Test func theSameAmountStays() throws {
        let again = try rated(subject(1, minutes: 20, charged: "72.00"))
        #expect(again.items.map(\.outcome) == [.stays])
        #expect(again.priced.isEmpty)
        #expect(try again.difference == .zero)
    }

    /// The same amount under another treatment of VAT is another one for the buyer.
    @Test func anotherVATIsADifference() throws {
        let taxed: JSON = ["category": "S", "rate_percent": "25.5", "reason": "Leasing of staff"]
        for (own, differs) in [(taxed, true), (nil, false)] as [(JSON?, Bool)] {
            let again = try RatingAgain(
                of: [subject(1, minutes: 20, charged: "72.00")],
                under: [1: terms(vat: own), 2: terms()])
            #expect(again.priced.count == (differs ? 1 : 0))
            #expect(again.items.map(\.hasOtherVAT) == [differs])
            #expect(try again.difference == .zero)
        }
        let vat = try terms(vat: taxed).billing.vat
        var reasoned = taxed.members ?? [:]
        reasoned["reason"] = "Another reason, which no invoice says"
        #expect(try terms(vat: .object(reasoned)).billing.vat.isInvoiced(as: vat))
        #expect(try !terms().billing.vat.isInvoiced(as: vat))
        var exempt = try terms().billing.vat
        #expect(try terms().billing.vat.isInvoiced(as: exempt))
        exempt = try terms(
            vat: [
                "category": "E", "rate_percent": "0", "reason": "Another reason",
                "exemption_code": "VATEX-EU-132-1B",
            ]
        ).billing.vat
        #expect(try !terms().billing.vat.isInvoiced(as: exempt))
    }

    /// What is left out counts as it was billed; the places of one session count once, and none of
    /// them before another.
    @Test func whatIsLeftOutCountsAsItWas() throws {
        let again = try rated(
            subject(1, minutes: 40, charged: "1.00", .disputed),
            subject(2, minutes: 20, charged: "1.00", visit: "session"),
            subject(3, minutes: 20, charged: "1.00", visit: "session"),
            subject(4, minutes: 20, charged: "1.00", .agreed))
        let twenty = try Money(decimal: "64.00")
        #expect(again.items.map(\.after) == [nil, twenty, twenty, nil])
        #expect(again.items[0].outcome == .leftOut(.disputed))
        #expect(again.items[3].outcome == .leftOut(.agreed))
    }

    /// Of the first invoice 100.00 remain: its second charge does not fit, and counts as it was. A
    /// charge on another invoice, or on none, goes on.
    @Test func noMoreOfAnInvoiceThanRemains() throws {
        let again = try RatingAgain(
            of: [
                subject(1, minutes: 20, charged: "60.00", invoice: 5),
                subject(2, minutes: 20, charged: "40.01", invoice: 5),
                subject(3, minutes: 20, charged: "40.00", invoice: 5),
                subject(4, minutes: 20, charged: "40.00", invoice: 6),
                subject(5, minutes: 20, charged: "40.00"),
            ], under: [2: terms()],
            remaining: [
                InvoiceID(bits: 5): Money(decimal: "100.00"),
                InvoiceID(bits: 6): Money(decimal: "39.99"),
            ])
        #expect(again.items.map { $0.after?.decimal } == ["72.00", nil, "64.00", nil, "64.00"])
        #expect(again.items[1].outcome == .leftOut(.aboveRemaining))
    }

    @Test func whatTheVersionDoesNotSellIsLeftOut() throws {
        let bytes = try ContractFiles.read("v1/examples/valid/psychologist-series.json")
        let others = try ContractDocument(JSON.parse(bytes)).terms
        let again = try RatingAgain(
            of: [subject(1, minutes: 20, charged: "72.00")], under: [2: others])
        #expect(again.items.map(\.outcome) == [.leftOut(.notSold)])
    }
}
