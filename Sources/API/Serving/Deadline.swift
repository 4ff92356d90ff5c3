/// Runs `body` until the instant at most; then it is cancelled and `late` thrown. `body` must end
/// soon when cancelled, as reading a body and asking the database do.
func within<Value: Sendable>(
    _ deadline: ContinuousClock.Instant, late: Problem,
    _ body: @escaping @Sendable () async throws -> Value
) async throws -> Value {
    try await withThrowingTaskGroup(of: Value.self) { group in
        defer { group.cancelAll() }
        group.addTask(operation: body)
        group.addTask {
            try await Task.sleep(until: deadline, clock: .continuous)
            throw late
        }
        guard let first = try await group.next() else { throw late }
        return first
    }
}
