import Synchronization

/// A value that somebody waits for, and that comes once.
package final class Pending<Value: Sendable>: Sendable {
    private struct State {
        var continuation: CheckedContinuation<Value, any Error>?
        var result: Result<Value, any Error>?
    }

    private let state = Mutex(State())

    package init() {}

    /// Gives the value; the first one counts, and true is returned for it only.
    @discardableResult
    package func finish(_ result: Result<Value, any Error>) -> Bool {
        let (isFirst, continuation) = state.withLock { state in
            guard state.result == nil else {
                return (false, nil as CheckedContinuation<Value, any Error>?)
            }
            state.result = result
            defer { state.continuation = nil }
            return (true, state.continuation)
        }
        continuation?.resume(with: result)
        return isFirst
    }

    package var isFinished: Bool { state.withLock { $0.result != nil } }

    /// Waits for the value, by one caller only. A cancelled task waits no longer, and `cancelled`
    /// hears of it.
    package func value(cancelled: @Sendable () -> Void = {}) async throws -> Value {
        try await withTaskCancellationHandler {
            try await uncancelledValue()
        } onCancel: {
            if finish(.failure(CancellationError())) { cancelled() }
        }
    }

    /// Waits for the value, whatever happens to the task.
    package func uncancelledValue() async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            let known = state.withLock { state in
                if state.result == nil { state.continuation = continuation }
                return state.result
            }
            if let known { continuation.resume(with: known) }
        }
    }
}
