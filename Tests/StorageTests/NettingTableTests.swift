import Billing
import Ledger
import Marketplace
import MoneyAndTime
import Postgres
import Storage
import StrictJSON
import TestMarket
import Testing

/// Rounds of netting, against one who writes to the tables and calls the functions directly: two
/// organisations owe each other 54.00 and 54.00.
@Suite struct NettingTableTests {
    private struct Pair {
        let test: TestMarket
        let one: TestOrganisation
        let other: TestOrganisation
        let round: NettingRoundID

        init(_ test: TestMarket) async throws {
            self.test = test
            let one = try await test.addOrganisation("One")
            let other = try await test.addOrganisation("Other")
            (self.one, self.other) = (one, other)
            for (seller, buyer) in [(one, other), (other, one)] {
                let contract = try await test.signedContract(seller: seller, buyer: buyer)
                let life = try await LifeOfAVisit(under: contract)
                try await life.cancelledLate("2027-03-08")
                try await test.clock.set(to: Instant(rfc3339: "2027-04-01T06:00:00Z"))
                _ = try await life.invoiced()
            }
            try await test.withoutTriggers(
                """
                update contract_version v set document = d.document, digest = sha256(d.document)
                from (select contract, number, convert_to(jsonb_set(
                        convert_from(document, 'UTF8')::jsonb, '{billing,netting}',
                        '"pair"')::text, 'UTF8') as document
                    from contract_version) d
                where (d.contract, d.number) = (v.contract, v.number)
                """)
            let made = try await test.market.proposeNetting(
                one.finance.request("proposeNetting"), with: other.id)
            round = try NettingRoundID(typeID: made.body["id"]?.text ?? "")
        }

        func refusal(_ query: Query, by organisation: TestOrganisation) async -> String? {
            await refused { try await test.asked(by: organisation.finance, query) }
        }

        func answer(_ figure: Int64) -> Query {
            """
            update netting_member set answer = 'consent', figure = \(figure),
                answered_at = market_now()
            where round = \(round)
            """
        }

        func posting(_ setOffs: String, _ payments: String = "[]") -> Query {
            "select post_netting(\(round), \(setOffs)::jsonb, \(payments)::jsonb, '[]')"
        }
    }

    @Test func eachAnswersForItselfOnceAndInTime() async throws {
        try await TestMarket.withMarket { test in
            let pair = try await Pair(test)
            let stranger = try await test.addOrganisation("Stranger")
            #expect(await pair.refusal(pair.answer(1), by: pair.one) == "total_differs")
            #expect(await pair.refusal(pair.answer(0), by: stranger) == nil)
            #expect(await pair.refusal(pair.posting("[]"), by: stranger) == "not_found")
            #expect(await pair.refusal(pair.posting("[]"), by: pair.one) == "netting_out_of_time")
            #expect(await pair.refusal(pair.answer(0), by: pair.one) == nil)
            #expect(await pair.refusal(pair.answer(0), by: pair.one) == "already_answered")
            let answered = try await test.owner.read([
                "select from netting_member where answer is not null"
            ])
            #expect(answered.count == 1)
            for forbidden: Query in [
                "update netting_member set state = 'posted'",
                "insert into set_off select from set_off",
                "insert into netting_claim select from netting_claim",
                "insert into net_payment select from net_payment",
            ] {
                #expect(await pair.refusal(forbidden, by: pair.one) == "42501")
            }
            try await test.clock.set(to: Instant(rfc3339: "2027-04-06T21:00:00Z"))
            #expect(await pair.refusal(pair.answer(0), by: pair.other) == "deadline_passed")
        }
    }

    /// The bank may have the file: what it pays is not set off, too.
    @Test func whatIsOnItsWayToBePaidIsLeftOut() async throws {
        try await TestMarket.withMarket { test in
            let pair = try await Pair(test)
            try await test.withoutTriggers(
                """
                insert into payment_file (id, organisation, message_id, iban, execution_on, total,
                    proposed_by, approved_by, approved_at, document)
                select id, buyer, 'A1', iban, due_on, 5400, buyer, buyer, market_now(), ''
                from invoice where buyer = \(pair.other.id)
                """,
                """
                insert into payment_order (file, number, organisation, invoice, amount, end_to_end)
                select id, 1, buyer, id, 5400, 'A1-1' from invoice where buyer = \(pair.other.id)
                """)
            // the circle is open: 54.00 the other way, and no claim of those who consent is in one
            #expect(await pair.refusal(pair.answer(0), by: pair.one) == "total_differs")
            #expect(await pair.refusal(pair.answer(-5400), by: pair.one) == nil)
            #expect(await pair.refusal(pair.answer(5400), by: pair.other) == nil)
            let claims = try await test.asked(
                by: pair.one.finance, "select from netting_claims(\(pair.round))")
            #expect(claims.count == 1)
            try await test.clock.set(to: Instant(rfc3339: "2027-04-06T21:00:00Z"))
            _ = try await test.market.actOnWhatIsDue(most: 100)
            let open = try await test.owner.read([
                "select sum(open)::bigint as open from invoice_balance"
            ])
            #expect(try open.only()["open", Money.self] == Money(decimal: "108.00"))
        }
    }

    /// What remained is paid by one payment of exactly it, which settles nothing else.
    @Test func whatRemainedIsPaidByOnePaymentOfItsOwn() async throws {
        try await TestMarket.withMarket { test in
            let pair = try await Pair(test)
            _ = try await test.market.importBankFile(
                pair.one.finance.request("importBankFile"),
                BankDay([("40.00", nil), ("39.00", nil), ("40.00", nil)]).file())
            try await test.withoutTriggers(
                """
                insert into net_payment (id, round, payee, payee_name, payer, payer_name, amount,
                    iban, reference, due_on, subject)
                select \(pair.round), \(pair.round), seller, seller_name, buyer, buyer_name, 4000,
                    iban, '1234', due_on, 'net'
                from invoice where seller = \(pair.one.id)
                """)
            func paid(by number: Int) async -> String? {
                await pair.refusal(
                    """
                    insert into net_payment_received
                        (net_payment, bank_entry, payee, payer, amount, subject)
                    select p.id, b.id, p.payee, p.payer, p.amount, 'net/' || b.id
                    from net_payment p, bank_entry b where b.number = \(number)
                    """, by: pair.one)
            }
            func aside(_ number: Int) async -> String? {
                await pair.refusal(
                    """
                    insert into bank_entry_aside (bank_entry, organisation)
                    select id, organisation from bank_entry where number = \(number)
                    """, by: pair.one)
            }
            #expect(await paid(by: 2) == "another_net_payment")
            #expect(await paid(by: 1) == "netting_not_posted")
            #expect(await aside(3) == nil)
            #expect(await paid(by: 3) == "bank_entry_used_up")
            try await test.withoutTriggers(
                """
                insert into net_payment_received
                    (net_payment, bank_entry, payee, payer, amount, subject)
                select p.id, b.id, p.payee, p.payer, p.amount, 'net/1'
                from net_payment p, bank_entry b where b.number = 1
                """)
            #expect(await aside(1) == "bank_entry_used_up")
            let words = try await Verification.run(on: test.reader).map(\.message)
            #expect(words.contains("not posted as it remains of its round"))
            #expect(words.contains("not posted as it is paid"))
        }
    }

    @Test func whatIsPostedIsConsentedEvenAndWhole() async throws {
        try await TestMarket.withMarket { test in
            let pair = try await Pair(test)
            for side in [pair.one, pair.other] {
                #expect(await pair.refusal(pair.answer(0), by: side) == nil)
            }
            let claims = try await test.owner.read([
                """
                select jsonb_agg(jsonb_build_object('invoice', invoice, 'seller', seller,
                    'buyer', buyer, 'amount', amount, 'subject', invoice::text))::text as list
                from netting_claim
                """
            ]).only()["list", String.self]
            let one = try await test.owner.read([
                "select (\(claims)::text::jsonb -> 0)::text as one"
            ]).only()["one", String.self]
            let more = claims.replacing("\"amount\": 5400", with: "\"amount\": 5401")
            for (list, code) in [
                ("[\(one)]", "netting_changes_a_position"), (more, "set_off_without_consent"),
                (claims, "netting_not_posted"),
            ] {
                #expect(await pair.refusal(pair.posting(list), by: pair.one) == code, "\(list)")
            }
            // the last word was not by the market: the deadline ends the round
            try await test.clock.set(to: Instant(rfc3339: "2027-04-06T21:00:00Z"))
            _ = try await test.market.actOnWhatIsDue(most: 100)
            let open = try await test.owner.read([
                "select sum(open)::bigint as open from invoice_balance"
            ])
            #expect(try open.only()["open", Money.self] == .zero)
            #expect(await pair.refusal(pair.posting("[]"), by: pair.one) == "netting_out_of_time")
            for change: Query in [
                "update set_off set amount = 1", "delete from netting_claim",
            ] {
                #expect(await refused { try await test.owner.write([change]) } == "append_only")
            }
            let findings = try await Verification.run(on: test.reader)
            #expect(findings.filter { $0.message.contains("netting") } == [])
            try await test.withoutTriggers(
                "update set_off set amount = amount - 1 where seller = \(pair.one.id)")
            let words = try await Verification.run(on: test.reader).map(\.message)
            #expect(words.contains("not posted as it is set off"))
            #expect(words.contains { $0.contains("changes the position") })
        }
    }
}
