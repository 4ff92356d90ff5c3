import Billing
import MoneyAndTime
import Testing

@Suite struct ReturnedPaymentTests {
    static func transaction(
        _ key: String, _ direction: BankTransaction.Direction = .credit, amount: String = "575.76",
        reference: String? = PaymentTests.reference, endToEnd: String? = nil, code: String? = nil,
        isReversal: Bool = false
    ) throws -> BankTransaction {
        try BankTransaction(
            account: Example.iban(), key: key, direction: direction, isReversal: isReversal,
            amount: #require(BankAmount(decimal: amount, currency: "EUR")), bookedOn: nil,
            reference: reference, endToEndID: endToEnd, returnCode: code)
    }

    private func settled(_ match: PaymentMatch) -> Int64? {
        match.settlement(of: PaymentTests.invoice)?.settled.minorUnits
    }

    @Test func aReturnOpensTheInvoiceAgainOnce() throws {
        var match = try PaymentTests.match()
        let paid = match.match(try Self.transaction("a"))
        #expect(paid == PaymentTests.whole)
        let back = match.match(try Self.transaction("b", .debit, isReversal: true))
        guard case .returned(let payment) = back else {
            Issue.record("\(back)")
            return
        }
        #expect(payment.key == "a")
        #expect(payment.allocations == [PaymentTests.applied(57_576)])
        #expect(settled(match) == 0)
        // the same again is nobody's, and another one finds nothing to take back
        #expect(
            match.match(try Self.transaction("b", .debit, isReversal: true))
                == .notOurs(.repeated))
        #expect(
            match.match(try Self.transaction("c", .debit, isReversal: true))
                == .waiting(.reversal))
        // and it can be paid again
        #expect(match.match(try Self.transaction("d")) == PaymentTests.whole)
    }

    /// Whether `b` takes back `a`.
    @Test(
        arguments: [
            // the payer's own name of the payment decides where both have one
            ("E1", "E1", nil, "575.76", "AC04", true),
            ("E1", "E2", PaymentTests.reference, "575.76", "AC04", false),
            // else the reference
            (nil, "E2", PaymentTests.reference, "575.76", "AC04", true),
            (nil, nil, "1234561", "575.76", "AC04", false),
            (nil, nil, nil, "575.76", "AC04", false),
            // the whole amount alone
            ("E1", "E1", nil, "575.75", "AC04", false),
        ] as [(String?, String?, String?, String, String?, Bool)])
    func onlyWhatIsMeantGoesBack(
        first: String?, second: String?, reference: String?, amount: String, code: String?,
        isTaken: Bool
    ) throws {
        var match = try PaymentTests.match()
        _ = match.match(try Self.transaction("a", endToEnd: first))
        let back = match.match(
            try Self.transaction(
                "b", .debit, amount: amount, reference: reference, endToEnd: second, code: code))
        #expect((back == .waiting(.reversal)) == !isTaken)
        #expect(settled(match) == (isTaken ? 0 : 57_576))
    }

    @Test func twoThatFitWaitForAPerson() throws {
        var match = try PaymentTests.match()
        for key in ["a", "b"] {
            _ = match.match(try Self.transaction(key, amount: "100.00"))
        }
        let back = match.match(
            try Self.transaction("c", .debit, amount: "100.00", isReversal: true))
        #expect(back == .waiting(.reversal))
        #expect(settled(match) == 20_000)
    }

    @Test func ourOwnTransferThatFailedWaits() throws {
        var match = try PaymentTests.match()
        _ = match.match(try Self.transaction("a"))
        #expect(match.match(try Self.transaction("b", code: "AC04")) == .waiting(.reversal))
        #expect(match.match(try Self.transaction("c", .debit)) == .notOurs(.outgoing))
    }

    @Test func settlementsGoBackNoFurtherThanTheyCame() throws {
        var settlement = try Settlement(
            total: Money(minorUnits: 100), settled: Money(minorUnits: 40))
        #expect(throws: BillingRefusal.amountNotPositive) { try settlement.takeBack(.zero) }
        #expect(throws: BillingRefusal.aboveOpenAmount(open: Money(minorUnits: 40))) {
            try settlement.takeBack(Money(minorUnits: 41))
        }
        try settlement.takeBack(Money(minorUnits: 40))
        #expect(settlement.state == .issued)
    }
}
