import Ledger
import MoneyAndTime
import Testing

@Suite struct BooksTests {
    @Test func aPaidInvoiceLeavesOnlyWhatWasEarned() throws {
        let (net, vat) = try (Example.money("458.77"), Example.money("116.99"))
        let books = try TrialBalance([
            Example.accrual(net), Example.invoicing(net: net, vat: vat),
            Example.payment(net.adding(vat)),
        ])
        func amount(_ book: OrganisationID, _ code: AccountCode) throws -> String {
            let other = book == Example.hospital ? Example.healthCentre : Example.hospital
            let account = Account(book: book, code: code, counterparty: other)
            return try books.balance(of: account).amount.decimal
        }
        #expect(try amount(Example.hospital, .bank) == "575.76")
        #expect(try amount(Example.hospital, .revenue) == "458.77")
        #expect(try amount(Example.hospital, .vatPayable) == "116.99")
        #expect(try amount(Example.hospital, .receivable) == "0.00")
        #expect(try amount(Example.hospital, .unbilledReceivable) == "0.00")
        #expect(try amount(Example.healthCentre, .bank) == "-575.76")
        #expect(try amount(Example.healthCentre, .expense) == "458.77")
        #expect(try amount(Example.healthCentre, .vatDeductible) == "116.99")
        #expect(try amount(Example.healthCentre, .payable) == "0.00")
        #expect(books.isZero)
    }

    /// Random lives of random invoices among four organisations, both ways: each book sums to
    /// zero, every pair agrees, and a balance is the sum of its postings.
    @Test(arguments: 1...20 as ClosedRange<UInt64>)
    func booksAgreeWhateverIsPosted(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        var entries: [JournalEntry] = []
        for number in 1...200 as ClosedRange<UInt128> {
            entries.append(try randomEntry(EntryID(bits: number), entries, using: &random))
        }
        let books = TrialBalance(entries)
        #expect(books.isZero)
        #expect(books.books.count == 4)
        for book in books.books { #expect(books.netDebit(of: book) == 0) }
        let comparisons = try books.comparisons()
        #expect(comparisons.count == 12)
        #expect(comparisons.allSatisfy { $0.agrees })
        for balance in books.balances {
            let own = entries.flatMap(\.postings).filter { $0.account == balance.account }
            #expect(own.netDebit == balance.netDebit)
        }
        // One book's half alone, as its organisation sees it, is zero too.
        let half = entries.flatMap(\.postings).filter { $0.account.book == books.books[0] }
        #expect(TrialBalance(postings: half).isZero)
    }

    private func randomEntry(
        _ id: EntryID, _ earlier: [JournalEntry], using random: inout SplitMix64
    ) throws -> JournalEntry {
        let seller = OrganisationID(bits: .random(in: 1...4, using: &random))
        let step = UInt128.random(in: 1...3, using: &random)
        let buyer = OrganisationID(bits: (seller.bits - 1 + step) % 4 + 1)
        let amount = Money(minorUnits: .random(in: 1...1_000_000_000, using: &random))
        switch Int.random(in: 0...5, using: &random) {
        case 0, 1: return try Example.accrual(amount, id: id, seller: seller, buyer: buyer)
        case 2:
            let vat = Money(minorUnits: .random(in: 0...5000, using: &random))
            return try Example.invoicing(
                net: amount, vat: vat, id: id, seller: seller, buyer: buyer)
        case 3: return try Example.payment(amount, id: id, seller: seller, buyer: buyer)
        case 4:
            let sign: Int64 = Bool.random(using: &random) ? 1 : -1
            let difference = Money(minorUnits: sign * .random(in: 1...99, using: &random))
            return try Example.rounding(difference, id: id, seller: seller, buyer: buyer)
        default:
            let original = earlier.filter { $0.kind != .reversal }.randomElement(using: &random)
            guard let original else {
                return try Example.accrual(amount, id: id, seller: seller, buyer: buyer)
            }
            return try .reversal(id: id, of: original, effectiveOn: Example.day())
        }
    }

    /// The comparison must see what the entries themselves can no longer say.
    @Test func aPostingLostFromOneBookIsSeen() throws {
        let entry = try Example.accrual(Example.money("10.00"))
        let lost = TrialBalance(postings: entry.postings.dropLast())
        #expect(!lost.isZero)
        #expect(lost.netDebit(of: Example.healthCentre) == 1000)
        let comparisons = try lost.comparisons()
        #expect(comparisons.map(\.agrees) == [false])
        #expect(comparisons.first?.lines.first?.sellerClaims.decimal == "10.00")
        #expect(comparisons.first?.lines.first?.buyerOwes.decimal == "0.00")
    }

    @Test func aBalanceThatDoesNotFitIsAnError() throws {
        let most = Money(minorUnits: .max)
        let books = try TrialBalance([
            Example.accrual(most), Example.accrual(most, id: EntryID(bits: 11)),
        ])
        #expect(books.isZero)
        let account = Account(
            book: Example.hospital, code: .revenue, counterparty: Example.healthCentre)
        #expect(throws: ArithmeticFailure.overflow) { try books.balance(of: account).amount }
        #expect(throws: ArithmeticFailure.overflow) { try books.comparisons() }
    }

    @Test func accountsSortByBookCounterpartyAndChart() throws {
        let entry = try Example.invoicing(net: Example.money("1"), vat: Example.money("1"))
        let accounts = TrialBalance([entry]).balances.map(\.account)
        #expect(accounts == accounts.sorted())
        #expect(
            accounts.map(\.code) == [
                .unbilledReceivable, .receivable, .vatPayable, .unbilledPayable, .payable,
                .vatDeductible,
            ])
    }
}
