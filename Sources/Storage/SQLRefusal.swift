import Postgres

/// A rule's refusal raised by an SQL function: SQLSTATE `AK` and the kind, the stable code as the
/// message, its figures as JSON in the detail.
package struct SQLRefusal: Error, Sendable {
    package let kind: Int
    package let code: String
    package let figures: String

    package init?(_ error: any Error) {
        guard case .server(let server) = error as? PostgresError, let kind = server.state.ourNumber
        else { return nil }
        self.kind = kind
        code = server.message
        figures = server.detail ?? "{}"
    }
}
