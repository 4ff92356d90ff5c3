import Billing
import MoneyAndTime
import Testing

@Suite struct PaymentTests {
    static let reference = "20260000422"

    static func payable(
        _ number: Int64 = 42, total: Int64 = 57_576, settled: Int64 = 0
    ) throws -> PayableInvoice {
        try PayableInvoice(
            id: InvoiceID(bits: UInt128(number)),
            reference: InvoiceNumber(prefix: "EH", year: 2026, counter: number).reference,
            iban: Example.iban(),
            settlement: Settlement(
                total: Money(minorUnits: total), settled: Money(minorUnits: settled)))
    }

    struct Row: CustomTestStringConvertible {
        let testDescription: String
        var account = "FI2112345600000785"
        var amount = "575.76"
        var currency = "EUR"
        var direction = BankTransaction.Direction.credit
        var isReversal = false
        var isBooked = true
        var isBatch = false
        var reference: String? = PaymentTests.reference
        var references: [String] = []
        var message: String?
        let result: PaymentResult

        func transaction(key: String = "a") throws -> BankTransaction {
            BankTransaction(
                account: try IBAN(account), key: key, direction: direction,
                isReversal: isReversal, isBooked: isBooked, isUnsplitBatch: isBatch,
                amount: try #require(BankAmount(decimal: amount, currency: currency)),
                bookedOn: nil, reference: references.isEmpty ? reference : nil,
                references: references, message: message)
        }
    }

    static let invoice = InvoiceID(bits: 42)
    static func applied(_ cents: Int64) -> Allocation {
        Allocation(invoice: invoice, amount: Money(minorUnits: cents))
    }
    static let whole = PaymentResult.matched(applied(57_576))

    static let both = PaymentResult.matchedSeveral([
        applied(57_576),
        Allocation(invoice: InvoiceID(bits: 43), amount: Money(minorUnits: 57_576)),
    ])

    static let rows = [
        Row(testDescription: "exact", result: whole),
        Row(testDescription: "zero-padded", reference: "000000000" + reference, result: whole),
        Row(testDescription: "in groups", reference: "2 02600 00422", result: whole),
        Row(testDescription: "RF form", reference: "RF2720260000422", result: whole),
        Row(testDescription: "rf in lower case", reference: "rf27 2026 0000 422", result: whole),
        Row(
            testDescription: "in free text", reference: nil,
            message: "Lasku EH-2026-000042 viite 20260 000422 kiitos", result: whole),
        Row(testDescription: "five decimals of whole cents", amount: "575.76000", result: whole),
        Row(
            testDescription: "underpaid", amount: "500",
            result: .partlyMatched(
                applied(50_000), .underpaid(stillOpen: Money(minorUnits: 7576)))),
        Row(
            testDescription: "overpaid", amount: "600",
            result: .partlyMatched(applied(57_576), .overpaid(excess: Money(minorUnits: 2424)))),
        Row(
            testDescription: "unknown reference", reference: "1234561",
            result: .waiting(.unknownReference)),
        Row(
            testDescription: "wrong check digit", reference: "20260000427",
            result: .waiting(.unknownReference)),
        Row(
            testDescription: "a structured reference outweighs the free text",
            reference: "1234561", message: reference, result: .waiting(.unknownReference)),
        Row(testDescription: "no reference", reference: nil, result: .waiting(.noReference)),
        Row(
            testDescription: "free text without one", reference: nil, message: "Thanks, 2026",
            result: .waiting(.noReference)),
        Row(
            testDescription: "two invoices in free text", reference: nil,
            message: "20260000422, 20260000435", result: .waiting(.ambiguousReference)),
        Row(
            testDescription: "several invoices, to the cent", amount: "1151.52",
            references: ["20260000422", "RF6420260000435"], result: both),
        Row(
            testDescription: "several invoices in free text", amount: "1151.52", reference: nil,
            message: "20260000422 and 20260000435, thanks", result: both),
        Row(
            testDescription: "several invoices, a cent short", amount: "1151.51",
            references: ["20260000422", "20260000435"], result: .waiting(.ambiguousReference)),
        Row(
            testDescription: "several invoices, one of them nobody's", amount: "1151.52",
            references: ["20260000422", "20260000435", "1234561"],
            result: .waiting(.ambiguousReference)),
        Row(
            testDescription: "several invoices, one reference none", amount: "1151.52",
            references: ["20260000422", "20260000435", "1234562"],
            result: .waiting(.unknownReference)),
        Row(
            testDescription: "a batch that names what it sums", amount: "1151.52", isBatch: true,
            references: ["20260000422", "20260000435"], result: both),
        Row(
            testDescription: "a batch of another sum", amount: "1151.53", isBatch: true,
            references: ["20260000422", "20260000435"], result: .waiting(.unsplitBatch)),
        Row(
            testDescription: "another currency", currency: "SEK",
            result: .waiting(.currencyMismatch(invoice))),
        Row(
            testDescription: "a part of a cent", amount: "575.75999",
            result: .waiting(.notWholeCents(invoice))),
        Row(
            testDescription: "nothing", amount: "0.00", result: .waiting(.amountNotPositive)),
        Row(
            testDescription: "another of our accounts", account: "FI5542345670000081",
            result: .waiting(.wrongAccount(invoice))),
        Row(
            testDescription: "somebody else's account", account: "DE89370400440532013000",
            result: .notOurs(.foreignAccount)),
        Row(testDescription: "money out", direction: .debit, result: .notOurs(.outgoing)),
        Row(testDescription: "a reversal", isReversal: true, result: .waiting(.reversal)),
        Row(
            testDescription: "a returned payment", direction: .debit, isReversal: true,
            result: .waiting(.reversal)),
        Row(testDescription: "pending", isBooked: false, result: .waiting(.notBooked)),
        Row(
            testDescription: "a sum of many", isBatch: true, reference: nil,
            result: .waiting(.unsplitBatch)),
    ]

    static func match(seen: Set<String> = [], settled: Int64 = 0) throws -> PaymentMatch {
        try PaymentMatch(
            accounts: [Example.iban(), Example.otherIBAN()],
            invoices: [payable(settled: settled), payable(43)], seen: seen)
    }

    @Test(arguments: rows)
    func matches(row: Row) throws {
        var match = try Self.match()
        #expect(match.match(try row.transaction()) == row.result)
        let applied = row.result.allocations.first?.amount ?? .zero
        #expect(match.settlement(of: Self.invoice)?.settled == applied)
    }

    @Test func theSameEntryIsNeverAppliedTwice() throws {
        let row = Row(testDescription: "part", amount: "100.00", result: Self.whole)
        var match = try Self.match()
        #expect(match.match(try row.transaction()).allocations == [Self.applied(10_000)])
        #expect(match.match(try row.transaction()) == .notOurs(.repeated))
        var later = try Self.match(seen: ["a"])
        #expect(later.match(try row.transaction()) == .notOurs(.repeated))
        // A pending entry comes again, booked, under the same key.
        var pending = try Self.match()
        var first = row
        first.isBooked = false
        #expect(pending.match(try first.transaction()) == .waiting(.notBooked))
        #expect(pending.match(try row.transaction()).allocations == [Self.applied(10_000)])
    }

    @Test func aPaidInvoiceTakesNothingMore() throws {
        let row = Row(testDescription: "again", result: Self.whole)
        var match = try Self.match()
        #expect(match.match(try row.transaction(key: "a")) == Self.whole)
        #expect(
            match.match(try row.transaction(key: "b")) == .waiting(.alreadyPaid(Self.invoice)))
        var paid = try Self.match(settled: 57_576)
        #expect(
            paid.match(try row.transaction(key: "c")) == .waiting(.alreadyPaid(Self.invoice)))
    }

    /// Whatever comes in, what is applied is never above what was invoiced, and never above what
    /// came (invariant 24).
    @Test(arguments: 1...20 as ClosedRange<UInt64>)
    func neverAppliesMoreThanIsOpen(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        var match = try Self.match()
        var applied: [InvoiceID: Int64] = [:]
        for number in 0..<60 {
            let row = Row(
                testDescription: "", amount: "\(Int.random(in: 0...200, using: &random)).07",
                isReversal: Int.random(in: 0...9, using: &random) == 0,
                reference: ["20260000422", "20260000435", "1234561"].randomElement(using: &random),
                result: Self.whole)
            let transaction = try row.transaction(key: "\(number % 50)")
            let result = match.match(transaction)
            for allocation in result.allocations {
                applied[allocation.invoice, default: 0] += allocation.amount.minorUnits
                #expect(allocation.amount <= transaction.amount.money ?? .zero)
                #expect(allocation.amount.minorUnits > 0)
            }
        }
        for (invoice, sum) in applied {
            #expect(sum <= 57_576)
            #expect(match.settlement(of: invoice)?.settled.minorUnits == sum)
        }
    }

    @Test func settlementMovesForwardOnly() throws {
        var settlement = try Settlement(total: Money(minorUnits: 100))
        #expect(settlement.state == .issued)
        #expect(throws: BillingRefusal.amountNotPositive) { try settlement.apply(.zero) }
        #expect(throws: BillingRefusal.amountNotPositive) {
            try settlement.apply(Money(minorUnits: .min))
        }
        #expect(throws: BillingRefusal.aboveOpenAmount(open: Money(minorUnits: 100))) {
            try settlement.apply(Money(minorUnits: .max))
        }
        try settlement.apply(Money(minorUnits: 40))
        #expect(settlement.state == .partlyPaid)
        #expect(settlement.open.minorUnits == 60)
        try settlement.apply(Money(minorUnits: 60))
        #expect(settlement.state == .paid)
        #expect(throws: BillingRefusal.invoiceIs(.paid)) {
            try settlement.apply(Money(minorUnits: 1))
        }
        #expect(try Settlement(total: .zero).state == .paid)
        #expect(throws: BillingRefusal.amountNotPositive) {
            try Settlement(total: Money(minorUnits: -1))
        }
        #expect(throws: BillingRefusal.aboveOpenAmount(open: Money(minorUnits: 1))) {
            try Settlement(total: Money(minorUnits: 1), settled: Money(minorUnits: 2))
        }
    }

    @Test(
        arguments: [
            ("575.76", 57_576_000, "575.76"), ("575.7", 57_570_000, "575.70"),
            ("0.00001", 1, "0.00001"), ("1", 100_000, "1.00"),
            ("9999999999999.99999", 999_999_999_999_999_999, "9999999999999.99999"),
        ] as [(String, Int64, String)])
    func bankAmountsAreExact(text: String, units: Int64, written: String) throws {
        let amount = try #require(BankAmount(decimal: text, currency: "EUR"))
        #expect(amount.hundredThousandths == units)
        #expect(amount.decimal == written)
    }

    @Test(arguments: [
        "", ".", "1.", ".5", "-1", "+1", "1,5", "1.234567", "1e5", "1.2.3", " 1", "٣",
        "999999999999999999", "99999999999999999999999999999999999999",
    ])
    func refusesBankAmount(text: String) {
        #expect(BankAmount(decimal: text, currency: "EUR") == nil)
    }

    /// What remains of a round of netting is one sum, under its reference, once.
    @Test(arguments: [
        ("575.76", "EUR", "FI2112345600000785", true),
        ("575.77", "EUR", "FI2112345600000785", false),
        ("575.76", "USD", "FI2112345600000785", false),
        ("575.76", "EUR", "DE89370400440532013000", false),
    ])
    func netPayments(amount: String, currency: String, asked: String, isPaid: Bool) throws {
        let net = try PayableNet(
            id: NetPaymentID(bits: 7), reference: ReferenceNumber(Self.reference),
            iban: IBAN(asked), amount: Money(minorUnits: 57_576), isPaid: false)
        var match = try PaymentMatch(accounts: [Example.iban()], invoices: [], nets: [net])
        let row = Row(
            testDescription: "net", amount: amount, currency: currency,
            result: isPaid ? .paidNet(net.id) : .waiting(.netPaymentDiffers))
        #expect(match.match(try row.transaction()) == row.result)
        let again = match.match(try row.transaction(key: "b"))
        #expect(again == .waiting(.netPaymentDiffers))
    }

    /// What was reported waits when so much comes within a week of its day, and is applied else.
    @Test(arguments: [
        ("575.76", "2026-04-20", true), ("575.76", "2026-04-27", true),
        ("575.76", "2026-04-13", true), ("575.76", "2026-04-28", false),
        ("575.75", "2026-04-20", false),
    ])
    func reported(amount: String, day: String, waits: Bool) throws {
        let settlement = try Settlement(total: Money(minorUnits: 200_000), settled: .zero)
        let invoice = try PayableInvoice(
            id: Self.invoice, reference: ReferenceNumber(Self.reference), iban: Example.iban(),
            settlement: settlement)
        let report = try ReportInForce(
            id: BankEntryID(bits: 9), invoice: Self.invoice, amount: Money(minorUnits: 57_576),
            paidOn: CalendarDate(iso: "2026-04-20"))
        var match = try PaymentMatch(
            accounts: [Example.iban()], invoices: [invoice], reports: [report])
        let paid = try BankTransaction(
            account: Example.iban(), key: "a", direction: .credit,
            amount: BankAmount(Money(decimal: amount)), bookedOn: CalendarDate(iso: day),
            reference: Self.reference)
        let result = match.match(paid)
        #expect((result == .waiting(.reportedAlready(Self.invoice))) == waits)
        #expect(result.allocations.isEmpty == waits)
    }
}
