import MoneyAndTime
import Scheduling
import Testing

@Suite struct BookingRuleTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let refusal: BookingRefusal
        let spoil: @Sendable (inout BookingFacts) -> Void
        var testDescription: String { refusal.code.rawValue }
    }

    static let rows: [Row] = [
        Row(refusal: .contractSuspended) { $0.suspended = true },
        Row(refusal: .contractNotActive) { $0.active = false },
        Row(refusal: .afterContractEnd(minute(120))) { $0.endsAt = 120 },
        Row(refusal: .noVersionForStart) { $0.signedAt = nil },
        Row(refusal: .noVersionForStart) { $0.signedAt = 1 },
        Row(refusal: .noVersionForStart) { $0.validFrom = 121 },
        Row(refusal: .noVersionForStart) { $0.validUntil = 120 },
        Row(refusal: .serviceNotInContract) { $0.service = "neurology" },
        Row(refusal: .lengthNotAllowed(BookingFacts().lengths)) { $0.to = 140 },
        Row(refusal: .lengthNotAllowed(BookingFacts().lengths)) { $0.to = 195 },
        Row(refusal: .startInThePast) { $0.now = 121 },
        Row(refusal: .noticeTooShort(earliest: minute(121))) { $0.notice = 121 },
        Row(refusal: .beyondHorizon(latest: minute(0))) { facts in
            facts.notice = 0
            facts.horizonDays = 0
        },
        Row(refusal: .onlyInSessions) { $0.capacity = 8 },
        Row(refusal: .handOverMissing(["diary_reference"])) { $0.handOver = [] },
        Row(refusal: .handOverMissing(["b", "a"])) { $0.required = ["b", "diary_reference", "a"] },
        Row(refusal: .licenceExpired) { $0.licenceCovers = false },
        Row(refusal: .outsideAvailability) { $0.windows = [] },
        Row(refusal: .outsideAvailability) { $0.windows[0].from = 135 },
        // The visit fits, its buffer does not.
        Row(refusal: .outsideAvailability) { $0.windows[0].to = 159 },
        Row(refusal: .outsideAvailability) {
            $0.windows[0].grid = .sixty
            $0.windows[0].from = 90
        },
        Row(refusal: .outsideAvailability) { $0.windows[0].services = ["neurology"] },
        Row(refusal: .outsideAvailability) { $0.windows[0].isKept = false },
        // The visit fits, the time before it does not.
        Row(refusal: .outsideAvailability) { $0.windows[0].before = 61 },
        Row(refusal: .outsideAvailability) { $0.windows[0].shortest = 31 },
        Row(refusal: .outsideAvailability) { $0.windows[0].longest = 29 },
        Row(refusal: .workingLimit(.daily, left: 29)) { $0.working = (60, 100, 31, 31) },
        Row(refusal: .workingLimit(.weekly, left: 9)) { $0.working = (nil, 100, 0, 91) },
        // the day is looked at before the week
        Row(refusal: .workingLimit(.daily, left: 0)) { $0.working = (60, 60, 70, 70) },
        Row(
            refusal: .overBudget(left: Money(minorUnits: 5_999), quote: Money(minorUnits: 6_000))
        ) { $0.budget = (100_000, 54_001, 40_000) },
        Row(refusal: .overBudget(left: .zero, quote: Money(minorUnits: 6_000))) {
            $0.budget = (100_000, 0, 140_000)
        },
        Row(refusal: .quotaReached(.visits, left: 0, asked: 1)) { $0.quota = (7, nil, 7, 0) },
        Row(refusal: .quotaReached(.visits, left: 0, asked: 1)) { $0.quota = (7, nil, 9, 0) },
        Row(refusal: .resourceTaken(1, until: minute(140))) { facts in
            facts.rooms = [.init(), .init(taken: [.init(from: 100, to: 140)])]
        },
        Row(refusal: .resourceClosed(0, until: minute(160))) { facts in
            facts.rooms = [.init(closed: [.init(from: 149, to: 160)])]
        },
        // the specialist's buffer after the visit is not the room's
        Row(refusal: .taken) { facts in
            facts.rooms = [.init(taken: [.init(from: 150, to: 155)])]
            facts.reservations = [.init(from: 150, to: 155)]
        },
        Row(refusal: .quotaReached(.minutes, left: 29, asked: 30)) {
            $0.quota = (nil, 100, 9, 71)
        },
        // visits are looked at before minutes
        Row(refusal: .quotaReached(.visits, left: 0, asked: 1)) { $0.quota = (1, 10, 1, 10) },
        Row(refusal: .taken) { $0.reservations = [.init(from: 100, to: 121)] },
        // Its buffer reaches into the time that is kept free before the other.
        Row(refusal: .taken) { facts in
            facts.windows[0].before = 10
            facts.reservations = [.init(from: 90, to: 111)]
        },
        // Its visit is over, its reservation reaches into the other's buffer.
        Row(refusal: .taken) { $0.reservations = [.init(from: 159, to: 170)] },
        Row(refusal: .taken) {
            $0.reservations = [.init(from: 130, to: 135, holdExpiresAt: 1)]
        },
    ]

    @Test(arguments: rows) func refuses(_ row: Row) throws {
        var facts = BookingFacts()
        row.spoil(&facts)
        #expect(try BookingRule.decide(facts.question()) == .refuse(row.refusal))
    }

    @Test func acceptsWithTheFiguresToStore() throws {
        var facts = BookingFacts()
        facts.windows.insert(.init(from: 120, to: 155), at: 0)
        facts.reservations = [
            .init(from: 90, to: 120), .init(from: 125, to: 140, holdExpiresAt: 0),
            .init(from: 160, to: 200),
        ]
        guard case .accept(let acceptance) = try BookingRule.decide(facts.question()) else {
            Issue.record("refused")
            return
        }
        #expect(acceptance.version == 3)
        #expect(acceptance.quote == Money(minorUnits: 6_000))
        #expect(acceptance.window == 1)
        #expect(try acceptance.occupied == slot(120, 160))
        #expect(acceptance.expiredHolds == [1])
    }

    @Test func everyLimitIsInside() throws {
        var facts = BookingFacts()
        facts.notice = 120
        facts.signedAt = 0
        facts.validFrom = 120
        facts.windows = [.init(from: 120, to: 160)]
        facts.working = (60, 90, 30, 60)
        facts.budget = (96_000, 50_000, 40_000)
        facts.quota = (8, 100, 7, 70)
        #expect(try accepts(facts))
        facts.budget = nil
        #expect(try accepts(facts))
    }

    @Test func whatAnOverdueHoldReservedIsFree() throws {
        var facts = BookingFacts()
        facts.budget = (100_000, 60_000, 40_000)
        facts.reservations = [.init(from: 500, to: 530, holdExpiresAt: 0, givesBack: 5_999)]
        #expect(try !accepts(facts))
        facts.reservations[0].givesBack = 6_000
        #expect(try accepts(facts))
        facts.reservations[0].holdExpiresAt = 1
        #expect(try !accepts(facts))
    }

    @Test func whatAnOverdueHoldTookOfTheQuotaIsFree() throws {
        var facts = BookingFacts()
        facts.quota = (3, 90, 3, 90)
        facts.reservations = [.init(from: 500, to: 530, holdExpiresAt: 0, givesBackMinutes: 29)]
        #expect(
            try BookingRule.decide(facts.question())
                == .refuse(.quotaReached(.minutes, left: 29, asked: 30)))
        facts.reservations[0].givesBackMinutes = 30
        #expect(try accepts(facts))
        facts.reservations[0].holdExpiresAt = 1
        #expect(try !accepts(facts))
    }

    /// The figures of a contract come from outside: too large is an error, never a crash.
    @Test func overflowIsAnError() throws {
        var facts = BookingFacts()
        facts.notice = .max
        #expect(throws: ArithmeticFailure.overflow) { try BookingRule.decide(facts.question()) }
        facts = BookingFacts()
        facts.horizonDays = .max
        #expect(throws: ArithmeticFailure.overflow) { try BookingRule.decide(facts.question()) }
        facts = BookingFacts()
        facts.budget = (.min, 1, 0)
        #expect(throws: ArithmeticFailure.overflow) { try BookingRule.decide(facts.question()) }
        facts = BookingFacts()
        facts.quota = (.min, nil, 1, 0)
        #expect(throws: ArithmeticFailure.overflow) { try BookingRule.decide(facts.question()) }
    }

    @Test func codesStandInTheOrderOfChecking() {
        #expect(
            BookingRefusal.Code.allCases.map(\.rawValue) == [
                "contract_suspended", "contract_not_active", "after_contract_end",
                "no_version_for_start", "service_not_in_contract", "length_not_allowed",
                "start_in_the_past", "notice_too_short", "beyond_horizon", "only_in_sessions",
                "hand_over_missing", "licence_expired", "outside_availability", "working_limit",
                "over_budget", "quota_reached", "resource_taken", "resource_closed", "taken",
            ])
    }

    private func accepts(_ facts: BookingFacts) throws -> Bool {
        if case .accept = try BookingRule.decide(facts.question()) { true } else { false }
    }
}
