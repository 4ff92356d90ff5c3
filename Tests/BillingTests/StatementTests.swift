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

    @Test func theBuyerAcceptsWhatItSaw() throws {
        let statement = try Self.twoVisits()
        let (accepted, actions) = try statement.receiving(
            .accept(by: Example.healthCentre, total: statement.total))
        #expect(accepted.state == .accepted)
        #expect(actions == [.invoice([ChargeID(bits: 1), ChargeID(bits: 2)])])
    }

    @Test func aDisputeHoldsAndCanBeTakenBack() throws {
        let statement = try Self.twoVisits()
        let charges: Set = [ChargeID(bits: 1)]
        let (disputed, actions) = try statement.receiving(
            .dispute(by: Example.healthCentre, charges: charges, reason: "The line was down"))
        #expect(disputed.state == .disputed)
        #expect(disputed.disputed == charges)
        #expect(actions == [.hold(charges)])
        let (open, none) = try disputed.receiving(.withdrawDispute(by: Example.healthCentre))
        #expect(open == statement)
        #expect(none.isEmpty)
    }

    @Test func everyStateRefusesTheOtherMessages() throws {
        let open = try Self.twoVisits()
        let accept = StatementMessage.accept(by: Example.healthCentre, total: open.total)
        let dispute = StatementMessage.dispute(
            by: Example.healthCentre, charges: [ChargeID(bits: 1)], reason: "Wrong minutes")
        let withdraw = StatementMessage.withdrawDispute(by: Example.healthCentre)
        let accepted = try open.receiving(accept).statement
        let disputed = try open.receiving(dispute).statement
        let rows: [(Statement, StatementMessage, BillingRefusal)] = [
            (open, withdraw, .statementIs(.open)),
            (accepted, accept, .statementIs(.accepted)),
            (accepted, dispute, .statementIs(.accepted)),
            (accepted, withdraw, .statementIs(.accepted)),
            (disputed, accept, .statementIs(.disputed)),
            (disputed, dispute, .statementIs(.disputed)),
            (open, .accept(by: Example.hospital, total: open.total), .notTheBuyer),
            (open, .dispute(by: Example.hospital, charges: [], reason: ""), .notTheBuyer),
            (disputed, .withdrawDispute(by: Example.hospital), .notTheBuyer),
            (open, .accept(by: Example.healthCentre, total: .zero), .anotherTotal(open.total)),
            (
                open, .dispute(by: Example.healthCentre, charges: [], reason: "Why"), .noLines
            ),
            (
                open,
                .dispute(by: Example.healthCentre, charges: [ChargeID(bits: 1)], reason: " \n"),
                .noReason
            ),
            (
                open,
                .dispute(by: Example.healthCentre, charges: [ChargeID(bits: 9)], reason: "Why"),
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
                period: made.period, lines: made.lines, state: .disputed,
                disputed: [ChargeID(bits: 9)])
        }
    }
}
