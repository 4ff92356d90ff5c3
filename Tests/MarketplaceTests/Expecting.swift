import Postgres
import Storage

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
