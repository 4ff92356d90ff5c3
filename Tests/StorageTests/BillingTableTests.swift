import Billing
import Marketplace
import MoneyAndTime
import Postgres
import Storage
import StrictJSON
import TestMarket
import Testing

/// Invariants 13, 20, 21, 22 and 23, against one who writes to the tables directly.
@Suite struct BillingTableTests {
    /// Two late cancellations of a service at 25.5 % VAT, each for 9.81, stated, accepted and
    /// invoiced for 24.62.
    private func invoiced(_ test: TestMarket) async throws -> LifeOfAVisit {
        let life = try await LifeOfAVisit(
            under: test.signedContract(
                "physician-remote-reception", seller: test.addOrganisation("Seller"),
                buyer: test.addOrganisation("Buyer")))
        try await life.cancelledLate("2027-03-08")
        try await life.cancelledLate("2027-03-09")
        try await test.clock.set(to: Instant(rfc3339: "2027-03-31T21:00:00Z"))
        _ = try await life.invoiced()
        return life
    }

    /// What is done to the rows before they are written again, and the word that refuses it.
    private struct Case {
        let refusal: String?
        let changes: [String]

        init(_ refusal: String?, _ changes: String...) {
            self.refusal = refusal
            self.changes = changes
        }
    }

    private func expect(
        _ cases: [Case], of tables: [String], after first: [String] = [],
        bySeller: Bool = true
    ) async throws {
        try await TestMarket.withMarket { test in
            let life = try await invoiced(test)
            let replay = Replay(test: test, tables: tables)
            for spoilt in cases {
                let code = await replay.refusal(
                    first + spoilt.changes,
                    by: (bySeller ? life.contract.seller : life.contract.buyer).id)
                #expect(code == spoilt.refusal, "\(spoilt.changes)")
            }
        }
    }

    @Test func aChargeIsWhatWasDone() async throws {
        try await expect(
            [
                Case(nil),
                Case("not_cancelled_at_this_fee", "update old_charge set net = net + 1"),
                Case("charge_of_another_booking", "update old_charge set period = '2027-04'"),
                Case("not_attested_by_both", "update old_charge set cause = 'visit'"),
                Case("23514", "update old_charge set digest = sha256('other')"),
                Case("23514", "update old_charge set document = 'other'"),
                Case(
                    "23505",
                    """
                    insert into old_charge select (jsonb_populate_record(c,
                        jsonb_build_object('id', uuid_v7()))).* from old_charge c
                    """),
                Case("charge_does_not_add_up", "delete from old_charge_line"),
                Case("23514", "update old_charge_line set net = net + 1"),
                Case(
                    "charge_does_not_add_up",
                    """
                    update old_charge_line
                    set net = net + 1, numerator = numerator + denominator
                    """),
                Case("charge_closed", "update old_charge_line set buyer = seller"),
                Case("charge_closed", "update old_charge set xid = '1'"),
            ], of: ["charge", "charge_line"])
    }

    private static let open = ["update old_statement set state = 'open', accepted_at = null"]

    @Test func aStatementIsItsCharges() async throws {
        let differs = "statement_does_not_add_up"
        try await expect([Case("not_your_side")], of: ["statement", "statement_line"])
        try await expect(
            [
                Case(nil),
                Case(differs, "update old_statement set total = total + 1"),
                Case(
                    differs,
                    """
                    delete from old_statement_line
                    where charge = (select charge from old_statement_line limit 1)
                    """),
                Case(
                    differs, "delete from old_statement_line",
                    "update old_statement set total = 0"),
                Case("statement_closed", "update old_statement set period = '2027-02'"),
                Case("statement_closed", "update old_statement set xid = '1'"),
                Case("statement_closed", "update old_statement_line set buyer = seller"),
                Case(
                    "23505",
                    """
                    insert into old_statement select (jsonb_populate_record(s,
                        jsonb_build_object('id', uuid_v7(), 'run', 2))).* from old_statement s
                    """,
                    """
                    insert into old_statement_line select s.id, l.charge, l.seller, l.buyer
                    from old_statement s, old_statement_line l where s.run = 2
                    """),
            ], of: ["statement", "statement_line"], after: Self.open)
    }

    @Test func onlyTheSellerStates() async throws {
        try await expect(
            [Case("not_your_side")], of: ["statement", "statement_line"], after: Self.open,
            bySeller: false)
    }

    @Test func aStatementIsAcceptedOnceByItsBuyer() async throws {
        try await TestMarket.withMarket { test in
            let life = try await invoiced(test)
            let contract = life.contract
            for change: Query in [
                "update statement set state = 'open', accepted_at = null",
                "update statement set accepted_at = accepted_at",
                "update statement set revision = revision + 1",
            ] {
                let code = await refused {
                    try await test.asked(by: contract.buyer.finance, change)
                }
                #expect(code == "statement_settled")
            }
            try await test.withoutTriggers(
                "update statement set state = 'open', accepted_at = null")
            let accept: Query = "update statement set state = 'accepted', accepted_at = now()"
            let bySeller = await refused {
                try await test.asked(by: contract.seller.finance, accept)
            }
            #expect(bySeller == "not_your_side")
            let changed = await refused {
                try await test.owner.write(["update statement set total = total - 1"])
            }
            #expect(changed == "statement_settled")
            try await test.asked(by: contract.buyer.finance, accept)
        }
    }

    /// Cents more or less on an invoice.
    private func more(net: Int = 0, vat: Int = 0, total: Int = 0) -> String {
        """
        update old_invoice
        set net = net + (\(net)), vat = vat + (\(vat)), total = total + (\(total))
        """
    }

    @Test func anInvoiceIsItsLinesAndItsPostings() async throws {
        let dearer = "update old_invoice_line set net = net + 1 where number = 1"
        try await expect(
            [
                Case(nil),
                Case("23514", more(total: 1)),
                Case("23514", more(vat: 1, total: 1)),
                Case("23514", more(vat: -1, total: -1)),
                Case("invoice_does_not_add_up", more(net: 1, vat: 1, total: 2)),
                Case("invoice_does_not_add_up", dearer),
                Case("invoice_does_not_add_up", "delete from old_invoice_line where number = 2"),
                Case("invoice_not_posted", more(net: 1, vat: 1, total: 2), dearer),
                Case("invoice_not_posted", "update old_invoice set subject = 'another'"),
                Case("invoice_number_gap", "update old_invoice set issuer_number = 2"),
                Case("23514", "update old_invoice set issuer_number = 0"),
                Case("23514", "update old_invoice set year = 2028"),
                Case("23514", "update old_invoice set due_on = issued_on - 1"),
                Case("23514", "update old_invoice set iban = 'FI2212345600000785'"),
                Case("23514", "update old_invoice set reference = '1234560'"),
                Case(
                    "23514",
                    "update old_invoice set buyer_reference = ' ', order_reference = null"),
                Case("invoice_closed", "update old_invoice set xid = '1'"),
                Case("invoice_closed", "update old_invoice_line set buyer = seller"),
                Case("invoice_closed", "update old_invoice_line set charge = uuid_v7()"),
                Case("statement_not_accepted", "update old_invoice set period = '2027-04'"),
                Case(
                    "statement_not_accepted",
                    "update statement set state = 'open', accepted_at = null"),
            ], of: ["invoice", "invoice_line"])
        try await expect(
            [Case("not_your_side")], of: ["invoice", "invoice_line"], bySeller: false)
    }

    /// Invariant 21: neither one invoice nor two hold a charge twice, nor is a statement billed
    /// again.
    @Test func aChargeIsBilledOnce() async throws {
        try await expect(
            [
                Case(
                    "23505",
                    """
                    insert into old_invoice_line select (jsonb_populate_record(l,
                        '{"number": 3}')).* from old_invoice_line l where number = 1
                    """),
                Case(
                    "23505",
                    """
                    insert into old_invoice select (jsonb_populate_record(i, jsonb_build_object(
                        'id', uuid_v7(), 'issuer_number', 2, 'number', 'AK-2', 'subject', 'x',
                        'reference', '1232'))).* from old_invoice i
                    """),
                // as if it were for another treatment of VAT
                Case(
                    "23505",
                    """
                    insert into old_invoice select (jsonb_populate_record(i, jsonb_build_object(
                        'id', uuid_v7(), 'issuer_number', 2, 'number', 'AK-2', 'subject', 'x',
                        'reference', '1232', 'vat_category', 'E', 'vat_rate', 0, 'vat', 0,
                        'total', net))).* from old_invoice i
                    """,
                    """
                    insert into old_invoice_line select (jsonb_populate_record(l,
                        jsonb_build_object('invoice', i.id))).*
                    from old_invoice_line l, old_invoice i where i.issuer_number = 2
                    """),
            ], of: ["invoice", "invoice_line"])
    }

    /// What is sealed, stated or issued gets nothing more afterwards.
    @Test func nothingIsAddedLater() async throws {
        try await TestMarket.withMarket { test in
            let life = try await invoiced(test)
            try await life.cancelledLate("2027-04-05")
            for (table, key, expected) in [
                ("charge_line", "number = 9", "charge_closed"),
                ("statement_line", "charge = (select id from old_charge)", "statement_closed"),
                (
                    "invoice_line", "number = 9, charge = (select id from old_charge)",
                    "invoice_closed"
                ),
            ] {
                for role in ["aikatori_owner", "aikatori_app"] {
                    let code = await test.superuser.pool.refusal { transaction in
                        try await transaction.script(
                            """
                            create temporary table old_charge on commit drop as
                                select id from charge where period = '2027-04';
                            create temporary table copy on commit drop as
                                select * from \(table) limit 1;
                            update copy set \(key);
                            grant select on copy to \(role);
                            select set_config('app.organisation',
                                '\(life.contract.seller.id.uuidString)', true);
                            set local role \(role);
                            insert into \(table) select * from copy;
                            """)
                    }
                    #expect(code == expected, "\(table) \(role)")
                }
            }
        }
    }

    /// Eight issue at once while eight others take a number and give it up: none is missing, and
    /// none is there twice.
    @Test func numbersHaveNoGapUnderManyIssuers() async throws {
        try await TestMarket.withMarket { test in
            let life = try await LifeOfAVisit(
                under: test.signedContract(
                    seller: test.addOrganisation("Seller"), buyer: test.addOrganisation("Buyer")))
            let contract = life.contract
            for day in ["08", "09", "10", "11", "12", "15", "16", "17"] {
                try await life.cancelledLate("2027-03-\(day)")
            }
            try await test.clock.set(to: Instant(rfc3339: "2027-03-31T21:00:00Z"))
            let statements = try await statements(one: contract)
            #expect(statements.count == 8)
            let (market, seller) = (test.market, contract.seller)
            let numbers = try await withThrowingTaskGroup(of: String?.self) { group in
                for statement in statements {
                    group.addTask {
                        let issued = try await market.issueInvoice(
                            seller.finance.request("issueInvoice"), of: statement)
                        return issued.body["invoices"]?[0]?["number"]?.text
                    }
                    group.addTask {
                        try await test.app.pool.undone { transaction in
                            try await transaction.query(seller.finance.entering())
                            return try await transaction.each(
                                StoredInvoice.nextNumber(issuer: seller.id, year: 2027))
                        }
                        return nil
                    }
                }
                return try await group.reduce(into: [String]()) { $0 += [$1].compactMap { $0 } }
            }
            #expect(numbers.sorted() == (1...8).map { "AK-2027-00000\($0)" })
            #expect(try await Verification.run(on: test.reader) == [])
        }
    }

    /// A statement of its own for each charge, accepted.
    private func statements(one contract: TestContract) async throws -> [StatementID] {
        let test = contract.test
        let charges = try await test.owner.read(["select id from charge order by id"]).map {
            try $0["id", ChargeID.self]
        }
        var made: [StatementID] = []
        for (index, charge) in charges.enumerated() {
            let id: StatementID = newID()
            try await test.asked(
                by: contract.seller.finance,
                """
                insert into statement (id, contract, period, run, seller, buyer, total)
                select \(id), contract, period, \(index + 1), seller, buyer, net from charge
                where id = \(charge)
                """,
                """
                insert into statement_line (statement, charge, seller, buyer)
                select \(id), id, seller, buyer from charge where id = \(charge)
                """)
            try await test.asked(by: contract.buyer.finance, StoredStatement.accept(id))
            made.append(id)
        }
        return made
    }
}
