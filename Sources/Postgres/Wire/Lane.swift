import CPostgres
import Logging

/// How one connection is used.
enum LaneUse: Sendable {
    /// Many callers at once. A caller whose time has passed goes, and its answer is dropped when it
    /// comes; only a server that stays silent longer than `patience` loses the connection.
    case shared(patience: Duration)
    /// One caller at a time, whose deadline or cancellation ends the connection.
    case leased
}

/// One connection and its thread: takes requests from a queue, and keeps itself connected.
final class Lane: Sendable {
    let queue: RequestQueue
    let waker: Waker
    let ended = Latch()

    /// Nil when the process has no descriptor or no thread left.
    init?(
        queue: RequestQueue, use: LaneUse, settings: LinkSettings, statementLimit: Int,
        logger: Logger
    ) {
        guard let waker = Waker() else { return nil }
        self.queue = queue
        self.waker = waker
        queue.register(waker)
        let ended = ended
        let isStarted = OwnThread.start {
            LaneLoop(
                queue: queue, waker: waker, use: use, settings: settings,
                statementLimit: statementLimit, logger: logger
            ).run()
            ended.open()
        }
        guard isStarted else { return nil }
    }
}

/// What the thread of a lane does, and what only it touches.
private final class LaneLoop {
    let queue: RequestQueue
    let waker: Waker
    let use: LaneUse
    let settings: LinkSettings
    let statementLimit: Int
    let logger: Logger

    private var link: Link?
    /// The loan that has begun on this very connection.
    private var lease: Lease?
    private var lastFailure: String?
    private var failures = 0

    /// How often a request in the queue is looked at while its connections are busy.
    private static let sweep = Duration.milliseconds(20)
    /// How many requests travel in one pipeline.
    private static let largestBatch = 64

    init(
        queue: RequestQueue, waker: Waker, use: LaneUse, settings: LinkSettings,
        statementLimit: Int, logger: Logger
    ) {
        (self.queue, self.waker, self.use, self.settings) = (queue, waker, use, settings)
        (self.statementLimit, self.logger) = (statementLimit, logger)
    }

    private var isLeased: Bool {
        if case .leased = use { true } else { false }
    }

    func run() {
        while true {
            refuseOrphans()
            let limit = isLeased ? 1 : Self.largestBatch
            switch queue.next(for: waker, hasLink: link != nil, limit: limit) {
            case .closed: return
            case .idle: rest()
            case .needsLink: connect()
            case .work(let requests): perform(requests)
            }
        }
    }

    /// Waits for work, and notices when the server ends the connection meanwhile.
    private func rest() {
        let ready = poll(
            socket: link?.socket, reading: true, writing: false, waker: waker, until: nil)
        queue.arrived(waker)
        guard ready.socketIsReadable, let link else { return }
        let isAlive = PQconsumeInput(link.connection) == 1 && PQisBusy(link.connection) >= 0
        let isEnding = link.takeNotices().contains { $0.endsConnection }
        if !isAlive || isEnding || link.isBroken { drop("the server ended the connection") }
    }

    private func connect() {
        let attempt = Link.open(settings, statementLimit: statementLimit, waker: waker) {
            expire()
            return !queue.isClosed
        }
        switch attempt {
        case .success(let opened):
            link = opened
            (failures, lastFailure) = (0, nil)
        case .failure(let failure):
            if failures == 0 {
                logger.warning("no connection to the database: \(failure.reason)")
            }
            failures += 1
            lastFailure = failure.reason
            backOff()
        }
    }

    /// Twice as long after each failure, up to two seconds, and never all at once.
    private func backOff() {
        let longest = min(2000, 25 << min(failures, 7))
        let end = Deadline.now + .milliseconds(Int.random(in: longest / 2...longest))
        while Deadline.now < end, !queue.isClosed {
            _ = poll(
                socket: nil, reading: false, writing: false, waker: waker,
                until: min(end, .now + Self.sweep))
            expire()
        }
    }

    /// What belongs to a loan whose connection has ended can never be done, not even to roll back.
    private func refuseOrphans() {
        guard isLeased && link == nil else { return }
        queue.refuse(
            where: { !$0.beginsLease }, with: .connectionLost(lastFailure ?? "it ended"))
    }

    /// Ends the wait of those in the queue whose time has passed.
    private func expire() {
        refuseOrphans()
        let now = Deadline.now
        queue.refuse(
            where: { $0.deadline <= now },
            with: lastFailure.map { .connectionFailed($0) } ?? .deadlineExceeded)
    }

    private func perform(_ requests: [Request]) {
        guard let link else { return }
        for request in requests where request.deadline <= .now { request.fail(.deadlineExceeded) }
        let pending = requests.filter { !$0.isFinished }
        guard let first = pending.first else { return }
        if isLeased {
            if first.beginsLease { lease = first.lease }
            guard lease === first.lease else {
                first.fail(.connectionLost(lastFailure ?? "it ended"))
                return
            }
        }
        switch first.work {
        case .segment: run(Batch(pending, link: link), over: link)
        case .script(let sql):
            run(Script(first, sql: sql, forgetsStatements: false, link: link), over: link)
        case .reset:
            run(Script(first, sql: "discard all", forgetsStatements: true, link: link), over: link)
        }
    }

    private func run(_ exchange: any Exchange, over link: Link) {
        guard exchange.send() else { return lose(exchange, link.lastMessage) }
        var lastSign = Deadline.now
        while true {
            switch exchange.receive() {
            case .done: return
            case .lost(let reason): return lose(exchange, reason)
            case .waiting: break
            }
            guard let until = nextLook(at: exchange, lastSign: lastSign) else {
                return lose(exchange, "the deadline has passed")
            }
            let flushed = PQflush(link.connection)
            let ready = poll(
                socket: link.socket, reading: true, writing: flushed == 1, waker: waker,
                until: until)
            guard ready.socketIsReadable else { continue }
            lastSign = .now
            guard PQconsumeInput(link.connection) == 1 else {
                let reason = link.lastMessage
                // Answers that came before the end still count.
                _ = exchange.receive()
                return lose(exchange, reason)
            }
        }
    }

    /// Ends the waits whose time has passed; nil when the connection is to be given up, else when
    /// to look again.
    private func nextLook(at exchange: any Exchange, lastSign: Deadline) -> Deadline? {
        let now = Deadline.now
        for request in exchange.requests where request.deadline <= now {
            request.fail(
                request.effect == .commits ? .outcomeUnknown(.deadline) : .deadlineExceeded)
        }
        switch use {
        case .leased:
            guard let request = exchange.requests.first, !request.isFinished else { return nil }
            return request.deadline
        case .shared(let patience):
            expire()
            return lastSign + patience <= now ? nil : now + Self.sweep
        }
    }

    private func lose(_ exchange: any Exchange, _ reason: String) {
        drop(reason)
        exchange.abandon(reason)
    }

    private func drop(_ reason: String) {
        logger.debug("a connection to the database ended: \(reason)")
        link = nil
        lease = nil
    }
}
