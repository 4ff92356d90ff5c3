import Ledger
import MoneyAndTime
import Testing

/// What an entry refuses, one row for each refusal.
@Suite struct JournalEntryTests {
    struct Attack: CustomTestStringConvertible {
        let testDescription: String
        let refusal: LedgerRefusal
        var kind = EntryKind.payment
        var buyer = Example.healthCentre
        var subject = EntrySubject.payment(Example.invoice, Example.bankEntry)
        let postings: [Posting]
    }

    /// A payment of 1.00, whole.
    static let seller = [
        Example.seller(.debit, .bank, 100), Example.seller(.credit, .receivable, 100),
    ]
    static let buyer = [Example.buyer(.debit, .payable, 100), Example.buyer(.credit, .bank, 100)]

    static let attacks = [
        Attack(testDescription: "no postings", refusal: .empty, postings: []),
        Attack(
            testDescription: "one organisation on both sides", refusal: .oneBook,
            buyer: Example.hospital, postings: seller + buyer),
        Attack(
            testDescription: "a subject of another kind", refusal: .wrongSubject(.payment),
            subject: .invoice(Example.invoice), postings: seller + buyer),
        Attack(
            testDescription: "only the seller's book", refusal: .bookMissing(.buyer),
            postings: seller),
        Attack(
            testDescription: "only the buyer's book", refusal: .bookMissing(.seller),
            postings: buyer),
        Attack(
            testDescription: "an amount of zero", refusal: .amountNotPositive(.bank),
            postings: [Example.seller(.debit, .bank, 0)] + buyer),
        Attack(
            testDescription: "an amount below zero", refusal: .amountNotPositive(.bank),
            postings: [Example.seller(.debit, .bank, -100)] + buyer),
        Attack(
            testDescription: "a stranger's book", refusal: .foreignBook(Example.stranger),
            postings: seller + buyer + [
                Example.posting(
                    Example.stranger, .debit, .bank, 100, with: Example.hospital)
            ]),
        Attack(
            testDescription: "a stranger as counterparty", refusal: .foreignBook(Example.stranger),
            postings: buyer + [
                Example.posting(Example.hospital, .debit, .bank, 100, with: Example.stranger)
            ]),
        Attack(
            testDescription: "itself as counterparty", refusal: .foreignBook(Example.hospital),
            postings: buyer + [
                Example.posting(Example.hospital, .debit, .bank, 100, with: Example.hospital)
            ]),
        Attack(
            testDescription: "an account that the kind does not touch",
            refusal: .notAllowed(.payment, .seller, .revenue, .credit),
            postings: [Example.seller(.debit, .bank, 100), Example.seller(.credit, .revenue, 100)]
                + buyer),
        Attack(
            testDescription: "an account on the wrong side",
            refusal: .notAllowed(.payment, .seller, .receivable, .debit),
            postings: [Example.seller(.debit, .receivable, 100)] + buyer),
        Attack(
            testDescription: "the buyer's account in the seller's book",
            refusal: .notAllowed(.payment, .seller, .payable, .debit),
            postings: [Example.seller(.debit, .payable, 100)] + buyer),
        Attack(
            testDescription: "a seller's book that does not balance",
            refusal: .unbalanced(.seller),
            postings: [
                Example.seller(.debit, .bank, 101), Example.seller(.credit, .receivable, 100),
            ] + buyer),
        Attack(
            testDescription: "a buyer's book that does not balance", refusal: .unbalanced(.buyer),
            postings: seller + [Example.buyer(.debit, .payable, 100)]),
        Attack(
            testDescription: "books that balance and disagree", refusal: .mirrorBroken(.receivable),
            postings: seller + [
                Example.buyer(.debit, .payable, 99), Example.buyer(.credit, .bank, 99),
            ]),
        Attack(
            testDescription: "sums that only agree when 64 bits wrap",
            refusal: .unbalanced(.seller),
            postings: [
                Example.seller(.debit, .bank, .max), Example.seller(.debit, .bank, .max),
                Example.seller(.debit, .bank, 2),
            ] + buyer),
        Attack(
            testDescription: "a reversal of an account that was never allowed",
            refusal: .notAllowed(.reversal, .seller, .vatPayable, .credit), kind: .reversal,
            subject: .entry(EntryID(bits: 1)),
            postings: [
                Example.seller(.credit, .vatPayable, 100),
                Example.seller(.debit, .receivable, 100),
            ] + buyer),
    ]

    @Test(arguments: attacks)
    func refuses(attack: Attack) {
        #expect(throws: attack.refusal) {
            try JournalEntry(
                id: EntryID(bits: 1), kind: attack.kind, seller: Example.hospital,
                buyer: attack.buyer, effectiveOn: Example.day(), subject: attack.subject,
                postings: attack.postings)
        }
    }

    @Test func takesThePaymentThatTheAttacksBend() throws {
        let entry = try JournalEntry(
            id: EntryID(bits: 1), kind: .payment, seller: Example.hospital,
            buyer: Example.healthCentre, effectiveOn: Example.day(),
            subject: .payment(Example.invoice, Example.bankEntry),
            postings: JournalEntryTests.seller + JournalEntryTests.buyer)
        #expect(entry.party(of: Example.hospital) == .seller)
        #expect(entry.party(of: Example.healthCentre) == .buyer)
        #expect(entry.party(of: Example.stranger) == nil)
    }

    @Test func everyAllowedClaimHasItsMirrorAllowed() {
        for kind in EntryKind.allCases {
            for use in kind.allowed {
                guard let mirror = use.account.mirror else { continue }
                let other: EntryParty = use.party == .seller ? .buyer : .seller
                let isAllowed = kind.allowed.contains {
                    ($0.party, $0.account, $0.side) == (other, mirror, use.side.opposite)
                }
                #expect(isAllowed, "\(kind) \(use)")
            }
        }
        for code in AccountCode.allCases {
            guard let mirror = code.mirror else { continue }
            #expect(mirror.mirror == code)
            #expect(mirror.normalSide == code.normalSide.opposite)
        }
    }
}
