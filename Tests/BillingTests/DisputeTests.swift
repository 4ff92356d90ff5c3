import Billing
import MoneyAndTime
import Testing

@Suite struct DisputeTests {
    private static func money(_ cents: Int64) -> Money { Money(minorUnits: cents) }

    private static func dispute(tolerance: Int64 = 0) throws -> Dispute {
        try Dispute(
            reason: .rate, charged: money(10_000), claimed: .init(net: money(7_000)),
            tolerance: money(tolerance))
    }

    @Test func aClaimIsBelowTheChargeAndAboveTheTolerance() throws {
        let first = try Self.dispute()
        #expect(first.turn == .seller)
        #expect(first.state == .claimed)
        let rows: [(Int64, Int64, Int64, DisputeRefusal)] = [
            (100, 100, 0, .figureNotBelow(Self.money(100))),
            (100, 101, 0, .figureNotBelow(Self.money(100))),
            (100, -1, 0, .figureNotBelow(Self.money(100))),
            (100, 90, 10, .withinTolerance(Self.money(10))),
            // what the seller owes is not made less
            (-100, -90, 0, .figureNotBelow(Self.money(-100))),
        ]
        for (charged, claimed, tolerance, refusal) in rows {
            #expect(throws: refusal) {
                try Dispute(
                    reason: .rate, charged: Self.money(charged),
                    claimed: .init(net: Self.money(claimed)), tolerance: Self.money(tolerance))
            }
        }
        _ = try Dispute(
            reason: .rate, charged: Self.money(-100), claimed: .init(net: Self.money(-120)))
        _ = try Dispute(
            reason: .volume, charged: Self.money(100),
            claimed: .init(net: Self.money(89), minutes: 0), tolerance: Self.money(10))
    }

    private static let answers: [Dispute.Answer] = [
        .concede, .explain, .propose(.init(net: money(8_000))),
        .propose(.init(net: money(7_000))), .propose(.init(net: money(10_000))),
        .accept, .hold, .withdraw,
    ]

    /// Every state that can be reached, and every answer of both sides in it: a few words say what
    /// must hold whatever was said before.
    @Test func everyWalk() throws {
        var seen: Set<Dispute> = []
        var next = [try Self.dispute()]
        var moves = 0
        while let dispute = next.popLast() {
            guard seen.insert(dispute).inserted else { continue }
            for answer in Self.answers {
                for side in Dispute.Side.allCases {
                    do throws(DisputeRefusal) {
                        let after = try dispute.receiving(answer, by: side)
                        moves += 1
                        check(dispute, answer, side, after)
                        next.append(after)
                    } catch {
                        #expect(error == expected(dispute, answer, side))
                    }
                }
            }
            do throws(DisputeRefusal) {
                next.append(try dispute.escalated())
            } catch {
                #expect(dispute.state == .settled && error == .settled)
            }
        }
        // claimed and explained with and without an offer, proposed, and three ends; each twice
        #expect(Set(seen.map(\.state)) == Set(Dispute.State.allCases))
        #expect(seen.count == 20)
        #expect(moves == 43)
        #expect(seen.filter { $0.state == .settled }.allSatisfy { $0.agreed != nil })
    }

    private func check(
        _ before: Dispute, _ answer: Dispute.Answer, _ side: Dispute.Side, _ after: Dispute
    ) {
        #expect(before.state != .settled)
        #expect(answer.side == side)
        #expect(after.charged == before.charged && after.claimed == before.claimed)
        #expect((after.outcome != nil) == (after.state == .settled))
        #expect((after.turn == nil) == (after.state == .settled))
        if let agreed = after.agreed {
            #expect(agreed.net >= after.claimed.net && agreed.net <= after.charged)
            #expect((after.outcome == .charged) == (agreed.net == after.charged))
        } else {
            #expect(after.turn != side)
        }
    }

    private func expected(
        _ dispute: Dispute, _ answer: Dispute.Answer, _ side: Dispute.Side
    ) -> DisputeRefusal? {
        if dispute.state == .settled { return .settled }
        if answer.side != side { return .notTheirAnswer }
        switch answer {
        case .concede, .withdraw: return nil
        case .accept: return .nothingProposed
        case .explain, .hold: return .notYourTurn
        case .propose:
            return dispute.turn == .seller || dispute.isEscalated
                ? .figureNotBelow(dispute.charged) : .notYourTurn
        }
    }

    @Test func aClaimOfNothingEndsInNothing() throws {
        let dispute = try Dispute(
            reason: .rate, charged: Self.money(5_400), claimed: .init(net: .zero))
        let settled = try dispute.receiving(.concede, by: .seller)
        #expect(settled.outcome == .notCharged)
        #expect(settled.agreed == Dispute.Figure(net: .zero))
    }

    /// Fourteen days from the day after, by the contract's clock and across its summer time.
    @Test func daysAreWholeDays() throws {
        let clock = try WallClock(zone: "Europe/Helsinki")
        let end = try ReviewTime.end(
            of: 14, from: Instant(rfc3339: "2027-03-15T21:59:59Z"), in: clock)
        #expect(end.rfc3339 == "2027-03-29T21:00:00Z")
    }
}
