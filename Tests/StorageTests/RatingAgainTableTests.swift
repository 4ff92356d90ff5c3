import Billing
import Ledger
import Marketplace
import MoneyAndTime
import Postgres
import Storage
import TestMarket
import Testing

/// What is priced again, against one who writes to the tables directly.
@Suite struct RatingAgainTableTests {
    /// A late cancellation of 54.00, and a version that both signed in April, by which it is 48.00.
    private struct Wrong {
        let life: LifeOfAVisit
        let charge: ChargeID
        let accrual: JournalEntry

        var test: TestMarket { life.test }
        var seller: OrganisationID { life.contract.seller.id }
        var buyer: OrganisationID { life.contract.buyer.id }

        init(_ test: TestMarket) async throws {
            life = try await LifeOfAVisit(
                under: test.signedContract(
                    seller: test.addOrganisation("Seller"), buyer: test.addOrganisation("Buyer")))
            charge = try await life.cancelledLate("2027-03-08")
            let stored = try await test.owner.read(["select id, effective_on from entry"]).only()
            accrual = try .accrual(
                id: stored["id", EntryID.self], charge: charge, net: Money(decimal: "54.00"),
                seller: life.contract.seller.id, buyer: life.contract.buyer.id,
                effectiveOn: stored["effective_on", CalendarDate.self])
            try await test.clock.set(to: Instant(rfc3339: "2027-04-02T06:00:00Z"))
            try await test.amended(
                life.contract.id, from: CalendarDate(iso: "2027-03-01"),
                signedAt: Instant(rfc3339: "2027-04-02T06:00:00Z"), pricePerMinute: "3.20")
        }
    }

    /// What somebody writes, as the market itself would write it unless it is changed.
    private struct Writing {
        var isByBuyer = false
        var period = "2027-03"
        var before: Int64 = 5_400
        var after: Int64 = 4_800
        var version: Int64 = 2
        var net: Int64 = 4_800
        var hasHead = true
        var hasLine = true
        var isReversed = true
        /// With all rules out of force, before it.
        var prepared: String?
        var again = false
    }

    private func refusal(_ writing: Writing, _ wrong: Wrong) async -> String? {
        let (id, new, old) = (newID() as RatingAgainID, newID() as ChargeID, wrong.charge)
        let (seller, buyer) = (wrong.seller, wrong.buyer)
        let caller = writing.isByBuyer ? buyer : seller
        return await wrong.test.superuser.pool.refusal { transaction in
            if let prepared = writing.prepared {
                try await transaction.query("set local session_replication_role = replica")
                try await transaction.script(prepared)
                try await transaction.query("set local session_replication_role = origin")
            }
            try await transaction.query(
                "select set_config('app.organisation', \(caller.uuidString), true)")
            if writing.hasHead {
                try await transaction.query(
                    """
                    insert into rating_again (id, contract, period, seller, buyer, net_before,
                        net_after)
                    values (\(id), \(wrong.life.contract.id), \(writing.period), \(seller),
                        \(buyer), \(writing.before), \(writing.after))
                    """)
            }
            for line in writing.again ? [new, newID()] : writing.hasLine ? [new] : [] {
                try await transaction.query(
                    """
                    insert into rating_again_line (rating, replaced, charge, seller, buyer)
                    values (\(id), \(old), \(line), \(seller), \(buyer))
                    """)
            }
            if writing.hasLine || !writing.hasHead {
                for query in written(writing, new, in: wrong) {
                    try await transaction.query(query)
                }
            }
            if writing.isReversed {
                let reversal = try JournalEntry.reversal(
                    id: newID(), of: wrong.accrual, effectiveOn: CalendarDate(iso: "2027-04-02"))
                try await transaction.query(StoredEntry.post([reversal]))
            }
            try await transaction.query("set constraints all immediate")
        }
    }

    /// The charge in the place of the wrong one.
    private func written(_ writing: Writing, _ id: ChargeID, in wrong: Wrong) -> [Query] {
        [
            """
            insert into charge (id, booking, seller, buyer, contract, version, service, cause,
                period, served_on, billable_seconds, billed_seconds, seconds_before, net, document,
                digest, replaces)
            select \(id), booking, seller, buyer, contract, \(writing.version)::bigint, service,
                cause, period, served_on, billable_seconds, billed_seconds, seconds_before,
                \(writing.net)::bigint, document, digest, id
            from charge where id = \(wrong.charge)
            """,
            """
            insert into charge_line (charge, number, seller, buyer, kind, text,
                quantity_hundredths, unit, price_ten_thousandths, base_quantity, numerator,
                denominator, rounding, net)
            select \(id), number, seller, buyer, kind, text, quantity_hundredths, unit,
                price_ten_thousandths, base_quantity, \(writing.net)::bigint, 1, rounding,
                \(writing.net)::bigint
            from charge_line where charge = \(wrong.charge)
            """,
        ]
    }

    /// The second version with something else in its `billing`.
    private static func changed(_ member: String, _ value: String) -> String {
        """
        update contract_version v set document = x.other, digest = sha256(x.other)
        from (select convert_to(jsonb_set(convert_from(document, 'UTF8')::jsonb,
                '{billing,\(member)}', '\(value)')::text, 'UTF8') as other
            from contract_version where number = 2) x
        where v.number = 2
        """
    }

    @Test func onlyByAVersionSignedAfterIt() async throws {
        try await TestMarket.withMarket { test in
            let wrong = try await Wrong(test)
            let sums = "rating_again_does_not_add_up"
            let another = "rated_by_another_version"
            let earlier = "update contract_version set signed_at = '2027-03-08' where number = 2"
            let later = """
                update contract_version set effective = '[2027-03-09, 2028-01-01)'
                where number = 2
                """
            let invoiced = """
                insert into invoice_line (invoice, number, seller, buyer, charge, charge_line,
                    text, net)
                select uuid_v7(), 1, seller, buyer, charge, number, text, net from charge_line
                """
            let taxed = Self.changed(
                "vat", #"{"category": "S", "rate_percent": "25.5", "reason": "Leasing"}"#)
            let rewritten = Self.changed("vat,rate_percent", #""0.00""#)
            let cases: [(String?, Writing)] = [
                (nil, Writing()),
                ("not_your_side", Writing(isByBuyer: true)),
                ("rating_again_closed", Writing(period: "2027-04")),
                (sums, Writing(before: 5_401)),
                (sums, Writing(after: 4_799)),
                (sums, Writing(net: 4_799)),
                (sums, Writing(hasLine: false, isReversed: false)),
                (another, Writing(version: 1)),
                (another, Writing(net: 5_400)),
                (nil, Writing(after: 5_400, net: 5_400, prepared: taxed)),
                (another, Writing(net: 5_400, prepared: rewritten)),
                (another, Writing(prepared: earlier)),
                (another, Writing(prepared: later)),
                ("23505", Writing(again: true)),
                ("replaced_without_cause", Writing(hasHead: false, hasLine: false)),
                ("replaced_and_not_reversed", Writing(isReversed: false)),
                ("replaced_and_not_credited", Writing(isReversed: false, prepared: invoiced)),
            ]
            for (expected, writing) in cases {
                #expect(await refusal(writing, wrong) == expected, "\(writing)")
            }
        }
    }

    @Test func onceAndVerifyKnowsIt() async throws {
        try await TestMarket.withMarket { test in
            let wrong = try await Wrong(test)
            let finance = wrong.life.contract.seller.finance
            let again: @Sendable (String) async throws -> Void = { key in
                _ = try await test.market.rateAgain(
                    finance.request("rateAgain", key: key), wrong.life.contract.id,
                    period: .init(key: "2027-03"), difference: Money(decimal: "-6.00"))
            }
            // at the same time, and with another key: one of them does it
            async let first = refusalCode { try await again("one") }
            async let second = refusalCode { try await again("two") }
            let both = await [first, second]
            #expect(both.compactMap { $0 } == ["nothing_to_rate_again"])
            #expect(try await Verification.run(on: test.reader) == [])
            for change: Query in [
                "update rating_again set net_after = 0", "delete from rating_again_line",
            ] {
                let code = await refused { try await test.owner.write([change]) }
                #expect(code == "append_only")
            }
            try await test.withoutTriggers("update rating_again set net_after = net_after + 1")
            let words = try await Verification.run(on: test.reader).map(\.message)
            #expect(words == ["is of a rating that does not come to its charges"])
            try await test.withoutTriggers(
                "update contract_version set signed_at = '2027-03-01' where number = 2")
            let causeless = try await Verification.run(on: test.reader).map(\.message)
            #expect(causeless.contains("replaces another without a cause"))
        }
    }
}
