import HTTPTypes
import Hummingbird
import Storage

/// What answers on the paths that are not the API's: it gets the same deadlines, limits, headers,
/// request id and log line.
package struct Elsewhere: Sendable {
    /// What was answered: with a name for the log that holds nothing of what came in, and whether
    /// somebody presented what lets nobody in.
    package typealias Answer = (name: String, response: Response, isFailedSignIn: Bool)

    /// The most bytes of a body that are read. As below, the flag says whether the request came
    /// over HTTPS.
    package let bodyLimit: @Sendable (HTTPRequest, Bool) -> Int
    /// What a request presents in place of a bearer token.
    package let credential: @Sendable (HTTPRequest, Bool) -> CredentialDigest?
    package let answer: @Sendable (HTTPRequest, [UInt8], Bool) async throws -> Answer
    /// What is answered when there is no answer: the status and the request's id.
    package let apology: @Sendable (HTTPRequest, Int, String) -> Response

    package init(
        bodyLimit: @escaping @Sendable (HTTPRequest, Bool) -> Int,
        credential: @escaping @Sendable (HTTPRequest, Bool) -> CredentialDigest?,
        answer: @escaping @Sendable (HTTPRequest, [UInt8], Bool) async throws -> Answer,
        apology: @escaping @Sendable (HTTPRequest, Int, String) -> Response
    ) {
        self.bodyLimit = bodyLimit
        self.credential = credential
        self.answer = answer
        self.apology = apology
    }

    /// The API keeps every path that begins as one of its operations' does.
    static func isOfTheAPI(_ path: Substring) -> Bool { beginnings.contains(beginning(path)) }

    private static let beginnings = Set(Operation.allCases.map { beginning($0.path[...]) })

    private static func beginning(_ path: Substring) -> Substring {
        path.dropFirst().prefix { $0 != "/" }
    }
}
