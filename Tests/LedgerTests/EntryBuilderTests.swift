import Ledger
import MoneyAndTime
import Testing

@Suite struct EntryBuilderTests {
    @Test func accrualEarnsAndOwes() throws {
        let entry = try Example.accrual(Example.money("458.77"))
        #expect(
            Example.written(entry) == [
                "seller debit unbilled_receivable 458.77", "seller credit revenue 458.77",
                "buyer debit expense 458.77", "buyer credit unbilled_payable 458.77",
            ])
        #expect(entry.subject == .charge(ChargeID(bits: 10)))
    }

    @Test func invoicingMovesTheNetAndAddsTheVAT() throws {
        let entry = try Example.invoicing(
            net: Example.money("458.77"), vat: Example.money("116.99"))
        #expect(
            Example.written(entry) == [
                "seller debit receivable 575.76", "seller credit unbilled_receivable 458.77",
                "seller credit vat_payable 116.99", "buyer debit unbilled_payable 458.77",
                "buyer debit vat_deductible 116.99", "buyer credit payable 575.76",
            ])
    }

    @Test func invoicingWithoutVATHasNoVATPosting() throws {
        let entry = try Example.invoicing(net: Example.money("61.20"), vat: .zero)
        #expect(
            Example.written(entry) == [
                "seller debit receivable 61.20", "seller credit unbilled_receivable 61.20",
                "buyer debit unbilled_payable 61.20", "buyer credit payable 61.20",
            ])
    }

    @Test func creditTakesBackWhatWasEarnedAndTaxed() throws {
        let entry = try JournalEntry.credit(
            id: EntryID(bits: 14), creditNote: CreditNoteID(bits: 40),
            net: Example.money("100.00"), vat: Example.money("25.50"), seller: Example.hospital,
            buyer: Example.healthCentre, effectiveOn: Example.day())
        #expect(
            Example.written(entry) == [
                "seller credit receivable 125.50", "seller debit revenue 100.00",
                "seller debit vat_payable 25.50", "buyer debit payable 125.50",
                "buyer credit expense 100.00", "buyer credit vat_deductible 25.50",
            ])
        #expect(throws: LedgerRefusal.notReversible(entry.id)) {
            try JournalEntry.reversal(
                id: EntryID(bits: 15), of: entry, effectiveOn: Example.day())
        }
    }

    @Test func whatIsGivenUpIsLostAndForgiven() throws {
        let entry = try JournalEntry.writeOff(
            id: EntryID(bits: 16), invoice: Example.invoice, writeOff: WriteOffID(bits: 50),
            amount: Example.money("12.50"), seller: Example.hospital,
            buyer: Example.healthCentre, effectiveOn: Example.day())
        #expect(
            Example.written(entry) == [
                "seller debit credit_loss 12.50", "seller credit receivable 12.50",
                "buyer debit payable 12.50", "buyer credit debt_forgiven 12.50",
            ])
        #expect(throws: LedgerRefusal.notReversible(entry.id)) {
            try JournalEntry.reversal(
                id: EntryID(bits: 17), of: entry, effectiveOn: Example.day())
        }
    }

    @Test func whatIsPaidBackIsAPaymentTheOtherWayRound() throws {
        let entry = try JournalEntry.refund(
            id: EntryID(bits: 16), invoice: Example.invoice, refund: RefundID(bits: 51),
            amount: Example.money("12.50"), seller: Example.hospital,
            buyer: Example.healthCentre, effectiveOn: Example.day())
        #expect(
            Example.written(entry) == [
                "seller debit receivable 12.50", "seller credit bank 12.50",
                "buyer debit bank 12.50", "buyer credit payable 12.50",
            ])
        #expect(throws: LedgerRefusal.notReversible(entry.id)) {
            try JournalEntry.reversal(
                id: EntryID(bits: 17), of: entry, effectiveOn: Example.day())
        }
    }

    @Test func whatIsCreditedOfItIsNotLostAnyMore() throws {
        let entry = try JournalEntry.writeOffCut(
            id: EntryID(bits: 16), creditNote: CreditNoteID(bits: 5),
            amount: Example.money("12.50"), seller: Example.hospital,
            buyer: Example.healthCentre, effectiveOn: Example.day())
        #expect(
            Example.written(entry) == [
                "seller debit receivable 12.50", "seller credit credit_loss 12.50",
                "buyer debit debt_forgiven 12.50", "buyer credit payable 12.50",
            ])
        #expect(throws: LedgerRefusal.notReversible(entry.id)) {
            try JournalEntry.reversal(
                id: EntryID(bits: 17), of: entry, effectiveOn: Example.day())
        }
    }

    @Test func aRoundOfNettingPassesOnWhatItSetsOff() throws {
        let (hospital, centre) = (Example.hospital, Example.healthCentre)
        let amount = try Example.money("36.00")
        let entries = try [
            JournalEntry.setOff(
                id: EntryID(bits: 18), invoice: Example.invoice, round: NettingRoundID(bits: 8),
                amount: amount, seller: hospital, buyer: centre, effectiveOn: Example.day()),
            JournalEntry.netClaim(
                id: EntryID(bits: 19), payment: NetPaymentID(bits: 9), amount: amount,
                payee: hospital, payer: centre, effectiveOn: Example.day()),
            JournalEntry.netPayment(
                id: EntryID(bits: 20), payment: NetPaymentID(bits: 9),
                bankEntry: Example.bankEntry, amount: amount, payee: hospital, payer: centre,
                effectiveOn: Example.day()),
        ]
        #expect(
            entries.map(Example.written) == [
                [
                    "seller debit clearing 36.00", "seller credit receivable 36.00",
                    "buyer debit payable 36.00", "buyer credit clearing 36.00",
                ],
                [
                    "seller debit clearing_receivable 36.00", "seller credit clearing 36.00",
                    "buyer debit clearing 36.00", "buyer credit clearing_payable 36.00",
                ],
                [
                    "seller debit bank 36.00", "seller credit clearing_receivable 36.00",
                    "buyer debit clearing_payable 36.00", "buyer credit bank 36.00",
                ],
            ])
        for entry in entries {
            #expect(throws: LedgerRefusal.notReversible(entry.id)) {
                try JournalEntry.reversal(
                    id: EntryID(bits: 21), of: entry, effectiveOn: Example.day())
            }
        }
    }

    @Test func paymentStandsInBothBooks() throws {
        #expect(
            try Example.written(Example.payment(Example.money("575.76"))) == [
                "seller debit bank 575.76", "seller credit receivable 575.76",
                "buyer debit payable 575.76", "buyer credit bank 575.76",
            ])
    }

    @Test(arguments: [
        (
            "0.16",
            [
                "seller debit unbilled_receivable 0.16", "seller credit rounding 0.16",
                "buyer debit rounding 0.16", "buyer credit unbilled_payable 0.16",
            ]
        ),
        (
            "-0.16",
            [
                "seller credit unbilled_receivable 0.16", "seller debit rounding 0.16",
                "buyer credit rounding 0.16", "buyer debit unbilled_payable 0.16",
            ]
        ),
    ])
    func roundingGoesBothWays(difference: String, postings: [String]) throws {
        let entry = try Example.rounding(Example.money(difference))
        #expect(Example.written(entry) == postings)
    }

    @Test func reversalMirrorsItsOriginalExactly() throws {
        let amount = try Example.money("12.34")
        let originals = try [
            Example.accrual(amount), Example.accrual(amount.negated()),
            Example.invoicing(net: amount, vat: amount),
            Example.payment(amount), Example.rounding(amount), Example.rounding(amount.negated()),
            JournalEntry.lateInterest(
                id: EntryID(bits: 12), interest: LateInterestID(bits: 5), amount: amount,
                seller: Example.hospital, buyer: Example.healthCentre,
                effectiveOn: Example.day()),
        ]
        for original in originals {
            let reversal = try JournalEntry.reversal(
                id: EntryID(bits: 99), of: original, effectiveOn: Example.day())
            #expect(reversal.postings == original.postings.map(\.reversed))
            #expect(reversal.subject == .entry(original.id))
            #expect(TrialBalance([original, reversal]).balances.allSatisfy { $0.netDebit == 0 })
            #expect(throws: LedgerRefusal.notReversible(reversal.id)) {
                try JournalEntry.reversal(
                    id: EntryID(bits: 100), of: reversal, effectiveOn: Example.day())
            }
        }
    }

    @Test func nothingIsNotPosted() throws {
        #expect(throws: LedgerRefusal.amountNotPositive(.unbilledReceivable)) {
            try Example.accrual(.zero)
        }
        #expect(throws: LedgerRefusal.amountNotPositive(.unbilledReceivable)) {
            try Example.rounding(.zero)
        }
        #expect(throws: LedgerRefusal.amountNotPositive(.bank)) { try Example.payment(.zero) }
        #expect(throws: LedgerRefusal.amountNotPositive(.bank)) {
            try Example.payment(Money(minorUnits: -1))
        }
    }

    @Test func overflowIsAnError() {
        let most = Money(minorUnits: .max)
        #expect(throws: ArithmeticFailure.overflow) {
            try Example.invoicing(net: most, vat: Money(minorUnits: 1))
        }
        #expect(throws: ArithmeticFailure.overflow) {
            try Example.rounding(Money(minorUnits: .min))
        }
    }

    @Test func subjectsAreReadBack() throws {
        let kinds: [(EntryKind, EntrySubject)] = [
            (.accrual, .charge(ChargeID(bits: 1))),
            (.compensation, .charge(ChargeID(bits: 1))), (.invoicing, .invoice(Example.invoice)),
            (.payment, .payment(Example.invoice, Example.bankEntry)),
            (.rounding, .invoice(Example.invoice)), (.reversal, .entry(EntryID(bits: 4))),
            (.credit, .creditNote(CreditNoteID(bits: 5))),
            (.lateInterest, .interest(LateInterestID(bits: 6))),
            (.writeOff, .writeOff(Example.invoice, WriteOffID(bits: 7))),
            (.writeOffCut, .creditNote(CreditNoteID(bits: 5))),
            (.refund, .refund(Example.invoice, RefundID(bits: 8))),
            (.setOff, .setOff(Example.invoice, NettingRoundID(bits: 8))),
            (.netClaim, .netClaim(NetPaymentID(bits: 9))),
            (.netPayment, .netPayment(NetPaymentID(bits: 9), Example.bankEntry)),
            (.internalCharge, .internalCharge(InternalChargeID(bits: 10))),
        ]
        #expect(Set(kinds.map(\.0)) == Set(EntryKind.allCases))
        for (kind, subject) in kinds {
            #expect(EntrySubject(subject.text, of: kind) == subject)
            #expect(EntrySubject(subject.text + "x", of: kind) == nil)
            #expect(EntrySubject("", of: kind) == nil)
        }
        #expect(EntrySubject(EntrySubject.invoice(Example.invoice).text, of: .accrual) == nil)
    }
}
