import Contracts
import Marketplace
import MoneyAndTime
import Postgres
import Storage
import StrictJSON
import TestMarket
import Testing

/// What is missing of a commitment, against one who writes to the tables directly; and what it
/// comes to in SQL, against the rating.
@Suite struct CommitmentTableTests {
    private func stated(_ test: TestMarket) async throws -> TestContract {
        let contract = try await test.signedContract(
            seller: test.addOrganisation("Seller"), buyer: test.addOrganisation("Buyer"),
            changed: [
                "validity": ["first_day": "2027-03-10", "last_day": "2027-12-31"],
                "commitment": ["minutes_per_period": 310, "price_per_minute": "2.00"],
            ])
        let life = try await LifeOfAVisit(under: contract)
        try await life.held("2027-03-15", minutes: 30)
        try await test.clock.set(to: Instant(rfc3339: "2027-04-01T06:00:00Z"))
        _ = try await life.statement()
        return contract
    }

    @Test func onceAndWhatIsMissing() async throws {
        try await TestMarket.withMarket { test in
            let contract = try await stated(test)
            let (seller, buyer) = (contract.seller.id, contract.buyer.id)
            // only the shortfall is written anew
            let replay = Replay(test: test, tables: ["charge", "charge_line"])
            let only = """
                insert into charge select * from old_charge where cause = 'visit';
                delete from old_charge where cause = 'visit';
                insert into charge_line select l.* from old_charge_line l
                    join charge c on c.id = l.charge;
                delete from old_charge_line l using charge c where c.id = l.charge;
                """
            let wrong = "not_what_is_missing"
            for (code, change) in [
                (nil, "select"),
                (wrong, "update old_charge set net = net + 1"),
                (wrong, "update old_charge set seconds_before = 0"),
                (wrong, "update old_charge set service = 'psychiatrist-visit'"),
                (wrong, "update old_charge set billed_seconds = 60"),
                (wrong, "update old_charge set billable_seconds = 60"),
                (wrong, "update old_charge set served_on = '2027-03-30'"),
                (wrong, "update old_charge set period = '2027-04', served_on = '2027-04-30'"),
                (wrong, "update old_charge set period = '2027-02', served_on = '2027-02-28'"),
                (
                    "commitment_settled",
                    "update old_charge set cause = 'shortfall_returned', net = -net"
                ),
                (
                    "commitment_settled",
                    """
                    insert into old_charge select uuid_v7(), c.booking, c.block, c.seller, c.buyer,
                        c.contract, c.version, c.service, c.cause, c.period, c.served_on,
                        c.billable_seconds, c.billed_seconds, c.seconds_before, c.net, c.document,
                        c.digest, c.xid, c.recorded_at, c.replaces
                    from old_charge c
                    """
                ),
                ("23514", "update old_charge set cause = 'visit'"),
                (
                    wrong,
                    """
                    update contract_version set document = x.document, digest = sha256(x.document)
                    from (select convert_to(jsonb_set(convert_from(document, 'UTF8')::jsonb,
                            '{commitment,price_per_minute}', '"2.10"')::text, 'UTF8') as document
                        from contract_version) x
                    """
                ),
            ] as [(String?, String)] {
                #expect(await replay.refusal([only, change], by: seller) == code, "\(change)")
            }
            #expect(await replay.refusal([only], by: buyer) == "not_your_side")
            #expect(try await Verification.run(on: test.reader) == [])
            // and `verify` knows it
            try await test.withoutTriggers(
                """
                update charge set seconds_before = seconds_before + 60 where cause = 'shortfall'
                """)
            let words = try await Verification.run(on: test.reader).map(\.message)
            #expect(words.contains("not what was missing of its commitment"))
        }
    }

    @Test func asTheRatingHasIt() async throws {
        try await TestMarket.withMarket { test in
            var chance = SystemRandomNumberGenerator()
            let example = try JSON.parse(
                ContractFiles.read("v1/examples/valid/physiotherapist-beside-physician.json"))
            for mode in ["half_up", "half_even"] {
                for _ in 0..<50 {
                    let minutes = Int64.random(in: 1...500_000, using: &chance)
                    let price = try UnitPrice(
                        tenThousandths: .random(in: 0...50_000, using: &chance)
                    ).decimal
                    let all = Int64.random(in: 28...31, using: &chance)
                    let ruled = Int64.random(in: 1...all, using: &chance)
                    let taken = 3 * Int64.random(in: 0...(20 * minutes), using: &chance)
                    var members = example.members ?? [:]
                    members["commitment"] = [
                        "minutes_per_period": JSON(minutes), "price_per_minute": JSON(price),
                    ]
                    members["rounding"] = ["mode": JSON(mode), "level": "visit"]
                    members["worked_examples"] = .array([
                        example["worked_examples"]?[0] ?? .null
                    ])
                    let rated = try Rating.shortfall(
                        ContractDocument(.object(members)).terms, billedSeconds: taken,
                        in: RuledDays(ruled: ruled, all: all))
                    let row = try await test.owner.read([
                        """
                        select shortfall_cents(\(minutes), \(price)::text::numeric, \(mode),
                            \(ruled)::int, \(all)::int, \(taken)) as cents
                        """
                    ]).only()
                    #expect(try row["cents", Int64.self] == rated.total.minorUnits)
                }
            }
        }
    }
}
