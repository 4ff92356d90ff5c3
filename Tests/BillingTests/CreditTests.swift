import Billing
import MoneyAndTime
import Testing

@Suite struct CreditTests {
    private static func money(_ cents: Int64) -> Money { Money(minorUnits: cents) }

    /// Two visits of 458.77 and 41.71 at 25.5 % VAT: 127.62 on 500.48.
    private static func invoice(
        credited: [Int64] = [0, 0], tax: Int64 = 0
    ) throws -> CreditedInvoice {
        let lines = try InvoiceLine.lines(
            for: [
                Example.charge(1, lines: [Example.line(minutes: 187)]),
                Example.charge(2, lines: [Example.line(minutes: 17)]),
            ], vat: Example.taxed())
        return try CreditedInvoice(
            id: InvoiceID(bits: 1), number: "EH-2026-000001",
            issuedOn: CalendarDate(iso: "2026-04-01"), contract: Example.contract,
            buyerReference: "COST-77", orderReference: nil, vat: Example.taxed(),
            tax: money(12_762), creditedTax: money(tax),
            lines: zip(lines, credited).enumerated().map { index, pair in
                .init(number: Int64(index + 1), line: pair.0, credited: money(pair.1))
            })
    }

    @Test func wholeIsTheInvoiceAsItWas() throws {
        let invoice = try Self.invoice()
        let credit = try Credit(of: invoice, nil)
        #expect(credit.lines.map(\.line) == invoice.lines.map(\.line))
        #expect(credit.net.decimal == "500.48")
        #expect(credit.vat.decimal == "127.62")
        #expect(credit.total.decimal == "628.10")
    }

    @Test func anAmountIsTakenFromTheFirstLineOn() throws {
        let invoice = try Self.invoice(credited: [45_000, 0])
        let parts = try invoice.parts(net: Self.money(900))
        #expect(parts.map(\.number) == [1, 2] && parts.map(\.net.minorUnits) == [877, 23])
        #expect(try invoice.parts(net: Self.money(5_048)).map(\.net.minorUnits) == [877, 4_171])
        #expect(throws: BillingRefusal.aboveRemaining(Self.money(5_048))) {
            try invoice.parts(net: Self.money(5_049))
        }
    }

    @Test func aPartIsOnePieceAtItsAmount() throws {
        let credit = try Credit(of: Self.invoice(), [.init(number: 1, net: Self.money(10_000))])
        #expect(credit.lines[0].line.quantity == .one)
        #expect(credit.lines[0].line.net.decimal == "100.00")
        #expect(credit.vat.decimal == "25.50")
    }

    /// Three parts of 1.50, 1.50 and the rest: VAT of the last is what is left of the invoice's,
    /// and not the sixteenth part of a cent's rounding.
    @Test func theLastTakesWhatRemains() throws {
        var credited: [Int64] = [0, 0]
        var tax: Int64 = 0
        for _ in 0..<2 {
            let part = try Credit(
                of: Self.invoice(credited: credited, tax: tax),
                [.init(number: 2, net: Self.money(150))])
            #expect(part.vat.decimal == "0.38")
            credited[1] += 150
            tax += 38
        }
        let rest = try Credit(of: Self.invoice(credited: credited, tax: tax), nil)
        #expect(rest.net.decimal == "497.48")
        #expect(rest.vat.minorUnits == 12_762 - 76)
        let over = try Self.invoice(credited: [45_877, 4_171], tax: 12_762)
        #expect(throws: BillingRefusal.nothingRemains) { try Credit(of: over, nil) }
    }

    @Test func neverAboveWhatRemains() throws {
        let invoice = try Self.invoice(credited: [45_000, 0], tax: 11_475)
        let left = BillingRefusal.aboveRemaining(Self.money(877))
        let rows: [(Int64, Int64, BillingRefusal)] = [
            (1, 878, left), (1, 0, left), (1, -1, left), (3, 1, .nothingRemains),
            (2, 4_172, .aboveRemaining(Self.money(4_171))),
        ]
        for (number, cents, refusal) in rows {
            #expect(throws: refusal) {
                try Credit(of: invoice, [.init(number: number, net: Self.money(cents))])
            }
        }
        let twice: [Credit.Part] = [
            .init(number: 2, net: Self.money(1)), .init(number: 2, net: Self.money(1)),
        ]
        #expect(throws: BillingRefusal.nothingRemains) { try Credit(of: invoice, twice) }
        #expect(throws: BillingRefusal.nothingRemains) { try Credit(of: invoice, []) }
    }

    /// A credit note takes what is open, then what was given up, then what was paid.
    @Test func aCreditNoteCutsWhatWasGivenUp() throws {
        // of 100: paid, given up, credited now: cut, open, owed back
        let rows: [(Int64, Int64, Int64, Int64, Int64, Int64, InvoiceState)] = [
            (50, 20, 30, 0, 0, 0, .writtenOff), (50, 20, 29, 0, 1, 0, .partlyPaid),
            (50, 20, 31, 1, 0, 0, .writtenOff), (50, 20, 50, 20, 0, 0, .paid),
            (50, 20, 51, 20, 0, 1, .paid), (50, 20, 100, 20, 0, 50, .credited),
            (0, 100, 100, 100, 0, 0, .credited), (0, 12, 100, 12, 0, 0, .credited),
        ]
        for (settled, writtenOff, amount, cut, open, back, state) in rows {
            var settlement = try Settlement(
                total: Self.money(100), settled: Self.money(settled),
                writtenOff: Self.money(writtenOff))
            #expect(try settlement.credit(Self.money(amount)) == Self.money(cut))
            #expect(settlement.credited == Self.money(amount) && settlement.state == state)
            #expect(settlement.writtenOff == Self.money(writtenOff - cut))
            #expect(settlement.open == Self.money(open))
            #expect(settlement.owedBack == Self.money(back) && back <= settled)
            // what it is now can be stored and read again
            #expect(
                try Settlement(
                    total: settlement.total, settled: settlement.settled,
                    credited: settlement.credited, writtenOff: settlement.writtenOff)
                    == settlement)
        }
        var rest = try Settlement(
            total: Self.money(100), credited: Self.money(90), writtenOff: Self.money(10))
        for (amount, refusal) in [
            (11, BillingRefusal.aboveRemaining(Self.money(10))), (0, .amountNotPositive),
        ] as [(Int64, BillingRefusal)] {
            #expect(throws: refusal) { try rest.credit(Self.money(amount)) }
        }
    }

    @Test func whatIsGivenUpIsNotOpen() throws {
        func settlement(
            _ settled: Int64, _ credited: Int64, _ writtenOff: Int64
        ) throws -> Settlement {
            try Settlement(
                total: Self.money(100), settled: Self.money(settled),
                credited: Self.money(credited), writtenOff: Self.money(writtenOff))
        }
        // paid, credited, given up: open, owed back, creditable
        let rows: [(Int64, Int64, Int64, Int64, Int64, Int64, InvoiceState)] = [
            (0, 0, 30, 70, 0, 100, .issued), (50, 10, 30, 10, 0, 90, .partlyPaid),
            (70, 0, 30, 0, 0, 100, .writtenOff), (0, 0, 100, 0, 0, 100, .writtenOff),
            (70, 60, 30, 0, 60, 40, .writtenOff), (100, 100, 0, 0, 100, 0, .credited),
        ]
        for (settled, credited, writtenOff, open, back, creditable, state) in rows {
            let found = try settlement(settled, credited, writtenOff)
            #expect(found.open == Self.money(open) && found.owedBack == Self.money(back))
            #expect(found.creditable == Self.money(creditable) && found.state == state)
        }
        #expect(throws: BillingRefusal.aboveOpenAmount(open: Self.money(100))) {
            try settlement(0, 50, 51)
        }
        #expect(throws: BillingRefusal.amountNotPositive) { try settlement(0, 0, -1) }
        var rest = try settlement(50, 10, 10)
        for (amount, refusal) in [
            (31, BillingRefusal.aboveRemaining(Self.money(30))), (0, .amountNotPositive),
        ] as [(Int64, BillingRefusal)] {
            #expect(throws: refusal) { try rest.writeOff(Self.money(amount)) }
        }
        try rest.writeOff(Self.money(30))
        #expect(rest.writtenOff == Self.money(40) && rest.state == .writtenOff)
        #expect(throws: BillingRefusal.nothingRemains) { try rest.writeOff(Self.money(1)) }
        #expect(throws: BillingRefusal.invoiceIs(.writtenOff)) { try rest.apply(Self.money(1)) }
        // what the bank takes back is open again, and what was given up is not
        try rest.takeBack(Self.money(50))
        #expect(rest.open == Self.money(50) && rest.state == .issued)
    }

    @Test func whatIsPaidBackIsOwedNoMore() throws {
        var settlement = try Settlement(
            total: Self.money(100), settled: Self.money(100), credited: Self.money(30))
        for (amount, refusal) in [
            (31, BillingRefusal.aboveRemaining(Self.money(30))), (0, .amountNotPositive),
        ] as [(Int64, BillingRefusal)] {
            #expect(throws: refusal) { try settlement.refund(Self.money(amount)) }
        }
        try settlement.refund(Self.money(20))
        #expect(settlement.owedBack == Self.money(10) && settlement.refunded == Self.money(20))
        try settlement.refund(Self.money(10))
        #expect(settlement.owedBack == Self.money(0) && settlement.state == .paid)
        #expect(throws: BillingRefusal.nothingRemains) { try settlement.refund(Self.money(1)) }
        // the bank takes the payment back after all: what went back is open with it
        try settlement.takeBack(Self.money(100))
        #expect(settlement.open == Self.money(100))
        try settlement.apply(Self.money(100))
        #expect(settlement.open == Self.money(0) && settlement.owedBack == Self.money(0))
        #expect(throws: BillingRefusal.amountNotPositive) {
            try Settlement(total: Self.money(100), refunded: Self.money(-1))
        }
        #expect(throws: BillingRefusal.aboveOpenAmount(open: Self.money(100))) {
            try Settlement(total: Self.money(100), refunded: Self.money(101))
        }
    }

    @Test func whatIsOpenIsNeitherPaidNorCredited() throws {
        func settlement(_ settled: Int64, _ credited: Int64) throws -> Settlement {
            try Settlement(
                total: Self.money(100), settled: Self.money(settled),
                credited: Self.money(credited))
        }
        let rows: [(Int64, Int64, Int64, Int64, InvoiceState)] = [
            (0, 30, 70, 0, .issued), (50, 30, 20, 0, .partlyPaid), (70, 30, 0, 0, .paid),
            (100, 30, 0, 30, .paid), (0, 100, 0, 0, .credited), (100, 100, 0, 100, .credited),
        ]
        for (settled, credited, open, back, state) in rows {
            let settlement = try settlement(settled, credited)
            #expect(settlement.open == Self.money(open))
            #expect(settlement.owedBack == Self.money(back))
            #expect(settlement.state == state)
        }
        #expect(throws: BillingRefusal.aboveOpenAmount(open: Self.money(100))) {
            try settlement(0, 101)
        }
        var rest = try settlement(0, 30)
        #expect(throws: BillingRefusal.aboveOpenAmount(open: Self.money(70))) {
            try rest.apply(Self.money(71))
        }
        try rest.apply(Self.money(70))
        #expect(rest.state == .paid)
    }
}
