import HTTPTypes
import Hummingbird

/// What answers on the paths that are not the API's: it gets the same deadlines, limits, request
/// id and log line.
package struct Elsewhere: Sendable {
    /// The most bytes of a body that are read.
    package let bodyLimit: @Sendable (HTTPRequest) -> Int
    /// The answer, with a name for the log that holds nothing of what came in.
    package let answer:
        @Sendable (HTTPRequest, [UInt8]) async throws -> (name: String, response: Response)
    /// What is answered when there is no answer: the status and the request's id.
    package let apology: @Sendable (HTTPRequest, Int, String) -> Response

    package init(
        bodyLimit: @escaping @Sendable (HTTPRequest) -> Int,
        answer:
            @escaping @Sendable (HTTPRequest, [UInt8]) async throws -> (
                name: String, response: Response
            ),
        apology: @escaping @Sendable (HTTPRequest, Int, String) -> Response
    ) {
        self.bodyLimit = bodyLimit
        self.answer = answer
        self.apology = apology
    }

    /// The API keeps what its document names, and everything below `/v1`.
    static func isOfTheAPI(_ path: Substring) -> Bool {
        let first = path.dropFirst().prefix { $0 != "/" }
        return ["v1", "healthz", "readyz", "openapi.yaml"].contains(first)
    }
}
