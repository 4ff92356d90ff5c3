import Marketplace
import Postgres
import Storage
import Testing

/// The code of the refusal that `body` ends with; nil, and a failed test, when it does not.
func refusal(
    at location: SourceLocation = #_sourceLocation, _ body: () async throws -> Void
) async -> RefusalCode? {
    do {
        try await body()
        Issue.record("nothing was refused", sourceLocation: location)
    } catch let refusal as Refusal {
        return refusal.code
    } catch {
        Issue.record("another error: \(error)", sourceLocation: location)
    }
    return nil
}

/// The word, or the SQLSTATE, with which the database refuses; nil when it does not.
func sqlRefusal(_ body: () async throws -> Void) async -> String? {
    do {
        try await body()
        return nil
    } catch {
        if let refusal = SQLRefusal(error) { return refusal.code }
        return (error as? PostgresError)?.state?.rawValue ?? "\(error)"
    }
}
