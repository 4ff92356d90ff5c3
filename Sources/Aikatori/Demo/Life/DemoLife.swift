import Marketplace
import MoneyAndTime
import Storage

/// Some months of a demo, lived through day by day under its clock: booked, agreed on, held,
/// attested, stated, invoiced and paid by the same use cases as in any other market. The files
/// beside this one extend it.
struct DemoLife: Sendable {
    let market: Market
    let clock: DemoClock
    let agreements: [DemoAgreement]
    let wall: WallClock
    var numbers = SeededNumbers(seed: 20_270_309)
    /// What is booked and still to come, by its day.
    var visits: [CalendarDate: [DemoVisit]] = [:]
    /// Group sessions still to come, by their day.
    var groups: [CalendarDate: Group] = [:]
    /// The one in which no place is left.
    var fullGroup: GroupSessionID?
    /// Statements that wait for their buyers.
    var stated: [DemoStatement] = []
    /// Accepted statements whose sellers invoice from their own systems.
    var toRecord: [(agreement: DemoAgreement, statement: StatementID)] = []
    /// Invoices that nobody has paid yet.
    var unpaid: [DemoInvoice] = []
    /// Until when proposals wait for an answer, where that is longer than the contract says.
    var answersAtLeastUntil: Instant?
    private var booked = 0

    init(market: Market, clock: DemoClock, agreements: [DemoAgreement], wall: WallClock) {
        self.market = market
        self.clock = clock
        self.agreements = agreements
        self.wall = wall
    }

    /// From the first day to the morning of the day on which the demo begins.
    mutating func live(from first: CalendarDate, until now: Instant) async throws {
        let today = wall.date(of: now)
        let yesterday = try today.adding(days: -1)
        let firstOfBlocks = try today.adding(days: -Self.blockDays.before)
        var day = first
        var month = 0
        while day < today {
            if day.month != month {
                month = day.month
                say("  living through \(day.iso.prefix(7))")
            }
            if day == firstOfBlocks {
                try await setClock(day, "07:30")
                try await makeBlocks(
                    from: day.adding(days: 7), through: today.adding(days: Self.blockDays.after))
                try await openGroups(around: today)
            }
            if day.isWorkingDay { try await live(day, isLast: day == yesterday) }
            try await holdGroups(on: day)
            day = try day.adding(days: 1)
        }
        try await bookAhead(from: today, now: now)
        try await wait(from: today, now: now)
        try await waitForAPlace()
        say("  \(booked) bookings are made, with what follows from them")
    }

    private mutating func live(_ day: CalendarDate, isLast: Bool) async throws {
        try await setClock(day, "08:00")
        if try day == day.firstOfMonth.orNextWorkingDay { try await stateMonth(before: day) }
        if try day == day.firstOfMonth.adding(days: 3).orNextWorkingDay {
            try await invoiceMonth(before: day)
        }
        if try day == day.firstOfMonth.adding(days: 19).orNextWorkingDay {
            try await payInvoices(on: day)
        }
        var wishes: [DemoWish] = []
        for agreement in singleAgreements {
            let most = Int64(agreement.contract.visitsInTenDays)
            let wanted = (numbers.number(in: 0...9) + most) / 10
            for _ in 0..<wanted {
                wishes.append(try wish(under: agreement, around: day, in: 1...12))
            }
        }
        try await book(wishes)
        try await agreeOnProposals(at: day)
        try await cancelSome(on: day)
        try await holdVisits(on: day, isLast: isLast)
        _ = try await market.actOnWhatIsDue(most: 1_000)
    }

    func setClock(_ day: CalendarDate, _ time: String) async throws {
        try await clock.set(to: wall.instant(day, TimeOfDay(time)))
    }

    /// A booking that is made is taken note of.
    mutating func note(_ visit: DemoVisit) {
        booked += 1
        visits[wall.date(of: visit.starts), default: []].append(visit)
    }

    /// What happens at the same time; what comes of each, in the same order.
    func together<Each: Sendable, Outcome: Sendable>(
        _ all: [Each], _ body: @escaping @Sendable (Each) async throws -> Outcome
    ) async throws -> [Outcome] {
        try await withThrowingTaskGroup(of: (Int, Outcome).self) { group in
            for (index, each) in all.enumerated() {
                group.addTask { (index, try await body(each)) }
            }
            var outcomes: [(index: Int, outcome: Outcome)] = []
            for try await each in group { outcomes.append(each) }
            return outcomes.sorted { $0.index < $1.index }.map(\.outcome)
        }
    }
}
