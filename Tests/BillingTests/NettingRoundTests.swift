import Billing
import MoneyAndTime
import Testing

@Suite struct NettingRoundTests {
    private static func organisations(_ count: Int) throws -> [OrganisationID] {
        try (1...count).map { number in
            let digits = String(number)
            return try OrganisationID(
                uuid: "01890000-0000-7000-8000-"
                    + String(repeating: "0", count: 12 - digits.count) + digits)
        }
    }

    private static func claim(
        _ creditor: OrganisationID, from debtor: OrganisationID, _ cents: Int64,
        _ random: inout SplitMix64
    ) throws -> NettingClaim {
        try NettingClaim(
            invoice: InvoiceID(at: Instant(microseconds: 0), using: &random), creditor: creditor,
            debtor: debtor, open: Money(minorUnits: cents))
    }

    @Test func aTriangleOfDebtsNeedsTwoPayments() throws {
        var random = SplitMix64(seed: 1)
        let (a, b, c) = try (
            Self.organisations(3)[0], Self.organisations(3)[1], Self.organisations(3)[2]
        )
        let round = try NettingRound(
            members: [a, b, c],
            claims: [
                Self.claim(b, from: a, 100_00, &random), Self.claim(c, from: b, 80_00, &random),
                Self.claim(a, from: c, 60_00, &random),
            ])
        #expect(
            round.figures == [
                a: Money(minorUnits: -40_00), b: Money(minorUnits: 20_00),
                c: Money(minorUnits: 20_00),
            ])
        #expect(
            round.payments == [
                NetPayment(payer: a, payee: b, amount: Money(minorUnits: 20_00)),
                NetPayment(payer: a, payee: c, amount: Money(minorUnits: 20_00)),
            ])
        #expect(round.claims(of: a).count == 2)
        // without one of them, the claim between the other two is all there is
        let shrunk = try round.shrunk(to: [a, b])
        #expect(
            shrunk.payments == [NetPayment(payer: a, payee: b, amount: Money(minorUnits: 100_00))])
    }

    @Test func whatCannotBeAClaimIsRefused() throws {
        var random = SplitMix64(seed: 1)
        let both = try Self.organisations(2)
        #expect(throws: BillingRefusal.amountNotPositive) {
            try Self.claim(both[0], from: both[1], 0, &random)
        }
        // of strangers, and with itself
        let round = try NettingRound(
            members: [both[0]],
            claims: [
                Self.claim(both[0], from: both[1], 5, &random),
                Self.claim(both[0], from: both[0], 5, &random),
            ])
        #expect(round.claims.isEmpty && round.payments.isEmpty)
        let most = try (0..<2).map { _ in
            try Self.claim(both[0], from: both[1], .max, &random)
        }
        #expect(throws: ArithmeticFailure.self) {
            try NettingRound(members: Set(both), claims: most)
        }
    }

    /// Whatever is owed: nobody's position changes, the payments come to the figures, and they are
    /// fewer than the members.
    @Test func nobodysPositionChanges() throws {
        for seed in 1...400 as ClosedRange<UInt64> {
            var random = SplitMix64(seed: seed)
            let members = try Self.organisations(Int.random(in: 2...12, using: &random))
            let claims = try (0..<Int.random(in: 0...40, using: &random)).map { _ in
                try Self.claim(
                    members.randomElement(using: &random) ?? members[0],
                    from: members.randomElement(using: &random) ?? members[1],
                    .random(in: 1...500, using: &random), &random)
            }
            let consenting = Set(members.filter { _ in Bool.random(using: &random) })
            let whole = try NettingRound(members: Set(members), claims: claims)
            for round in [whole, try whole.shrunk(to: consenting)] {
                var owed: [OrganisationID: Int64] = [:]
                for claim in claims
                where claim.creditor != claim.debtor && round.members.contains(claim.creditor)
                    && round.members.contains(claim.debtor)
                {
                    owed[claim.creditor, default: 0] += claim.open.minorUnits
                    owed[claim.debtor, default: 0] -= claim.open.minorUnits
                }
                for payment in round.payments {
                    #expect(payment.amount.minorUnits > 0 && payment.payer != payment.payee)
                    owed[payment.payee, default: 0] -= payment.amount.minorUnits
                    owed[payment.payer, default: 0] += payment.amount.minorUnits
                }
                #expect(owed.values.allSatisfy { $0 == 0 })
                #expect(round.payments.count <= max(0, round.members.count - 1))
                #expect(round.payments == (try round.shrunk(to: round.members)).payments)
            }
        }
    }
}
