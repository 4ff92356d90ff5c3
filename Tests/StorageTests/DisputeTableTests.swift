import Billing
import Marketplace
import MoneyAndTime
import Postgres
import Storage
import StrictJSON
import TestMarket
import Testing

/// Invariants 6 and 13 of disputes, against one who writes to the tables directly.
@Suite struct DisputeTableTests {
    private struct Disputed {
        let life: LifeOfAVisit
        let statement: StatementID
        let charges: [ChargeID]
        let dispute: DisputeID
    }

    /// Two late cancellations of 54.00 on a statement; the first is disputed.
    private func disputed(_ test: TestMarket) async throws -> Disputed {
        let life = try await LifeOfAVisit(
            under: test.signedContract(
                seller: test.addOrganisation("Seller"), buyer: test.addOrganisation("Buyer")))
        let charges = [
            try await life.cancelledLate("2027-03-08"), try await life.cancelledLate("2027-03-09"),
        ]
        try await test.clock.set(to: Instant(rfc3339: "2027-03-31T21:00:00Z"))
        let statement = try StatementID(typeID: await life.statement().body["id"]?.text ?? "")
        let dispute = try await life.disputed(
            charges[0], on: statement, DisputeWords(net: "30.00"))
        return Disputed(life: life, statement: statement, charges: charges, dispute: dispute)
    }

    private func refusals(
        _ test: TestMarket, by caller: TestCaller, _ cases: [(String, Query)]
    ) async {
        for (expected, attack) in cases {
            let code = await refused { try await test.asked(by: caller, attack) }
            #expect(code == expected, "\(attack)")
        }
    }

    @Test func onlyLegalMoves() async throws {
        try await TestMarket.withMarket { test in
            let made = try await disputed(test)
            let contract = made.life.contract
            await refusals(
                test, by: contract.seller.finance,
                [
                    ("not_your_turn", "update dispute set state = 'claimed'"),
                    (
                        "not_your_turn",
                        """
                        update dispute set state = 'settled', settled_at = market_now(),
                            outcome = 'charged', agreed = charged
                        """
                    ),
                    (
                        "not_your_turn",
                        """
                        update dispute set state = 'settled', settled_at = market_now(),
                            outcome = 'corrected', agreed = 4000, correction = uuid_v7()
                        """
                    ),
                    ("23514", "update dispute set state = 'proposed', proposed = claimed"),
                    ("23514", "update dispute set state = 'proposed', proposed = charged"),
                    ("not_your_turn", "update dispute set proposed = 4000"),
                    ("not_your_turn", "update dispute set escalated_at = market_now()"),
                ])
            await refusals(
                test, by: contract.buyer.finance,
                [
                    ("not_your_turn", "update dispute set state = 'explained'"),
                    ("not_your_turn", "update dispute set state = 'proposed', proposed = 4000"),
                    (
                        "not_your_turn",
                        """
                        update dispute set state = 'settled', settled_at = market_now(),
                            outcome = 'corrected', agreed = claimed, correction = uuid_v7()
                        """
                    ),
                    ("42501", "update dispute set claimed = 1"),
                    ("42501", "delete from dispute"),
                    ("42501", "update dispute_word set words = null"),
                ])
            try await made.life.answered(made.dispute, .concede, DisputeWords(nil))
            await refusals(
                test, by: contract.buyer.finance,
                [("dispute_settled", "update dispute set state = 'claimed'")])
        }
    }

    @Test func nothingDisputedIsInvoiced() async throws {
        try await TestMarket.withMarket { test in
            let made = try await disputed(test)
            try await made.life.accepts(made.statement)
            _ = try await made.life.invoiced(made.statement)
            let replay = Replay(test: test, tables: ["invoice", "invoice_line"])
            let seller = made.life.contract.seller.id
            #expect(await replay.refusal([], by: seller) == nil)
            let held: [String] = [
                "update old_invoice_line set charge = '\(made.charges[0].uuidString)'"
            ]
            #expect(await replay.refusal(held, by: seller) == "line_disputed")
            // nor the old charge once another is in its place
            try await made.life.answered(made.dispute, .concede, DisputeWords(nil))
            #expect(await replay.refusal(held, by: seller) == "line_disputed")
        }
    }

    @Test func aChargeIsReplacedForItsCauseAlone() async throws {
        try await TestMarket.withMarket { test in
            let made = try await disputed(test)
            try await made.life.answered(made.dispute, .concede, DisputeWords(nil))
            let seller = made.life.contract.seller.id
            let one = "where replaces is not null"
            let replay = Replay(test: test, tables: ["charge", "charge_line"])
            let cases: [(String, String)] = [
                ("replaced_without_cause", "update old_charge set id = uuid_v7() \(one)"),
                ("replaces_another_charge", "update old_charge set period = '2027-02' \(one)"),
                (
                    "replaces_another_charge",
                    "update old_charge set replaces = '\(made.charges[1].uuidString)' \(one)"
                ),
                ("replaced_without_cause", "update old_charge set net = net + 1 \(one)"),
                // its reversal was posted by another transaction
                ("replaced_and_not_reversed", "select 1"),
            ]
            for (expected, change) in cases {
                let code = await replay.refusal([change], by: seller)
                #expect(code == expected, "\(change)")
            }
        }
    }

    @Test func noStrangerSeesIt() async throws {
        try await TestMarket.withMarket { test in
            _ = try await disputed(test)
            let stranger = try await test.addOrganisation("Stranger")
            let seen: [Query] = ["select from dispute", "select from dispute_word"]
            for query in seen {
                #expect(try await test.asked(by: stranger.finance, query).isEmpty)
            }
            #expect(try await Verification.run(on: test.reader) == [])
        }
    }

    /// Verify finds what no program of ours writes.
    @Test func verifyKnowsIt() async throws {
        try await TestMarket.withMarket { test in
            let made = try await disputed(test)
            try await made.life.answered(made.dispute, .concede, DisputeWords(nil))
            #expect(try await Verification.run(on: test.reader) == [])
            try await test.withoutTriggers(
                "update dispute set agreed = agreed + 1")
            let words = try await Verification.run(on: test.reader).map(\.message)
            #expect(words == ["replaces another without a cause"])
            try await test.withoutTriggers(
                "update dispute set agreed = agreed - 1",
                "delete from posting where entry in (select id from entry where kind = 'reversal')",
                "delete from entry where kind = 'reversal'")
            let found = try await Verification.run(on: test.reader).map(\.message)
            #expect(found == ["replaced, and still accrued, or the other way round"])
        }
    }
}
