import Billing
import Marketplace
import MoneyAndTime
import Postgres
import Storage
import TestMarket
import Testing

/// `verify ledger` finds each kind of damage that somebody with the database in hand can do, and
/// names it.
@Suite struct VerifyLedgerTests {
    struct Damage: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let changes: [Query]
        /// What is found: the rule, and a part of what is said.
        let rule: VerifiedRule
        let words: String

        init(_ name: String, _ rule: VerifiedRule, _ words: String, _ changes: Query...) {
            (testDescription, self.rule, self.words) = (name, rule, words)
            self.changes = changes
        }
    }

    static let damages = [
        Damage(
            "an amount changed in one book", .entries, "refused: ",
            """
            update posting set amount = amount + 1 where number = 1
              and entry = (select id from entry where kind = 'accrual' limit 1)
            """),
        Damage(
            "an amount changed in both books", .charges, "not accrued as it is charged",
            """
            update posting set amount = amount + 1
            where entry = (select id from entry where kind = 'accrual' limit 1)
            """),
        Damage(
            "an entry put twice", .charges, "not accrued as it is charged",
            "alter table entry drop constraint entry_kind_subject_key",
            """
            with again as (insert into entry (id, kind, seller, buyer, subject, effective_on)
                select uuid_v7(), kind, seller, buyer, subject, effective_on
                from entry where kind = 'accrual' limit 1 returning id, subject)
            insert into posting (entry, number, book, code, counterparty, side, amount, currency)
            select again.id, number, book, code, counterparty, side, amount, currency
            from posting join entry e on e.id = entry join again using (subject)
            where e.kind = 'accrual'
            """),
        Damage(
            "an entry taken away", .charges, "not accrued as it is charged",
            """
            with gone as (delete from entry
                where id = (select id from entry where kind = 'accrual' limit 1) returning id)
            delete from posting where entry in (select id from gone)
            """),
        Damage(
            "an entry in a month that was closed", .periods, "came into a month that was closed",
            """
            insert into period_close (id, book, month, closed_at)
            select uuid_v7(), seller, '2027-03-01', '2027-01-01' from entry limit 1
            """),
        Damage(
            "a mark of lateness", .periods, "is marked as late, and was in time",
            "update entry set about_on = effective_on - 40 where kind = 'invoicing'"),
        Damage(
            "a reversal of another amount", .reversals, "mirrors no entry, or one twice",
            """
            insert into entry (id, kind, seller, buyer, subject, effective_on)
            select uuid_v7(), 'reversal', seller, buyer, 'entry_01j0000000e008000000000056',
                effective_on
            from entry limit 1
            """),
        Damage(
            "a visit charged twice", .charges, "is one of two charges of the same visit",
            "drop index charge_of_booking",
            """
            insert into charge (id, booking, seller, buyer, contract, version, service, cause,
                period, served_on, billable_seconds, billed_seconds, seconds_before, net,
                document, digest)
            select uuid_v7(), booking, seller, buyer, contract, version, service, cause, period,
                served_on, billable_seconds, billed_seconds, seconds_before, net, document, digest
            from charge limit 1
            """),
        Damage(
            "a charge taken away", .charges, "over, and not charged",
            "delete from charge where id = (select id from charge limit 1)"),
        Damage(
            "a charge stated twice", .charges, "is on two statements",
            "alter table statement_line drop constraint statement_line_charge_carried_from_key",
            """
            with again as (insert into statement (id, contract, period, run, seller, buyer, total)
                select uuid_v7(), contract, period, run + 100, seller, buyer, total
                from statement limit 1 returning id)
            insert into statement_line (statement, charge, seller, buyer)
            select again.id, l.charge, l.seller, l.buyer from statement_line l, again limit 1
            """),
        Damage(
            "a charge invoiced twice", .charges, "has a line that is invoiced twice",
            "alter table invoice_line drop constraint invoice_line_charge_charge_line_key",
            """
            insert into invoice_line (invoice, number, seller, buyer, charge, charge_line, text,
                net)
            select invoice, number + 100, seller, buyer, charge, charge_line, text, net
            from invoice_line limit 1
            """),
        Damage(
            "an invoice that is not posted", .invoices, "not posted as it is issued",
            "delete from entry where kind = 'invoicing'"),
        Damage(
            "an invoice taken away", .invoiceNumbers, "are taken, and the highest is",
            "delete from invoice"),
        Damage(
            "a budget", .budgets, "used 20.62 EUR of 19.62 EUR",
            "update budget_counter set used = used + 100 where used > 0"),
        Damage(
            "who did what", .auditChain, "broken: ",
            "update audit_fact set operation = 'nothing'"),
    ]

    @Test("each kind of damage is found and named", arguments: damages)
    func found(damage: Damage) async throws {
        try await TestMarket.withMarket { test in
            let life = try await LifeOfAVisit(
                under: test.signedContract(
                    "physician-remote-reception", seller: test.addOrganisation("Seller"),
                    buyer: test.addOrganisation("Buyer")))
            try await life.cancelledLate("2027-03-08")
            try await life.cancelledLate("2027-03-09")
            try await test.clock.set(to: Instant(rfc3339: "2027-04-02T08:00:00Z"))
            _ = try await life.invoiced()
            try await test.horizonToPass()
            try await test.app.write([AuditSeal.sealNext(1_000)])
            let before = try await Verification.report(
                on: test.reader, rules: VerifiedRule.ofLedger)
            #expect(before.findings == [])
            #expect(before.checked[.entries] == 3 && before.checked[.charges] == 2)
            #expect(before.checked[.handshakes] == nil)

            _ = try await test.findings(after: damage.changes)
            var told: [VerificationProgress] = []
            let after = try await Verification.report(
                on: test.reader, rules: VerifiedRule.ofLedger
            ) { told.append($0) }
            #expect(
                after.findings.contains {
                    $0.rule == damage.rule && $0.message.contains(damage.words)
                }, "\(after.findings)")
            // how far it is never goes back, and comes to its end
            #expect(told.map(\.done) == told.map(\.done).sorted())
            #expect(told.last?.percent == 100)
            #expect(Set(told.map(\.rule)).isSubset(of: VerifiedRule.ofLedger))
        }
    }
}
