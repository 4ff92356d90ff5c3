import MoneyAndTime
import Postgres
import Storage
import StrictJSON
import TestMarket
import Testing

/// Invariant 5: what was signed never changes, and nothing is signed for another.
@Suite struct SignedVersionTests {
    private func contract(_ test: TestMarket) async throws -> TestContract {
        try await test.signedContract(
            seller: test.addOrganisation("Seller"), buyer: test.addOrganisation("Buyer"))
    }

    @Test func aSignedVersionStays() async throws {
        try await TestMarket.withMarket { test in
            let contract = try await contract(test)
            for change in [
                "document = 'other', digest = sha256('other')",
                "digest = sha256(document || 'x')", "signed_at = null",
                "signed_at = signed_at - interval '1 day'", "number = 2", "seller = buyer",
                "budget_ceiling = budget_ceiling + 1", "quota_visits = 1", "quota_minutes = 1",
                "minimum_notice_minutes = 0",
                "horizon_days = 400", "hold_minutes = 1000", "time_zone = 'Europe/Stockholm'",
                "accepted_in_advance = false", "reply_within_minutes = 1",
                "created_at = '2020-01-01'", "xid = '1'",
                "effective = tstzrange(lower(effective), upper(effective) + interval '1 day')",
                "effective = tstzrange(lower(effective) - interval '1 day', upper(effective))",
                "effective = tstzrange(lower(effective) + interval '1 day', upper(effective))",
            ] {
                let statement = Query(stringLiteral: "update contract_version set \(change)")
                let byOwner = await refused { try await test.owner.write([statement]) }
                #expect(byOwner == "contract_version_stays", "\(change)")
                let byApp = await refused {
                    try await test.asked(by: contract.seller.admin, statement)
                }
                #expect(byApp == "42501" || byApp == "contract_version_stays", "\(change)")
            }
        }
    }

    @Test func itMayOnlyEndEarlier() async throws {
        try await TestMarket.withMarket { test in
            let contract = try await contract(test)
            let sooner: Query = """
                update contract_version
                set effective = tstzrange(lower(effective), upper(effective) - interval '1 day')
                """
            // not without the one that rules from there on
            for code in [
                await refused { try await test.owner.write([sooner]) },
                await refused { try await test.asked(by: contract.seller.admin, sooner) },
            ] {
                #expect(code == "contract_version_stays")
            }
            try await contract.amended(from: CalendarDate(iso: "2027-06-01"), changed: [:])
            for gone: Query in [
                "delete from contract_version", "truncate contract_version cascade",
            ] {
                let code = await refused { try await test.owner.write([gone]) }
                #expect(code == "contract_version_stays" || code == "append_only")
            }
        }
    }

    /// What is compiled from a document comes with it: no service and no price is added later.
    @Test func nothingIsCompiledLater() async throws {
        try await TestMarket.withMarket { test in
            let contract = try await contract(test)
            for addition: Query in [
                """
                insert into price (contract, number, service, minutes, seller, buyer, amount,
                    billed_seconds)
                select contract, number, service, 20, seller, buyer, 1, 60 from price limit 1
                """,
                """
                insert into price_discount (contract, number, service, position, seller, buyer,
                    basis_points)
                select contract, number, service, 1, seller, buyer, 100 from price limit 1
                """,
                """
                insert into price_supplement (contract, number, service, position, seller, buyer,
                    days, from_minute, until_minute, per_minute)
                select contract, number, service, 1, seller, buyer, '{1}', 0, 60, 1
                from price limit 1
                """,
                """
                insert into contract_service
                select (jsonb_populate_record(s, '{"service": "other"}')).* from contract_service s
                """,
            ] {
                for attempt in [
                    await refused { try await test.owner.write([addition]) },
                    await refused { try await test.asked(by: contract.seller.admin, addition) },
                ] {
                    #expect(attempt == "contract_version_stays")
                }
            }
        }
    }

    /// A second version, as the seller drafts it, and the keys of both.
    private func drafted(_ test: TestMarket) async throws -> TestContract {
        let contract = try await contract(test)
        for (side, byte) in [(contract.seller, UInt8(1)), (contract.buyer, UInt8(2))] {
            try await test.asked(
                by: side.admin,
                """
                insert into organisation_key (organisation, key_id, public_key, sealed_private_key)
                values (\(side.id), \("key of \(side.id)"), \([UInt8](repeating: byte, count: 32)),
                    'sealed')
                """)
        }
        try await test.asked(
            by: contract.seller.admin,
            """
            insert into contract_version (contract, number, seller, buyer, document, digest,
                drafted_by, effective, time_zone, minimum_notice_minutes, horizon_days,
                hold_minutes, budget_ceiling, accepted_in_advance, reply_within_minutes,
                rounding)
            select contract, 2, seller, buyer, 'second', sha256('second'), seller,
                tstzrange(upper(effective), upper(effective) + interval '1 year'), time_zone,
                minimum_notice_minutes, horizon_days, hold_minutes, budget_ceiling,
                accepted_in_advance, reply_within_minutes, rounding
            from contract_version where number = 1
            """,
            "update contract_version set offered_at = market_now() where number = 2")
        return contract
    }

    private func signature(
        of organisation: TestOrganisation, key: TestOrganisation, over document: String = "second"
    ) -> Query {
        """
        insert into signature (contract, number, organisation, seller, buyer, digest, key_id,
            protected_header, signature, credential)
        select contract, 2, \(organisation.id), seller, buyer, sha256(\(Array(document.utf8))),
            \("key of \(key.id)"), 'header', \([UInt8](repeating: 9, count: 64)),
            \(organisation.admin.credential)
        from contract_version where number = 2
        """
    }

    private static let takeEffect: Query = """
        update contract_version set signed_at = market_now() where number = 2
        """

    @Test func bothMustHaveSignedTheSame() async throws {
        try await TestMarket.withMarket { test in
            let contract = try await drafted(test)
            let (seller, buyer) = (contract.seller, contract.buyer)
            func effect() async -> String? {
                await refused { try await test.asked(by: seller.admin, Self.takeEffect) }
            }
            #expect(await effect() == "signature_missing")
            try await test.asked(by: seller.admin, signature(of: seller, key: seller))
            #expect(await effect() == "signature_missing")
            // nobody signs for the other side, nor with its key
            let forged = await refused {
                try await test.asked(by: seller.admin, signature(of: buyer, key: buyer))
            }
            #expect(forged == "not_your_side")
            let borrowed = await refused {
                try await test.asked(by: buyer.admin, signature(of: buyer, key: seller))
            }
            #expect(borrowed == "23503")
            // another text, and the same one twice
            try await test.asked(by: buyer.admin, signature(of: buyer, key: buyer, over: "other"))
            #expect(await effect() == "signature_missing")
            let twice = await refused {
                try await test.asked(by: buyer.admin, signature(of: buyer, key: buyer))
            }
            #expect(twice == "23505")
            try await test.withoutTriggers("delete from signature where digest <> sha256('second')")
            try await test.asked(by: buyer.admin, signature(of: buyer, key: buyer))
            #expect(await effect() == nil)
        }
    }

    /// Nothing begins as signed or as active.
    @Test func nothingIsSignedFromTheStart() async throws {
        try await TestMarket.withMarket { test in
            let contract = try await drafted(test)
            let version = await refused {
                try await test.asked(
                    by: contract.seller.admin,
                    """
                    insert into contract_version
                    select (jsonb_populate_record(v, '{"number": 3}')).*
                    from contract_version v where number = 1
                    """)
            }
            #expect(version == "42501")
            let active = await refused {
                try await test.asked(
                    by: contract.seller.admin,
                    """
                    insert into contract (id, seller, buyer, drafted_by, title, state)
                    select uuid_v7(), seller, buyer, seller, 'Other', 'active' from contract
                    """)
            }
            #expect(active == "42501")
            let empty = await refused {
                try await test.asked(
                    by: contract.seller.admin,
                    """
                    insert into contract (id, seller, buyer, drafted_by, title)
                    select uuid_v7(), seller, buyer, seller, 'Other' from contract
                    """, "update contract set state = 'active' where title = 'Other'")
            }
            #expect(empty == "illegal_transition")
            let offered = await refused {
                try await test.withoutTriggers(
                    "update contract set state = 'offered' where state = 'active'",
                    "delete from contract_version")
                try await test.asked(
                    by: contract.seller.admin, "update contract set state = 'active'")
            }
            #expect(offered == "signature_missing")
        }
    }
}
