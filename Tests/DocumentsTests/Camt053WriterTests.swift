import Billing
import Documents
import Foundation
import MoneyAndTime
import Testing

@Suite struct Camt053WriterTests {
    private func now() throws -> Instant { try Instant(rfc3339: "2026-04-21T05:00:00Z") }

    @Test(arguments: Camt053Writer.Version.allCases)
    func whatIsWrittenIsRead(version: Camt053Writer.Version) throws {
        let file = BankFile(messageID: "M1", statements: [try Example.statement()])
        let bytes = try Camt053Writer(version: version, createdAt: now()).write(file)
        #expect(try Camt053Reader().read(bytes) == file)
        #expect(file.statements[0].unreconciled == 0)
        let folder = UBLInvoiceTests.output.appending(path: "bank")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try Data(bytes).write(to: folder.appending(path: "\(version.rawValue).xml"))
    }

    @Test(arguments: 1...20 as ClosedRange<UInt64>)
    func everythingIsReadBack(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let day = try CalendarDate(iso: "2026-04-20")
        let texts = ["Ä & <B>", "a\u{301} \"x\"", "20260000422", "ilman viitettä"]
        func amount() -> BankAmount {
            BankAmount(
                hundredThousandths: .random(in: 0...100_000_000_000, using: &random),
                currency: "EUR")
        }
        let entries = (0..<30).map { number in
            BankEntry(
                amount: amount(), direction: Bool.random(using: &random) ? .credit : .debit,
                isReversal: Bool.random(using: &random),
                status: Bool.random(using: &random) ? .booked : .pending, bookedOn: day,
                servicerReference: Bool.random(using: &random) ? "R\(number)" : nil,
                batchCount: Bool.random(using: &random) ? 2 : nil,
                details: (0..<Int.random(in: 0...3, using: &random)).map { _ in
                    .init(
                        amount: amount(), endToEndID: "E\(number)",
                        references: Bool.random(using: &random) ? ["1234561"] : [],
                        message: texts.randomElement(using: &random),
                        counterpartyName: texts.randomElement(using: &random))
                },
                information: texts.randomElement(using: &random))
        }
        let statement = try BankStatement(
            id: "S", account: Example.iban(), opening: Money(minorUnits: 5), on: day,
            entries: entries)
        let file = BankFile(messageID: "M", statements: [statement, statement])
        for version in Camt053Writer.Version.allCases {
            let bytes = try Camt053Writer(version: version, createdAt: now()).write(file)
            let read = try Camt053Reader().read(bytes)
            #expect(read.statements.map(\.entries) == [entries, entries])
            #expect(read.statements[0].unreconciled == 0)
        }
    }

    /// The reader's payment settles the invoice that the UBL document asked to be paid.
    @Test func aPaymentFindsItsInvoice() throws {
        let invoice = try Example.taxedInvoice()
        let bytes = try Camt053Writer(createdAt: now()).write(
            BankFile(messageID: "M1", statements: [Example.statement()]))
        var match = try PaymentMatch(
            accounts: [Example.iban()],
            invoices: [
                PayableInvoice(
                    id: invoice.id, reference: invoice.reference, iban: invoice.iban,
                    settlement: Settlement(total: invoice.total))
            ])
        let results = try Camt053Reader().read(bytes).transactions.map { match.match($0) }
        #expect(results == [.matched(Allocation(invoice: invoice.id, amount: invoice.total))])
        let again = try Camt053Reader().read(bytes).transactions.map { match.match($0) }
        #expect(again == [.notOurs(.repeated)])
    }

    @Test func refusesWhatTheSchemaRefuses() throws {
        let writer = try Camt053Writer(createdAt: now())
        let good = try Example.statement()
        let long = String(repeating: "x", count: 36)
        for id in [nil, "", long] {
            #expect(throws: Camt053Writer.Failure.idMissingOrTooLong) {
                try writer.write(BankFile(messageID: id, statements: [good]))
            }
            let statement = BankStatement(
                id: id, account: good.account, balances: good.balances, entries: [])
            #expect(throws: Camt053Writer.Failure.idMissingOrTooLong) {
                try writer.write(BankFile(messageID: "M", statements: [statement]))
            }
        }
        let empty = BankStatement(id: "S", account: good.account, balances: [], entries: [])
        #expect(throws: Camt053Writer.Failure.balanceIncomplete) {
            try writer.write(BankFile(messageID: "M", statements: [empty]))
        }
    }

    @Test func closingBalanceIsComputedAndMayBeADebt() throws {
        let day = try CalendarDate(iso: "2026-04-20")
        let out = try BankEntry(
            amount: BankAmount(Money(decimal: "10.00")), direction: .debit, bookedOn: day)
        let statement = try BankStatement(
            id: "S", account: Example.iban(), opening: Money(decimal: "4.00"), on: day,
            entries: [out])
        #expect(statement.balances.map(\.amount.decimal) == ["4.00", "6.00"])
        #expect(statement.balances.map(\.direction) == [.credit, .debit])
        #expect(statement.unreconciled == 0)
        #expect(throws: ArithmeticFailure.overflow) {
            try BankStatement(
                id: "S", account: Example.iban(), opening: Money(minorUnits: .max), on: day,
                entries: [])
        }
        let wrong = BankStatement(
            id: "S", account: statement.account, balances: statement.balances, entries: [])
        #expect(wrong.unreconciled == 1_000_000)
    }
}
