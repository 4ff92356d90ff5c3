import Marketplace
import MoneyAndTime
import Postgres
import Storage
import TestMarket
import Testing

/// What is carried from one statement to the next, against one who writes to the tables directly.
@Suite struct CarriedLineTests {
    /// March is accepted: 54.00 that the seller owes, and 54.00 that the buyer does. April has a
    /// fee of 54.00 that no statement has.
    private struct Carried {
        let life: LifeOfAVisit
        let march: StatementID
        let owed: ChargeID
        let due: ChargeID
        let later: ChargeID

        init(_ test: TestMarket) async throws {
            life = try await LifeOfAVisit(
                under: test.signedContract(
                    seller: test.addOrganisation("Seller"), buyer: test.addOrganisation("Buyer")))
            owed = try await life.cancelledLate("2027-03-08")
            due = try await life.cancelledLate("2027-03-09")
            try await test.clock.set(to: Instant(rfc3339: "2027-03-31T21:00:00Z"))
            march = try await life.accepted()
            later = try await life.cancelledLate("2027-04-06")
            try await test.withoutTriggers(
                """
                update charge set cause = 'seller_no_show', net = -net where id = \(owed)
                """,
                """
                update charge_line set quantity_hundredths = -quantity_hundredths,
                    numerator = -numerator, net = -net
                where charge = \(owed)
                """, "update statement set total = 0")
        }
    }

    /// What somebody writes, as the market itself would write it unless it is changed.
    private struct Writing {
        var isWhole = true
        var total: Int64 = 5_400
        /// With all rules out of force, before it.
        var prepared: String?
        var isDisputed = false
        var isRepeated = false
    }

    private func refusal(_ writing: Writing, _ made: Carried) async -> String? {
        let (id, contract) = (newID() as StatementID, made.life.contract)
        return await contract.test.superuser.pool.refusal { transaction in
            if let prepared = writing.prepared {
                try await transaction.query("set local session_replication_role = replica")
                try await transaction.script(prepared)
                try await transaction.query("set local session_replication_role = origin")
            }
            func act(as organisation: OrganisationID) async throws {
                try await transaction.query(
                    "select set_config('app.organisation', \(organisation.uuidString), true)")
            }
            try await act(as: contract.seller.id)
            func state(_ id: StatementID, run: Int64) async throws {
                try await transaction.query(
                    """
                    insert into statement (id, contract, period, run, seller, buyer, total)
                    values (\(id), \(contract.id), '2027-04', \(run)::bigint, \(contract.seller.id),
                        \(contract.buyer.id), \(writing.total))
                    """)
            }
            func put(_ charge: ChargeID, on id: StatementID, from: StatementID?) async throws {
                try await transaction.query(
                    """
                    insert into statement_line (statement, charge, seller, buyer, carried_from)
                    values (\(id), \(charge), \(contract.seller.id), \(contract.buyer.id), \(from))
                    """)
            }
            try await state(id, run: 1)
            try await put(made.later, on: id, from: nil)
            try await put(made.owed, on: id, from: made.march)
            if writing.isWhole { try await put(made.due, on: id, from: made.march) }
            if writing.isRepeated {
                let other: StatementID = newID()
                try await state(other, run: 2)
                try await put(made.owed, on: other, from: made.march)
            }
            if writing.isDisputed {
                try await act(as: contract.buyer.id)
                try await transaction.query(
                    """
                    insert into dispute (id, statement, charge, contract, seller, buyer, reason,
                        charged, claimed, answer_by)
                    select uuid_v7(), \(id), id, contract, seller, buyer, 'rate', net, 0,
                        market_now()
                    from charge where id = \(made.due)
                    """)
            }
            try await transaction.query("set constraints all immediate")
        }
    }

    /// A dispute of a line, with all rules out of force.
    private static func dispute(of charge: ChargeID) -> String {
        """
        insert into dispute (id, statement, charge, contract, seller, buyer, reason, charged,
            claimed, answer_by)
        select uuid_v7(), l.statement, c.id, c.contract, c.seller, c.buyer, 'rate', c.net, 0,
            market_now()
        from charge c join statement_line l on l.charge = c.id where c.id = '\(charge.uuidString)';
        """
    }

    @Test func aWholeTreatmentOfVATThatComesToNothingOrLess() async throws {
        try await TestMarket.withMarket { test in
            let made = try await Carried(test)
            let never = "not_to_be_carried"
            let corrected =
                Self.dispute(of: made.due) + """
                    update dispute set state = 'settled', outcome = 'corrected', agreed = 1,
                        settled_at = market_now(), correction = '\(made.later.uuidString)';
                    """
            let invoiced = """
                insert into invoice_line (invoice, number, seller, buyer, charge, charge_line, text,
                    net)
                select uuid_v7(), 1, seller, buyer, charge, number, text, net from charge_line
                where charge = '\(made.owed.uuidString)'
                """
            let more = "update charge set net = -20000 where id = '\(made.owed.uuidString)'"
            let dearer = "update charge set net = net + 1 where id = '\(made.due.uuidString)'"
            let cases: [(String?, Writing)] = [
                (nil, Writing()),
                ("statement_does_not_add_up", Writing(total: 5_401)),
                // 54.00 would be left on March, and invoiced
                (never, Writing(isWhole: false, total: 0)),
                (never, Writing(total: 5_401, prepared: dearer)),
                (
                    never,
                    Writing(prepared: "update statement set state = 'open', accepted_at = null")
                ),
                (never, Writing(prepared: Self.dispute(of: made.due))),
                (never, Writing(prepared: invoiced)),
                (never, Writing(isRepeated: true)),
                ("statement_below_zero", Writing(total: -9_200, prepared: more)),
                ("stated_twice", Writing(prepared: corrected)),
                ("statement_settled", Writing(isDisputed: true)),
            ]
            for (expected, writing) in cases {
                #expect(await refusal(writing, made) == expected, "\(writing)")
            }
        }
    }

    /// Where it was carried from it is not invoiced any more.
    @Test func itIsInvoicedWhereItIs() async throws {
        try await TestMarket.withMarket { test in
            let made = try await Carried(test)
            let seller = made.life.contract.seller
            try await test.clock.set(to: Instant(rfc3339: "2027-05-01T06:00:00Z"))
            let april = try await made.life.accepted(of: "2027-04")
            let places = try await test.asked(
                by: seller.finance,
                "select statement from stated_charge where charge = \(made.owed)")
            #expect(try places.map { try $0["statement", StatementID.self] } == [april])
            for (statement, expected) in [(made.march, "invoice_closed"), (april, nil)] {
                let code = await test.superuser.pool.refusal { transaction in
                    try await transaction.query("set local session_replication_role = replica")
                    let invoice: InvoiceID = newID()
                    try await transaction.query(
                        """
                        insert into invoice (id, year, issuer_number, number, seller, seller_name,
                            buyer, buyer_name, contract, version, statement, period, issued_on,
                            due_on, buyer_reference, iban, vat_category, vat_rate, net, vat, total,
                            reference, subject, document)
                        select \(invoice), 2027, 1, 'AK-1', seller, 'Seller', buyer, 'Buyer',
                            contract, 1, id, period, '2027-05-01', '2027-05-31', 'REF',
                            'FI2112345600000785', 'E', 0, 1, 0, 1, '1232', 'x', ''
                        from statement where id = \(statement)
                        """)
                    try await transaction.query("set local session_replication_role = origin")
                    try await transaction.query(
                        """
                        insert into invoice_line (invoice, number, seller, buyer, charge,
                            charge_line, text, net)
                        select \(invoice), 1, seller, buyer, charge, number, text, net
                        from charge_line where charge = \(made.owed)
                        """)
                }
                #expect(code == expected, "\(statement)")
            }
        }
    }

    /// Two at once, and an invoice at the same time: it is on one statement, and billed once.
    @Test func twoAtOnceCarryItOnce() async throws {
        try await TestMarket.withMarket { test in
            let made = try await Carried(test)
            try await test.clock.set(to: Instant(rfc3339: "2027-05-01T06:00:00Z"))
            async let first = refusalCode { _ = try await made.life.statement(of: "2027-04") }
            async let second = refusalCode { _ = try await made.life.statement(of: "2027-04") }
            async let third = refusalCode { _ = try await made.life.invoiced(made.march) }
            let codes = await [first, second, third]
            #expect(codes.prefix(2).compactMap { $0 } == ["nothing_to_state"])
            #expect(codes[2] == "nothing_to_invoice")
            let lines = try await test.owner.read([
                "select charge from statement_line where carried_from is not null"
            ])
            #expect(lines.count == 2)
        }
    }
}
