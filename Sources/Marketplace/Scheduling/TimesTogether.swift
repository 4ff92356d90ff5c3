import MoneyAndTime
import Postgres
import Storage
import StrictJSON

// A physician and a physiotherapist together: starts at which several can be had, and booking all
// of them or none.

extension Market {
    /// So many specialists begin together at most.
    package static let mostTogether = 4

    /// Starts at which each wish finds somebody else, with those that come cheapest in all. The
    /// position of a page is the first instant that it looks at.
    package func findTimesTogether(
        _ request: Request, wishes: [FoundTime.Wish], page: Page<Instant>
    ) async throws -> Answer {
        for wish in wishes { try Self.requireSearchable(wish) }
        return try await view(request) { transaction, _ in
            var search = TogetherSearch(wishes, from: page.after)
            var found: [TimesTogether] = []
            while found.count < page.limit, let times = try await search.next(in: transaction) {
                found.append(times)
            }
            // a search that was long stops before its page is full, and goes on with the next one
            let next = search.isOver ? nil : search.position
            let terms = try await shortTerms(of: found.flatMap { $0.visits.map(\.time) }) {
                try await transaction.query($0)
            }
            return Answer([
                "items": .array(try found.map { try $0.json(terms) }), "next": JSON(next?.rfc3339),
            ])
        }
    }

    /// Several visits at one start, each with its own specialist and contract: all are booked, or
    /// none (`series_refused`, with the reason of each).
    package func bookTogether(
        _ request: Request, at starts: Instant, _ visits: [WantedTime]
    ) async throws -> Answer {
        try await change(request) { transaction, _ in
            let series: SeriesID = newID()
            let calls = visits.map { wanted in
                SeriesCall.Visit(
                    booking: newID(), reservation: newID(), contract: wanted.contract,
                    service: wanted.service, specialist: wanted.specialist, starts: starts,
                    minutes: wanted.minutes, handOver: wanted.handOver)
            }
            return try await booked(calls, as: series, .allOrNone, in: transaction)
        }
    }
}

/// Visits that can begin at one instant.
private struct TimesTogether {
    let visits: [(time: FoundTime, minutes: Int64)]
    let total: Money

    func json(_ terms: [FoundTime.Version: ShortTerms]) throws -> JSON {
        [
            "starts": JSON(visits.first?.time.starts.rfc3339),
            "visits": .array(try visits.map { try $0.time.json(for: $0.minutes, terms) }),
            "total": JSON(total.decimal), "currency": JSON(total.currency.rawValue),
        ]
    }

    /// One specialist for each wish, none for two, the cheapest in all; nil where there are too
    /// few. The first few of each wish are enough, since the others can take no more than these.
    init?(_ options: [[FoundTime]], of wishes: [FoundTime.Wish]) throws {
        let short = options.map { times in
            var seen: Set<SpecialistID> = []
            return times.sorted { ($0.amount, $0.specialist) < ($1.amount, $1.specialist) }
                .filter { seen.insert($0.specialist).inserted }.prefix(wishes.count)
        }
        guard let best = try Self.best(short[...], without: []) else { return nil }
        visits = zip(best.times, wishes).map { ($0, $1.minutes) }
        total = best.total
    }

    private static func best(
        _ options: ArraySlice<ArraySlice<FoundTime>>, without taken: Set<SpecialistID>
    ) throws -> (times: [FoundTime], total: Money)? {
        guard let first = options.first else { return ([], .zero) }
        var best: (times: [FoundTime], total: Money)?
        for time in first where !taken.contains(time.specialist) {
            let others = taken.union([time.specialist])
            guard let rest = try Self.best(options.dropFirst(), without: others) else { continue }
            let total = try time.amount.adding(rest.total)
            if best.map({ total < $0.total }) ?? true { best = ([time] + rest.times, total) }
        }
        return best
    }
}

/// Goes through what each wish finds, from start to start.
private struct TogetherSearch {
    /// So many pages of single times are read for one answer.
    private static let mostLoads = 200

    private var streams: [TimeStream]
    private(set) var position: Instant
    private(set) var isOver = false

    init(_ wishes: [FoundTime.Wish], from position: Instant?) {
        streams = wishes.map { TimeStream(wish: $0) }
        let first = wishes.map(\.from).max() ?? Instant(microseconds: 0)
        self.position = max(first, position ?? first)
    }

    /// The next start that all have; nil where there is none, or where enough was read.
    mutating func next(in transaction: Transaction) async throws -> TimesTogether? {
        while !isOver, streams.reduce(0, { $0 + $1.loads }) < Self.mostLoads {
            guard let start = try await common(in: transaction) else {
                isOver = true
                return nil
            }
            var options: [[FoundTime]] = []
            for index in streams.indices {
                options.append(try await streams[index].all(at: start, in: transaction))
            }
            position = Instant(microseconds: try start.microseconds.adding(1))
            if let times = try TimesTogether(options, of: streams.map(\.wish)) { return times }
        }
        return nil
    }

    private mutating func common(in transaction: Transaction) async throws -> Instant? {
        var start = position
        var agreed = 0
        var index = 0
        while agreed < streams.count {
            guard let head = try await streams[index].head(from: start, in: transaction) else {
                return nil
            }
            agreed = head == start ? agreed + 1 : 1
            start = head
            index = (index + 1) % streams.count
        }
        return start
    }
}

/// What one wish finds, some at a time.
private struct TimeStream {
    private static let most = 200

    let wish: FoundTime.Wish
    private(set) var loads = 0
    private var waiting: ArraySlice<FoundTime> = []
    private var isOver = false

    init(wish: FoundTime.Wish) {
        self.wish = wish
    }

    /// The first start at an instant or later.
    mutating func head(
        from instant: Instant, in transaction: Transaction
    ) async throws -> Instant? {
        waiting = waiting.drop { $0.starts < instant }
        if waiting.isEmpty, !isOver {
            let rows = try await load(from: instant, until: wish.until, in: transaction)
            waiting = rows[...]
            isOver = rows.count < Self.most
        }
        return waiting.first?.starts
    }

    /// All that start at an instant, also those that did not come with the first.
    mutating func all(at start: Instant, in transaction: Transaction) async throws -> [FoundTime] {
        if waiting.last?.starts == start, !isOver {
            let end = Instant(microseconds: try start.microseconds.adding(1))
            return try await load(from: start, until: end, in: transaction)
        }
        return waiting.filter { $0.starts == start }
    }

    private mutating func load(
        from start: Instant, until end: Instant, in transaction: Transaction
    ) async throws -> [FoundTime] {
        var part = wish
        (part.from, part.until) = (start, end)
        loads += 1
        return try await transaction.query(FoundTime.find(part, after: nil, limit: Self.most))
            .map(FoundTime.init(row:))
    }
}
