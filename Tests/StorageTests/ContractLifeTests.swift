import Contracts
import Marketplace
import MoneyAndTime
import Postgres
import Storage
import StrictJSON
import TestMarket
import Testing

/// What the database itself keeps of the life of a contract, whatever a program asks of it.
@Suite struct ContractLifeTests {
    /// A contract in force, and a second version that the seller drafted and did not offer.
    private func drafted(_ test: TestMarket) async throws -> TestContract {
        try await test.clock.set(to: Instant(rfc3339: "2027-02-01T08:00:00Z"))
        let contract = try await test.agreedContract(
            seller: test.addOrganisation("Seller"), buyer: test.addOrganisation("Buyer"))
        let document = try await test.document(
            "home-care-physician-on-demand", seller: contract.seller, buyer: contract.buyer,
            validity: ["2027-06-01", "2027-12-31"], [:])
        _ = try await test.market.amendContract(
            contract.seller.admin.request("amendContract"), contract.id, document)
        return contract
    }

    @Test func aDraftIsThereForItsWriterAlone() async throws {
        try await TestMarket.withMarket { test in
            let contract = try await drafted(test)
            let (seller, buyer) = (contract.seller.admin, contract.buyer.admin)
            let first = try await test.market.draftContract(
                seller.request("draftContract"),
                test.document(
                    "psychiatrist-remote-visit", seller: contract.seller, buyer: contract.buyer,
                    validity: ["2028-01-01", "2028-12-31"], [:]))
            let id = try ContractID(typeID: first.body["id"]?.text ?? "")
            for table in ["contract_version", "contract_service", "price", "price_supplement"] {
                let rows: Query = "select from \(trusted: table) where number = 2"
                #expect(try await !test.asked(by: seller, rows).isEmpty, "\(table)")
                #expect(try await test.asked(by: buyer, rows).isEmpty, "\(table)")
            }
            let drafts: Query = "select from contract where id = \(id)"
            #expect(try await test.asked(by: seller, drafts).count == 1)
            #expect(try await test.asked(by: buyer, drafts).isEmpty)
            let before = try await state(test)
            for change: Query in [
                "update contract_version set offered_at = market_now() where number = 2",
                """
                update contract_version set closed_at = market_now(), closed_by = buyer
                where number = 2
                """,
                "update contract set title = 'Mine' where id = \(id)",
            ] { try await test.asked(by: buyer, change) }
            #expect(try await state(test) == before)
            // nor does it write one in the other's name, or sign it
            let forged = await refused {
                try await test.asked(
                    by: buyer,
                    """
                    insert into contract_version (contract, number, seller, buyer, document,
                        digest, drafted_by, effective, time_zone, minimum_notice_minutes,
                        horizon_days, hold_minutes, accepted_in_advance, reply_within_minutes,
                        rounding)
                    select contract, 9, seller, buyer, document, digest, seller, effective,
                        time_zone, 1, 1, 1, true, 1, 'half_up'
                    from contract_version where number = 1
                    """)
            }
            #expect(forged == "42501")
            let signed = await refused {
                try await test.asked(
                    by: buyer,
                    """
                    insert into signature (contract, number, organisation, seller, buyer, digest,
                        key_id, protected_header, signature, credential)
                    select contract, 2, organisation, seller, buyer, digest, key_id,
                        protected_header, signature, credential
                    from signature where organisation = current_organisation()
                    """)
            }
            #expect(signed == "not_found")
        }
    }

    private func state(_ test: TestMarket) async throws -> [String] {
        try await test.owner.read([
            """
            select concat_ws(' ', v.offered_at, v.closed_at, c.title, c.state) as shown
            from contract_version v join contract c on c.id = v.contract order by c.id, v.number
            """
        ]).map { try $0["shown", String.self] }
    }

    @Test func aVersionIsOfferedAndClosedOnce() async throws {
        try await TestMarket.withMarket { test in
            let contract = try await drafted(test)
            let (seller, buyer) = (contract.seller.admin, contract.buyer.admin)
            let close: Query = """
                update contract_version set closed_at = market_now(),
                    closed_by = current_organisation() where number = 2
                """
            try await test.asked(
                by: seller, "update contract_version set offered_at = market_now() where number = 2"
            )
            let steps: [(TestCaller, Query, String?)] = [
                (
                    seller, "update contract_version set offered_at = null where number = 2",
                    "contract_version_stays"
                ),
                (
                    buyer,
                    "update contract_version set closed_at = market_now(), closed_by = seller",
                    "not_your_side"
                ),
                (
                    buyer,
                    """
                    update contract_version set closed_at = market_now(),
                        closed_by = current_organisation() where number = 1
                    """, "already_signed"
                ),
                (buyer, close, nil),
                (seller, close, "contract_version_stays"),
                (
                    seller, "update contract_version set closed_at = null where number = 2",
                    "contract_version_stays"
                ),
                (
                    seller, "update contract_version set signed_at = market_now() where number = 2",
                    "version_withdrawn"
                ),
            ]
            for (caller, change, expected) in steps {
                let code = await refused { try await test.asked(by: caller, change) }
                #expect(code == expected, "\(change.sql)")
            }
        }
    }

    /// A signature stands until its version is closed by who wrote it; then there is none more.
    @Test func whoSignedDoesNotDeclineAndWhatIsClosedIsNotSigned() async throws {
        try await TestMarket.withMarket { test in
            let contract = try await drafted(test)
            let (seller, buyer) = (contract.seller.admin, contract.buyer.admin)
            try await test.asked(
                by: seller, "update contract_version set offered_at = market_now() where number = 2"
            )
            func sign(_ caller: TestCaller) async -> String? {
                await refused {
                    try await test.asked(
                        by: caller,
                        """
                        insert into signature (contract, number, organisation, seller, buyer,
                            digest, key_id, protected_header, signature, credential)
                        select v.contract, 2, k.organisation, v.seller, v.buyer, v.digest,
                            k.key_id, 'header', \([UInt8](repeating: 9, count: 64)),
                            \(caller.credential)
                        from contract_version v
                            join organisation_key k on k.organisation = current_organisation()
                        where v.number = 2
                        """)
                }
            }
            func close(_ caller: TestCaller) async -> String? {
                await refused {
                    try await test.asked(
                        by: caller,
                        """
                        update contract_version set closed_at = market_now(),
                            closed_by = current_organisation() where number = 2
                        """)
                }
            }
            #expect(await sign(buyer) == nil)
            #expect(await close(buyer) == "already_signed")
            #expect(await close(seller) == nil)
            #expect(await sign(seller) == "not_found")
        }
    }

    /// Every state made every other one, by the seller, with what else it needs; the rule in Swift
    /// says the same.
    @Test func sqlAllowsWhatSwiftAllows() async throws {
        try await TestMarket.withMarket { test in
            let contract = try await drafted(test)
            typealias State = ContractLife.State
            let makes: [State: ContractLife.Message] = [
                .offered: .offerVersion, .suspended: .suspend, .ended: .runOut,
            ]
            var allowed = 0
            for from in State.allCases {
                for to in State.allCases where to != from {
                    for suspender in [contract.seller.id, contract.buyer.id] {
                        let message =
                            to == .active
                            ? (from == .suspended ? .resume : .versionSigned) : makes[to]
                        let side: Contracts.Side =
                            suspender == contract.seller.id ? .seller : .buyer
                        let swift = message.flatMap {
                            try? ContractLife.receive(
                                $0, by: .seller,
                                in: .init(from, suspendedBy: side, noticeIsGiven: true))
                        }
                        let code = try await sql(from, to, suspendedBy: suspender, contract)
                        #expect((code == nil) == (swift == to), "\(from) \(to) \(code ?? "")")
                        if code == nil { allowed += 1 }
                    }
                }
            }
            // a draft offered, an offer signed, suspended, ended twice: for both; resumed by one
            #expect(allowed == 2 * 5 + 1)
        }
    }

    private func sql(
        _ from: ContractLife.State, _ to: ContractLife.State, suspendedBy: OrganisationID,
        _ contract: TestContract
    ) async throws -> String? {
        let (was, becomes) = (from == .suspended, to == .suspended)
        return try await contract.test.superuser.pool.undone { transaction in
            try await transaction.each([
                "set local session_replication_role = replica",
                """
                update contract set state = \(from.rawValue),
                    suspended_by = \(was ? suspendedBy : nil),
                    suspended_at = case when \(was) then '2027-01-01'::timestamptz end,
                    suspension_reason = case when \(was) then 'Test' end,
                    ends_at = '2027-01-02', notice_by = buyer, notice_at = '2027-01-01',
                    notice_reason = 'Test'
                """,
                "set local session_replication_role = origin",
                "select set_config('app.organisation', \(contract.seller.id.uuidString), true)",
            ])
            return await refused {
                try await transaction.query(
                    """
                    update contract set state = \(to.rawValue),
                        suspended_by = case when \(becomes) then seller end,
                        suspended_at = case when \(becomes) then market_now() end,
                        suspension_reason = case when \(becomes) then 'Test' end
                    """)
            }
        }
    }

    /// A notice waits for a booking that is under way, and a booking for a notice.
    @Test func aNoticeStopsTheNextBooking() async throws {
        try await TestMarket.withMarket { test in
            let contract = try await test.signedContract(
                seller: test.addOrganisation("Seller"), buyer: test.addOrganisation("Buyer"),
                changed: ["termination": ["notice_days": 7]])
            let life = try await LifeOfAVisit(under: contract)
            let call = try contract.call(
                life.specialist, at: life.instant("2027-03-08", "13:00"))
            let within = try contract.call(
                life.specialist, at: life.instant("2027-03-05", "13:00"))
            let end = try Instant(rfc3339: "2027-03-05T22:00:00Z")
            let waiting = try await test.app.pool.transaction { transaction in
                try await transaction.each([
                    contract.seller.admin.entering("giveNotice"), StoredContract.lock(contract.id),
                ])
                let row = try await transaction.query(StoredContract.find(contract.id)).only()
                try await transaction.each(
                    StoredContract(row: row).give(
                        .init(
                            by: contract.seller.id, at: Instant(rfc3339: "2027-02-26T08:00:00Z"),
                            endsAt: end, reason: "Test")))
                let booking = Task { try await test.app.book(call).code }
                try await test.someoneToWait()
                return booking
            }
            #expect(try await waiting.value == "after_contract_end")
            #expect(try await test.app.book(within).code == nil)
            // it stands, and nobody ends the contract before its time
            for (change, expected): (Query, String) in [
                ("update contract set notice_reason = 'Other'", "notice_given"),
                (
                    """
                    update contract set ends_at = null, notice_by = null, notice_at = null,
                        notice_reason = null
                    """, "notice_given"
                ),
                ("update contract set state = 'ended'", "illegal_transition"),
            ] {
                let code = await refused {
                    try await test.asked(by: contract.seller.admin, change)
                }
                #expect(code == expected)
            }
        }
    }
}
