import Billing
import MoneyAndTime
import Testing

@Suite struct PaymentSuggestionTests {
    static func invoice(
        _ number: Int64, _ cents: Int64, buyer: Int = 1, name: String = "Example Health Centre",
        due: String = "2026-04-30"
    ) throws -> SuggestibleInvoice {
        let numbered = try InvoiceNumber(prefix: "AK", year: 2026, counter: number)
        return try SuggestibleInvoice(
            id: InvoiceID(bits: UInt128(number)), number: numbered.text,
            reference: numbered.reference, buyer: OrganisationID(bits: UInt128(buyer)),
            buyerName: name, open: Money(minorUnits: cents), dueOn: CalendarDate(iso: due))
    }

    static func payment(
        _ cents: Int64, payer: String? = nil, words: String = "", on day: String? = nil
    ) throws -> WaitingPayment {
        WaitingPayment(
            amount: Money(minorUnits: cents), payer: payer, words: words,
            bookedOn: try day.map { try CalendarDate(iso: $0) })
    }

    struct Row: CustomTestStringConvertible {
        let testDescription: String
        var cents: Int64 = 10_000
        var payer: String?
        var words = ""
        var day: String?
        /// Invoices of the first suggestion, and its reasons; none where nothing is suggested.
        let best: [Int64]
        let reasons: [PaymentSuggestion.Reason]
    }

    /// Open: 1 with 100.00, 2 with 40.00, 3 with 60.00 of the first buyer, and 4 with 250.00 of
    /// another.
    static let rows = [
        Row(testDescription: "nothing fits", cents: 77, best: [], reasons: []),
        Row(testDescription: "the amount", best: [1], reasons: [.amountIsOpen]),
        Row(
            testDescription: "the number in the text", cents: 500,
            words: "lasku ak 2026 000004", best: [4], reasons: [.textNamesNumber]),
        Row(
            testDescription: "the number outweighs the amount", words: "AK-2026-000004",
            best: [4], reasons: [.textNamesNumber]),
        Row(
            testDescription: "a digit wrong in the reference", cents: 500, words: "20260000140",
            best: [4], reasons: [.referenceIsNear]),
        Row(
            testDescription: "the payer", cents: 500, payer: "EXAMPLE CLINIC OY", best: [4],
            reasons: [.payerIsBuyer]),
        Row(
            testDescription: "a payer's name that is like it", cents: 25_000,
            payer: "Clinic Example Helsinki", best: [4],
            reasons: [.amountIsOpen, .payerIsLikeBuyer]),
        Row(
            testDescription: "around the due day", payer: "Example Health Centre",
            day: "2026-05-02", best: [1],
            reasons: [.amountIsOpen, .payerIsBuyer, .bookedNearDue]),
        Row(
            testDescription: "a day says nothing alone", cents: 77, day: "2026-04-30", best: [],
            reasons: []),
        Row(
            testDescription: "a sum of two", cents: 14_000, payer: "Example Health Centre",
            best: [1, 2], reasons: [.amountIsSum, .payerIsBuyer]),
        Row(
            testDescription: "a sum of three", cents: 20_000, best: [1, 2, 3],
            reasons: [.amountIsSum]),
        Row(
            testDescription: "never a sum of two buyers", cents: 35_000, best: [], reasons: []),
    ]

    private func open() throws -> [SuggestibleInvoice] {
        try [
            Self.invoice(1, 10_000), Self.invoice(2, 4_000, due: "2026-05-30"),
            Self.invoice(3, 6_000, due: "2026-06-30"),
            Self.invoice(4, 25_000, buyer: 2, name: "Example Clinic Oy", due: "2026-06-30"),
        ]
    }

    @Test(arguments: rows)
    func ranks(row: Row) throws {
        let ranked = PaymentSuggestion.ranked(
            for: try Self.payment(row.cents, payer: row.payer, words: row.words, on: row.day),
            among: try open())
        #expect(ranked.first?.allocations.map { Int64($0.invoice.bits) } ?? [] == row.best)
        #expect(ranked.first?.reasons ?? [] == row.reasons)
        #expect(ranked.map(\.score) == ranked.map(\.score).sorted(by: >))
    }

    /// Whatever the payment and the invoices are: never above the payment, never above what is
    /// open, and the same for invoices in another order.
    @Test(arguments: 1...20 as ClosedRange<UInt64>)
    func suggestsNothingThatCannotBe(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let invoices = try (1...30).map { number in
            try Self.invoice(
                number, .random(in: 1...40, using: &random) * 1000,
                buyer: .random(in: 1...3, using: &random))
        }
        let openOf = Dictionary(uniqueKeysWithValues: invoices.map { ($0.id, $0.open) })
        let payment = try Self.payment(
            .random(in: 1...80, using: &random) * 1000, payer: "Example Health Centre")
        let ranked = PaymentSuggestion.ranked(for: payment, among: invoices)
        #expect(ranked.count <= PaymentSuggestion.most)
        for suggestion in ranked {
            let sum = try Money.sum(of: suggestion.allocations.map(\.amount))
            #expect(sum <= payment.amount)
            #expect(suggestion.allocations.allSatisfy { $0.amount <= openOf[$0.invoice] ?? .zero })
            let named = Set(suggestion.allocations.map(\.invoice))
            #expect(named.count == suggestion.allocations.count)
        }
        let shuffled = invoices.shuffled(using: &random)
        #expect(ranked == PaymentSuggestion.ranked(for: payment, among: shuffled))
    }

    @Test func byHandNothingIsAppliedTwice() throws {
        let id = InvoiceID(bits: 1)
        let amount = try #require(BankAmount(decimal: "100.00", currency: "EUR"))
        let hand = try HandAllocation(
            of: amount, allocated: Money(minorUnits: 4_000), isOpen: true)
        #expect(hand.left == Money(minorUnits: 6_000))
        let settlement = try Settlement(total: Money(minorUnits: 5_000))
        func apply(_ cents: Int64...) throws -> [Settlement] {
            try hand.applying(
                cents.map { Allocation(invoice: id, amount: Money(minorUnits: $0)) },
                to: [id: settlement])
        }
        #expect(try apply(5_000).map(\.state) == [.paid])
        #expect(throws: HandAllocationRefusal.aboveEntry(left: hand.left)) { try apply(6_001) }
        #expect(throws: HandAllocationRefusal.aboveEntry(left: hand.left)) {
            try apply(3_000, 3_001)
        }
        #expect(throws: HandAllocationRefusal.aboveInvoice(id, open: Money(minorUnits: 5_000))) {
            try apply(5_001)
        }
        #expect(throws: HandAllocationRefusal.aboveInvoice(id, open: Money(minorUnits: 2_000))) {
            try apply(3_000, 2_001)
        }
        #expect(throws: HandAllocationRefusal.amountNotPositive) { try apply(0) }
        #expect(throws: HandAllocationRefusal.nothingLeft) {
            try HandAllocation(of: amount, allocated: Money(minorUnits: 10_000), isOpen: true)
        }
        #expect(throws: HandAllocationRefusal.nothingLeft) {
            try HandAllocation(of: amount, allocated: .zero, isOpen: false)
        }
        for (text, currency) in [("100.00", "SEK"), ("1.00001", "EUR")] {
            let other = try #require(BankAmount(decimal: text, currency: currency))
            #expect(throws: HandAllocationRefusal.notOurMoney) {
                try HandAllocation(of: other, allocated: .zero, isOpen: true)
            }
        }
    }
}
