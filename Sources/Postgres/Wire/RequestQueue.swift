import Synchronization

/// Requests in the order of their arrival, and the connections that wait for some.
final class RequestQueue: Sendable {
    enum Next {
        case work([Request])
        /// Nothing to do; the connection's waker is signalled when there is.
        case idle
        /// Requests wait, but the connection has no link to the server yet.
        case needsLink
        case closed
    }

    private struct State {
        var waiting: [Request] = []
        var idle: [Waker] = []
        /// Connections that were signalled and have not come yet.
        var coming = 0
        var all: [Waker] = []
        var isClosed = false
    }

    private let state = Mutex(State())

    var isClosed: Bool { state.withLock { $0.isClosed } }

    func register(_ waker: Waker) {
        state.withLock { $0.all.append(waker) }
    }

    /// Puts a request at the end, and signals one idle connection.
    func submit(_ request: Request) {
        let (waker, isClosed) = state.withLock { state -> (Waker?, Bool) in
            guard !state.isClosed else { return (nil, true) }
            state.waiting.append(request)
            let waker = state.idle.popLast()
            if waker != nil { state.coming += 1 }
            return (waker, false)
        }
        if isClosed { request.fail(.ended) }
        waker?.signal()
    }

    /// Takes a fair share of what waits: all of it, unless other connections are on their way.
    func next(for waker: Waker, hasLink: Bool, limit: Int) -> Next {
        state.withLock { state in
            if state.isClosed { return .closed }
            state.waiting.removeAll { $0.isFinished }
            if state.waiting.isEmpty {
                if !state.idle.contains(where: { $0 === waker }) { state.idle.append(waker) }
                return .idle
            }
            guard hasLink else { return .needsLink }
            let takers = 1 + state.coming
            let share = min(limit, (state.waiting.count + takers - 1) / takers)
            defer { state.waiting.removeFirst(share) }
            return .work(Array(state.waiting.prefix(share)))
        }
    }

    /// The connection has woken up by itself or by a signal: it is not idle any more.
    func arrived(_ waker: Waker) {
        state.withLock { state in
            if let index = state.idle.firstIndex(where: { $0 === waker }) {
                state.idle.remove(at: index)
            } else {
                state.coming = max(0, state.coming - 1)
            }
        }
    }

    /// Ends the wait of those whose time has passed, or that cannot be served any more.
    func refuse(where isRefused: (Request) -> Bool, with error: PostgresError) {
        let refused = state.withLock { state in
            let refused = state.waiting.filter(isRefused)
            if !refused.isEmpty { state.waiting.removeAll(where: isRefused) }
            return refused
        }
        for request in refused { request.fail(error) }
    }

    /// Refuses what waits, and lets the connections end.
    func close() {
        let (waiting, wakers) = state.withLock { state in
            state.isClosed = true
            defer { state.waiting = [] }
            return (state.waiting, state.all)
        }
        for request in waiting { request.fail(.ended) }
        for waker in wakers { waker.signal() }
    }
}
