import MoneyAndTime
import Scheduling
import Testing

@Suite struct GroupSessionRuleTests {
    private func refusal(
        taken: Int64, asked: Int64 = 1, state: GroupSession.State = .open, at now: Int64 = -61
    ) throws -> GroupSession.Refusal? {
        let session = try session(taken: taken, state: state)
        do throws(GroupSession.Refusal) {
            try session.take(asked, now: minute(now))
            return nil
        } catch {
            return error
        }
    }

    private func session(
        taken: Int64 = 0, places: Int64 = 8, state: GroupSession.State = .open
    ) throws -> GroupSession {
        GroupSession(
            during: try slot(0, 60), places: places, taken: taken, bookUntil: minute(-60),
            state: state)
    }

    @Test func placesAreTakenInTimeAndNeverBeyond() throws {
        #expect(try refusal(taken: 0) == nil)
        #expect(try refusal(taken: 7) == nil)
        #expect(try refusal(taken: 6, asked: 2) == nil)
        #expect(try refusal(taken: 6, asked: 3) == .sessionFull(left: 2))
        #expect(try refusal(taken: 8) == .sessionFull(left: 0))
        #expect(try refusal(taken: 9) == .sessionFull(left: 0))
        #expect(try refusal(taken: 0, at: -60) == .sessionClosed)
        #expect(try refusal(taken: 0, state: .withdrawn) == .sessionClosed)
    }

    @Test func nobodyLeavesOnceItHasBegun() throws {
        let session = try session(taken: 2)
        try session.leave(now: minute(-1))
        #expect(throws: GroupSession.Refusal.visitStarted(at: minute(0))) {
            try session.leave(now: minute(0))
        }
    }

    @Test func theBudgetHoldsTheDearestOnce() throws {
        func cents(_ numbers: [Int64]) -> [Money] { numbers.map { Money(minorUnits: $0) } }
        #expect(GroupSession.reserved(by: []) == .zero)
        #expect(GroupSession.reserved(by: cents([100, 120, 120])) == Money(minorUnits: 120))
        for (quote, others, back) in [
            (120, [], 120), (120, [120], 0), (120, [100], 20), (100, [120], 0),
        ] as [(Int64, [Int64], Int64)] {
            let given = try GroupSession.givenBack(
                by: Money(minorUnits: quote), besides: cents(others))
            #expect(given.minorUnits == back)
        }
    }

    @Test func sharesAreCountedAmongWhatIsTaken() {
        let taken: Set<Int64> = [1, 3, 4, 8]
        let shares = taken.sorted().map { GroupSession.share(of: $0, among: taken) }
        #expect(shares.map { $0?.before } == [0, 1, 2, 3])
        #expect(shares.allSatisfy { $0?.inAll == 4 })
        #expect(GroupSession.share(of: 2, among: taken) == nil)
    }

    // MARK: Who may take a place

    /// A place that can be had, to be spoilt one thing at a time.
    private struct Facts {
        var visit = BookingFacts()
        var places: Int64 = 8
        var taken: Int64 = 0
        var state = GroupSession.State.open
        var bookUntil: Int64 = 100
        var named: Set<ContractID>?
        var isOfAsker = true
        var specialistIsActive = true
        var patients: [Set<String>] = [["diary_reference"]]
        var own: [Int64] = []

        init() { visit.capacity = 8 }

        func decide() throws -> PlaceDecision {
            try PlaceRule.decide(
                PlaceQuestion(
                    session: GroupSession(
                        during: slot(visit.from, visit.to), places: places, taken: taken,
                        bookUntil: minute(bookUntil), state: state),
                    named: named, isOfAsker: isOfAsker,
                    specialistIsActive: specialistIsActive, visit: visit.question(),
                    patients: patients, ownQuotes: own.map { Money(minorUnits: $0) }))
        }
    }

    private func refusal(_ spoil: (inout Facts) -> Void) throws -> PlaceRefusal? {
        var facts = Facts()
        spoil(&facts)
        if case .refuse(let refusal) = try facts.decide() { return refusal }
        return nil
    }

    @Test func whoMayTakeAPlace() throws {
        #expect(try refusal { _ in } == nil)
        #expect(try refusal { $0.named = [contracts.0] } == nil)
        // neither windows nor other visits are asked about: the session has its time
        #expect(try refusal { $0.visit.windows = [] } == nil)
        #expect(try refusal { $0.visit.working = (30, 30, 30, 30) } == nil)
        for spoil: (inout Facts) -> Void in [
            { $0.isOfAsker = false }, { $0.named = [contracts.1] }, { $0.visit.capacity = 7 },
            { $0.visit.capacity = nil }, { $0.visit.service = "neurology" },
            { $0.visit.to = 140 }, { $0.visit.signedAt = nil },
            // also of one that is ended
            {
                $0.visit.active = false
                $0.named = [contracts.1]
            },
        ] {
            #expect(try refusal(spoil) == .notFound)
        }
        #expect(try refusal { $0.bookUntil = 0 } == .session(.sessionClosed))
        #expect(
            try refusal {
                $0.taken = 7
                $0.patients = [["diary_reference"], ["diary_reference"]]
            } == .session(.sessionFull(left: 1)))
        #expect(try refusal { $0.visit.suspended = true } == .booking(.contractSuspended))
        #expect(
            try refusal { $0.visit.notice = 121 }
                == .booking(.noticeTooShort(earliest: minute(121))))
        #expect(
            try refusal { $0.patients = [["diary_reference"], []] }
                == .handOverMissing(patient: 1, ["diary_reference"]))
        #expect(try refusal { $0.specialistIsActive = false } == .specialistNotOffered)
        #expect(try refusal { $0.visit.licenceCovers = false } == .booking(.licenceExpired))
        #expect(
            try refusal { $0.visit.rooms = [.init(taken: [.init(from: 100, to: 130)])] }
                == .booking(.resourceTaken(0, until: minute(130))))
    }

    @Test func thePriceIsReservedOnceAndTheQuotaForEach() throws {
        var facts = Facts()
        facts.patients = [["diary_reference"], ["diary_reference"]]
        facts.visit.budget = (6_000, 0, 0)
        facts.visit.quota = (3, 90, 1, 30)
        guard case .accept(let accepted) = try facts.decide() else {
            Issue.record("refused")
            return
        }
        #expect(accepted.quote.minorUnits == 6_000 && accepted.reserves.minorUnits == 6_000)
        facts.own = [5_000]
        facts.visit.budget = (6_000, 5_000, 0)
        guard case .accept(let added) = try facts.decide() else {
            Issue.record("refused")
            return
        }
        #expect(added.reserves.minorUnits == 1_000)
        #expect(
            try refusal { $0.visit.budget = (5_999, 0, 0) }
                == .booking(
                    .overBudget(
                        left: Money(minorUnits: 5_999), quote: Money(minorUnits: 6_000))))
        facts.visit.quota = (3, 90, 2, 30)
        #expect(
            try facts.decide()
                == .refuse(.booking(.quotaReached(.visits, left: 0, asked: 1))))
        facts.visit.quota = (3, 89, 1, 30)
        #expect(
            try facts.decide()
                == .refuse(.booking(.quotaReached(.minutes, left: 29, asked: 30))))
    }
}
