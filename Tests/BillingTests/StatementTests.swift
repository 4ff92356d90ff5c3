import Billing
import MoneyAndTime
import Testing

@Suite struct StatementTests {
    static func statement(_ charges: [Charge], period: String = "2026-03") throws -> Statement {
        try Statement(
            id: StatementID(bits: 1), contract: Example.contract, seller: Example.hospital,
            buyer: Example.healthCentre, period: StatementPeriod(key: period), charges: charges)
    }

    static func twoVisits() throws -> Statement {
        try statement([
            Example.charge(2, on: "2026-03-31", lines: [Example.line(minutes: 17)]),
            Example.charge(1, on: "2026-02-27", lines: [Example.line(minutes: 187)]),
        ])
    }

    @Test func linesStandInTheOrderOfDaysAndLateOnesAreMarked() throws {
        let statement = try Self.twoVisits()
        #expect(statement.lines.map(\.charge.bits) == [1, 2])
        #expect(statement.lines.map(\.isLate) == [true, false])
        #expect(statement.total.decimal == "500.48")
        #expect(statement.state == .open)
    }

    @Test func refusesChargesThatAreNotItsOwn() throws {
        let line = try Example.line(minutes: 17)
        let own = try Example.charge(1, lines: [line])
        let foreign = try Example.charge(2, contract: ContractID(bits: 99), lines: [line])
        let later = try Example.charge(3, on: "2026-04-01", lines: [line])
        #expect(throws: BillingRefusal.noLines) { try Self.statement([]) }
        #expect(throws: BillingRefusal.foreignCharge(foreign.id)) {
            try Self.statement([own, foreign])
        }
        #expect(throws: BillingRefusal.repeatedCharge(own.id)) { try Self.statement([own, own]) }
        #expect(throws: BillingRefusal.chargeOfLaterPeriod(later.id)) {
            try Self.statement([own, later])
        }
        #expect(throws: BillingRefusal.periodMalformed("2026-13")) {
            try StatementPeriod(key: "2026-13")
        }
    }

    /// What comes from an earlier statement is marked as that, and not as late; it was accepted.
    @Test func whatIsCarriedWasAcceptedBefore() throws {
        let earlier = StatementID(bits: 7)
        let owed = try Example.charge(1, on: "2026-02-27", lines: [Example.line(minutes: 187)])
        let statement = try Statement(
            id: StatementID(bits: 1), contract: Example.contract, seller: Example.hospital,
            buyer: Example.healthCentre, period: StatementPeriod(key: "2026-03"),
            charges: [owed, Example.charge(2, lines: [Example.line(minutes: 17)])],
            carried: [owed.id: earlier])
        #expect(statement.lines.map(\.carriedFrom) == [earlier, nil])
        #expect(statement.lines.allSatisfy { !$0.isLate })
        #expect(statement.total.decimal == "500.48")
        #expect(throws: BillingRefusal.statementIs(.accepted)) {
            try statement.receiving(.dispute(by: Example.healthCentre, charge: owed.id))
        }
        let accepted = try statement.receiving(
            .accept(by: Example.healthCentre, total: statement.total))
        #expect(accepted.actions == [.invoice([owed.id, ChargeID(bits: 2)])])
    }

    @Test func theBuyerAcceptsWhatItSaw() throws {
        let statement = try Self.twoVisits()
        let (accepted, actions) = try statement.receiving(
            .accept(by: Example.healthCentre, total: statement.total))
        #expect(accepted.state == .accepted)
        #expect(actions == [.invoice([ChargeID(bits: 1), ChargeID(bits: 2)])])
    }

    @Test func aDisputedLineHoldsItselfAlone() throws {
        let statement = try Self.twoVisits()
        let (disputed, actions) = try statement.receiving(
            .dispute(by: Example.healthCentre, charge: ChargeID(bits: 1)))
        #expect(disputed.state == .open)
        #expect(actions == [.hold(ChargeID(bits: 1))])
        let left = try disputed.undisputed
        #expect(left == statement.lines[1].net)
        let (accepted, invoiced) = try disputed.receiving(
            .accept(by: Example.healthCentre, total: left))
        #expect(accepted.state == .accepted)
        #expect(invoiced == [.invoice([ChargeID(bits: 2)])])
        #expect(try statement.receiving(.silence).actions.count == 1)
    }

    @Test func everyStateRefusesTheOtherMessages() throws {
        let open = try Self.twoVisits()
        let one = ChargeID(bits: 1)
        let accept = StatementMessage.accept(by: Example.healthCentre, total: open.total)
        let dispute = StatementMessage.dispute(by: Example.healthCentre, charge: one)
        let accepted = try open.receiving(accept).statement
        let disputed = try open.receiving(dispute).statement
        let left = try disputed.undisputed
        let rows: [(Statement, StatementMessage, BillingRefusal)] = [
            (accepted, accept, .statementIs(.accepted)),
            (accepted, dispute, .statementIs(.accepted)),
            (accepted, .silence, .statementIs(.accepted)),
            (disputed, accept, .anotherTotal(left)),
            (disputed, dispute, .repeatedCharge(one)),
            (open, .accept(by: Example.hospital, total: open.total), .notTheBuyer),
            (open, .dispute(by: Example.hospital, charge: one), .notTheBuyer),
            (open, .accept(by: Example.healthCentre, total: .zero), .anotherTotal(open.total)),
            (
                open, .dispute(by: Example.healthCentre, charge: ChargeID(bits: 9)),
                .unknownCharge(ChargeID(bits: 9))
            ),
        ]
        for (statement, message, refusal) in rows {
            #expect(throws: refusal) { try statement.receiving(message) }
        }
    }

    @Test func aStoredStatementIsTheSame() throws {
        let made = try Self.twoVisits()
        let loaded = try Statement(
            id: made.id, contract: made.contract, seller: made.seller, buyer: made.buyer,
            period: made.period, lines: made.lines.reversed())
        #expect(loaded == made)
        #expect(throws: BillingRefusal.unknownCharge(ChargeID(bits: 9))) {
            try Statement(
                id: made.id, contract: made.contract, seller: made.seller, buyer: made.buyer,
                period: made.period, lines: made.lines, disputed: [ChargeID(bits: 9)])
        }
    }
}
