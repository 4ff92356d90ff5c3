import Billing
import MoneyAndTime
import Testing

@Suite struct InvoiceTests {
    /// The vector of EN 16931's rounding rule: 187 × 2.4533 at 25.5 %.
    @Test func theWorkedExampleComesOut() throws {
        let charges = [try Example.charge(1, lines: [Example.line(minutes: 187)])]
        let invoice = try Example.invoice(
            lines: InvoiceLine.lines(for: charges, vat: Example.taxed()))
        #expect(invoice.calculation.net.decimal == "458.77")
        #expect(invoice.calculation.vat.decimal == "116.99")
        #expect(invoice.total.decimal == "575.76")
        #expect(invoice.dueOn.iso == "2026-05-01")
        #expect(invoice.number.text == "EH-2026-000042")
        #expect(invoice.reference.national == "20260000422")
    }

    /// 42 visits of 17 minutes × 2.4533: by visit 1751.82, by bill 1751.66.
    @Test func theRoundingPlaceMatters() throws {
        let charges = try (1...42).map {
            try Example.charge($0, lines: [Example.line(minutes: 17)])
        }
        let vat = try Example.taxed()
        let byVisit = try InvoiceLine.lines(for: charges, vat: vat)
        #expect(byVisit.count == 42)
        #expect(
            try InvoiceCalculation(lines: byVisit.map { ($0.net, $0.vat) }).net.decimal == "1751.82"
        )
        #expect(try InvoiceLine.roundingDifference(of: byVisit, for: charges) == .zero)
        let byBill = try InvoiceLine.lines(for: charges, vat: vat, rounding: .perBill)
        #expect(byBill.map(\.net.decimal) == ["1751.66"])
        #expect(byBill.first?.sources.count == 42)
        let shares = byBill.first?.shares.map(\.decimal) ?? []
        #expect(shares.prefix(26).allSatisfy { $0 == "41.71" })
        #expect(shares.count == 42 && shares.dropFirst(26).allSatisfy { $0 == "41.70" })
        #expect(
            try InvoiceLine.roundingDifference(of: byBill, for: charges).decimal == "-0.16")
    }

    /// Invariant 17: shares add up to the sum that was rounded once, each less than a cent from
    /// what it is exactly, above zero and below.
    @Test func sharesOfARoundedSum() throws {
        var generator = SplitMix64(seed: 17)
        for _ in 0..<2_000 {
            let parts = try (0..<Int.random(in: 1...30, using: &generator)).map { _ in
                try ExactNet(
                    numerator: Int128(Int64.random(in: -3_000_000...9_000_000, using: &generator)),
                    denominator: Int128([100, 10_000, 6].randomElement(using: &generator) ?? 1))
            }
            for mode in [Rounding.halfUp, .halfEven] {
                let sum = try parts.reduce(ExactNet.zero) { try $0.adding($1) }.rounded(mode)
                let shares = try ExactNet.shares(of: sum, for: parts)
                #expect(try Money.sum(of: shares) == sum)
                for (share, part) in zip(shares, parts) {
                    let off = Int128(share.minorUnits) * part.denominator - part.numerator
                    #expect(off.magnitude < part.denominator.magnitude)
                }
            }
        }
    }

    /// Visits of one day say when each began, and stand in the order in which they did, whichever
    /// was attested first: also in the hour that the end of summer time repeats. A sum of several
    /// says nothing.
    @Test func linesOfOneDayAreToldApart() throws {
        let starts = [
            "2026-10-25T11:30:00Z", "2026-10-25T01:15:00Z", "2026-10-25T00:45:00Z",
            "2026-10-24T21:00:00Z",
        ]
        let charges = try starts.indices.map {
            try Example.charge(
                UInt128($0 + 1), on: "2026-10-25", lines: [Example.line(minutes: 17)])
        }
        let clock = try WallClock(zone: "Europe/Helsinki")
        let begins = Dictionary(
            uniqueKeysWithValues: try zip(charges.map(\.id), starts).map {
                try ($0, InvoiceLine.Beginning(Instant(rfc3339: $1), in: clock))
            })
        let vat = try Example.taxed()
        let byVisit = try InvoiceLine.lines(for: charges, vat: vat, begins: begins)
        #expect(
            byVisit.map(\.begins)
                == [
                    try TimeOfDay("00:00"), try TimeOfDay("03:45"), try TimeOfDay("03:15"),
                    try TimeOfDay("13:30"),
                ])
        #expect(byVisit.flatMap { $0.sources.map(\.charge) } == charges.reversed().map(\.id))
        let byBill = try InvoiceLine.lines(
            for: charges, vat: vat, begins: begins, rounding: .perBill)
        #expect(byBill.map(\.begins) == [nil])
    }

    /// Whatever the lines: the total is the sum of lines and VAT, the VAT of each group is within
    /// half a cent of exact, and by bill the exact sums are within half a cent of the line.
    @Test(arguments: 1...30 as ClosedRange<UInt64>)
    func totalsAreSums(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let prices = ["2.4533", "1.99", "0.0001", "12"]
        let charges = try (1...25).map { number in
            try Example.charge(
                number,
                lines: (0..<Int.random(in: 0...3, using: &random)).map { _ in
                    try Example.line(
                        minutes: .random(in: 0...300, using: &random),
                        price: prices.randomElement(using: &random) ?? "1")
                })
        }
        let vats = try [Example.taxed(), Example.exempt()]
        for place in InvoiceLine.RoundingPlace.allCases {
            let lines = try vats.flatMap {
                try InvoiceLine.lines(for: charges, vat: $0, rounding: place)
            }
            let totals = try InvoiceCalculation(lines: lines.map { ($0.net, $0.vat) })
            let sum = lines.map(\.net.minorUnits).reduce(0, +)
            #expect(totals.net.minorUnits == sum)
            #expect(totals.total.minorUnits == sum + totals.vat.minorUnits)
            for group in totals.groups {
                let exact = Int128(group.taxable.minorUnits) * Int128(group.vat.rate.basisPoints)
                let twice = 2 * (Int128(group.tax.minorUnits) * 10_000 - exact)
                #expect(-10_000 < twice && twice <= 10_000)
            }
            #expect(lines.flatMap(\.sources).count == 2 * charges.flatMap(\.lines).count)
            _ = try Example.invoice(
                lines: InvoiceLine.lines(for: charges, vat: Example.taxed(), rounding: place))
        }
        #expect(
            try InvoiceLine.roundingDifference(
                of: InvoiceLine.lines(for: charges, vat: Example.taxed()), for: charges) == .zero)
    }

    @Test func aLateVisitWidensThePeriod() throws {
        let charges = try [
            Example.charge(1, on: "2026-02-27", lines: [Example.line(minutes: 17)]),
            Example.charge(2, on: "2026-03-02", lines: [Example.line(minutes: 17)]),
        ]
        let invoice = try Example.invoice(
            lines: InvoiceLine.lines(for: charges, vat: Example.taxed()))
        #expect(invoice.days.lowerBound.iso == "2026-02-27")
        #expect(invoice.days.upperBound.iso == "2026-03-31")
    }

    @Test func refusesWhatALegalInvoiceCannotBe() throws {
        let charge = try Example.charge(1, lines: [Example.line(minutes: 17)])
        let taxed = try InvoiceLine.lines(for: [charge], vat: Example.taxed())
        let exempt = try ["One reason", "Another"].enumerated().flatMap { index, reason in
            let other = try Example.charge(UInt128(index + 2), lines: [Example.line(minutes: 17)])
            return try InvoiceLine.lines(for: [other], vat: Example.exempt(reason))
        }
        #expect(throws: BillingRefusal.noLines) { try Example.invoice(lines: []) }
        #expect(throws: BillingRefusal.mixedExemptions) { try Example.invoice(lines: exempt) }
        #expect(throws: BillingRefusal.repeatedCharge(charge.id)) {
            try Example.invoice(lines: taxed + taxed)
        }
        #expect(throws: BillingRefusal.sellerVATIDMissing) {
            try Example.invoice(lines: taxed, sellerVATID: false)
        }
        #expect(throws: BillingRefusal.fieldMissing("buyer_reference")) {
            try Example.invoice(lines: taxed, buyerReference: " ")
        }
        for days in [-1, 181, .max] {
            #expect(throws: BillingRefusal.paymentDaysOutOfRange(days)) {
                try Example.invoice(lines: taxed, paymentDays: days)
            }
        }
        #expect(throws: BillingRefusal.vatMalformed) {
            try InvoiceVAT.standard(Percentage(basisPoints: 0))
        }
        #expect(throws: BillingRefusal.vatMalformed) {
            try InvoiceVAT.exempt(code: nil, reason: nil)
        }
        #expect(throws: BillingRefusal.vatMalformed) {
            try InvoiceVAT.exempt(code: "VATEX-EU-132-1C", reason: " ")
        }
        #expect(throws: ArithmeticFailure.overflow) {
            try InvoiceCalculation(lines: [(Money(minorUnits: .max), Example.taxed())])
        }
    }

    @Test(arguments: [
        "", "EH", "EH-2026", "EH-2026-0", "EH-2026-42", "EH-2026-000000", "EH-2026--00042",
        "EH-2026-+00042", "eh-2026-000042", "-2026-000042", "LONGER-2026-000042",
        "EH-99-000042", "EH-2026-0000042", "EH-2026-000042-1", "EH-2026-1000000000",
    ])
    func refusesNumber(text: String) {
        #expect(throws: BillingRefusal.self) { try InvoiceNumber(text) }
    }

    @Test func numbersHaveReferencesOfTheirOwn() throws {
        var seen: Set<ReferenceNumber> = []
        for year in [2026, 2027, 9999] {
            for counter in [1, 2, 999_999, 1_000_000, 999_999_999] as [Int64] {
                let number = try InvoiceNumber(prefix: "EH", year: year, counter: counter)
                #expect(try InvoiceNumber(number.text) == number)
                guard counter < 1_000_000 else { continue }
                let other = try InvoiceNumber(
                    prefix: "SB", year: year, series: 7, counter: counter)
                #expect(try InvoiceNumber(other.text) == other && other.text.count <= 20)
                #expect(try other.reference != number.reference)
                #expect(number.text.utf8.count <= 20)
                #expect(seen.insert(try number.reference).inserted)
            }
        }
    }

    @Test func gapsAndRepeatsAreFound() throws {
        func number(_ counter: Int64, year: Int = 2026) throws -> InvoiceNumber {
            try InvoiceNumber(prefix: "EH", year: year, counter: counter)
        }
        #expect(Gaplessness.check([]).isEmpty)
        #expect(try Gaplessness.check([number(2), number(1), number(1, year: 2027)]).isEmpty)
        #expect(
            try Gaplessness.check([number(2), number(5), number(5), number(1, year: 2027)]) == [
                .missing(prefix: "EH", year: 2026, 1...1),
                .missing(prefix: "EH", year: 2026, 3...4), .repeated(number(5)),
            ])
    }
}
