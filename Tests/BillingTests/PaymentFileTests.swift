import Billing
import MoneyAndTime
import Testing

@Suite struct PaymentFileTests {
    struct Row: CustomTestStringConvertible {
        let testDescription: String
        var isSame = true
        var cents: Int64 = 10_001
        var paysAgain = false
        var isApproved = false
        var isWithdrawn = false
        let refusal: PaymentApprovalRefusal?
    }

    static let limit = Money(minorUnits: 10_000)

    @Test(arguments: [
        Row(testDescription: "within the limit", cents: 10_000, refusal: nil),
        Row(testDescription: "above it", refusal: .secondPersonNeeded(above: limit)),
        Row(testDescription: "above it, by another", isSame: false, refusal: nil),
        Row(
            testDescription: "again", cents: 1, paysAgain: true,
            refusal: .secondPersonNeeded(above: .zero)),
        Row(testDescription: "again, by another", isSame: false, paysAgain: true, refusal: nil),
        Row(
            testDescription: "once more", isSame: false, isApproved: true,
            refusal: .alreadyApproved),
        Row(
            testDescription: "withdrawn", isSame: false, isApproved: true, isWithdrawn: true,
            refusal: .withdrawn),
    ])
    func twoPeopleAboveTheLimit(row: Row) {
        let (first, second) = (MemberID(bits: 1), MemberID(bits: 2))
        let approval = PaymentApproval(
            total: Money(minorUnits: row.cents), proposedBy: first, paysAgain: row.paysAgain,
            isApproved: row.isApproved, isWithdrawn: row.isWithdrawn)
        var refusal: PaymentApprovalRefusal?
        do throws(PaymentApprovalRefusal) {
            try approval.approve(by: row.isSame ? first : second, limit: Self.limit)
        } catch { refusal = error }
        #expect(refusal == row.refusal)
    }

    @Test func answersMovePaymentsForwardOnly() {
        let answer = PaymentAnswer(
            messageID: "A", whole: .init(isAccepted: true),
            byEndToEndID: [
                "B": .init(isAccepted: false, code: "AC04"), "C": .init(isAccepted: nil),
            ])
        func state(_ name: String, _ at: PaymentOrder.State) -> PaymentOrder.State? {
            answer.change(of: name, at: at)?.state
        }
        #expect(state("A", .pending) == .accepted)
        #expect(state("A", .accepted) == nil)
        #expect(state("B", .pending) == .rejected)
        #expect(state("B", .accepted) == .rejected)
        #expect(state("C", .pending) == nil)
        for name in ["A", "B", "C"] {
            #expect(state(name, .rejected) == nil)
            #expect(state(name, .withdrawn) == nil)
        }
    }
}
