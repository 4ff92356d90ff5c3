import Billing
import MoneyAndTime
import Testing

@Suite struct NettingRoundTests {
    private static func claim(
        _ creditor: Int, from debtor: Int, _ cents: Int64
    ) throws -> NettingClaim {
        try NettingClaim(
            invoice: InvoiceID(bits: UInt128(creditor * 100 + debtor)),
            creditor: organisation(creditor), debtor: organisation(debtor),
            open: Money(minorUnits: cents))
    }

    private static func organisation(_ number: Int) -> OrganisationID {
        OrganisationID(bits: UInt128(number))
    }

    private static func payment(
        _ payer: Int, to payee: Int, _ cents: Int64
    ) -> NetPayment {
        NetPayment(
            payer: organisation(payer), payee: organisation(payee),
            amount: Money(minorUnits: cents))
    }

    @Test func aTriangleOfDebtsNeedsTwoPayments() throws {
        let triangle = try [
            Self.claim(2, from: 1, 100_00), Self.claim(3, from: 2, 80_00),
            Self.claim(1, from: 3, 60_00),
        ]
        let round = try NettingRound(triangle)
        #expect(
            round.figures == [
                Self.organisation(1): Money(minorUnits: -40_00),
                Self.organisation(2): Money(minorUnits: 20_00),
                Self.organisation(3): Money(minorUnits: 20_00),
            ])
        #expect(
            round.payments == [Self.payment(1, to: 2, 20_00), Self.payment(1, to: 3, 20_00)])
        // without the third there is no circle, and what is in none stays out
        #expect(try NettingRound([triangle[0]]).claims.isEmpty)
        let beside = try NettingRound(triangle + [Self.claim(4, from: 1, 7_00)])
        #expect(beside.payments == round.payments && beside.claims == triangle)
    }

    @Test func whatCannotBeAClaimIsRefused() throws {
        #expect(throws: BillingRefusal.amountNotPositive) { try Self.claim(1, from: 2, 0) }
        // with itself
        let own = try NettingRound([Self.claim(1, from: 1, 5)])
        #expect(own.claims.isEmpty && own.payments.isEmpty)
        let most = try [
            Self.claim(1, from: 2, .max), Self.claim(1, from: 3, .max), Self.claim(2, from: 1, 1),
            Self.claim(3, from: 1, 1),
        ]
        #expect(throws: ArithmeticFailure.self) { try NettingRound(most) }
    }

    /// Nobody's position changes, the payments come to the figures, and are fewer than the members.
    private static func holds(_ claims: [NettingClaim]) throws -> Bool {
        let round = try NettingRound(claims)
        let backwards = try NettingRound(claims.reversed())
        var owed: [OrganisationID: Int64] = [:]
        for claim in round.claims {
            owed[claim.creditor, default: 0] += claim.open.minorUnits
            owed[claim.debtor, default: 0] -= claim.open.minorUnits
        }
        for payment in round.payments {
            owed[payment.payee, default: 0] -= payment.amount.minorUnits
            owed[payment.payer, default: 0] += payment.amount.minorUnits
        }
        // each owes somebody and is owed by somebody
        return Set(round.claims.map(\.creditor)) == Set(round.claims.map(\.debtor))
            && owed.values.allSatisfy { $0 == 0 }
            && round.payments.allSatisfy { $0.amount > .zero && $0.payer != $0.payee }
            && round.payments.count <= max(0, round.figures.count - 1)
            && backwards.payments == round.payments
    }

    @Test func nobodysPositionChangesInAnySmallRound() throws {
        let pairs = [(1, 2), (2, 1), (1, 3), (3, 1), (2, 3), (3, 2)]
        for number in 0..<729 {
            var (claims, rest): ([NettingClaim], Int) = ([], number)
            for (creditor, debtor) in pairs {
                if rest % 3 > 0 {
                    claims.append(try Self.claim(creditor, from: debtor, Int64(rest % 3)))
                }
                rest /= 3
            }
            #expect(try Self.holds(claims), "\(number)")
        }
    }

    @Test func nobodysPositionChangesInRandomRounds() throws {
        for seed in 1...2_000 as ClosedRange<UInt64> {
            var random = SplitMix64(seed: seed)
            let members = Int.random(in: 2...12, using: &random)
            let claims = try (0..<Int.random(in: 0...40, using: &random)).compactMap { _ in
                let creditor = Int.random(in: 1...members, using: &random)
                let debtor = Int.random(in: 1...members, using: &random)
                return creditor == debtor
                    ? nil
                    : try Self.claim(creditor, from: debtor, .random(in: 1...500, using: &random))
            }
            #expect(try Self.holds(claims), "\(seed)")
        }
    }
}
