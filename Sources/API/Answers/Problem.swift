import Marketplace
import StrictJSON

/// A refused or failed request, as RFC 9457 writes it. `detail` is for the caller to read; what
/// went wrong inside is in the log only.
package struct Problem: Error, Hashable, Sendable {
    package let status: Int
    /// Stable; `type` is `/problems/` and this.
    package let code: String
    package let title: String
    package var detail: String?
    /// The figures of a refused rule.
    package var figures: JSON?
    package var errors: [JSONProblem] = []
    /// The name of the query parameter, header or path parameter that is meant.
    package var parameter: String?
    package var headers: [Header] = []

    package struct Header: Hashable, Sendable {
        package let name: String
        package let value: String
    }

    package init(_ code: RequestProblem, _ detail: String? = nil, parameter: String? = nil) {
        status = code.status
        self.code = code.rawValue
        title = code.title
        self.detail = detail
        self.parameter = parameter
        headers = code.headers
    }

    package init(_ code: RefusalCode, figures: JSON = .object([:])) {
        status = code.status
        self.code = code.rawValue
        title = code.title
        if figures != .object([:]) { self.figures = figures }
        headers = status == 401 ? [Self.challenge] : []
    }

    /// More than a limit allows; told when the next request is allowed.
    package init(over limit: RateState) {
        self.init(.tooManyRequests)
        figures = ["limit": JSON(limit.limit.name)]
        headers = [Header(name: "Retry-After", value: "\(max(limit.secondsToNext, 1))")]
    }

    /// Whether what was presented lets nobody in. To have presented nothing is no failure.
    var isFailedSignIn: Bool {
        status == 401 && code != RefusalCode.credentialMissing.rawValue
    }

    /// RFC 6750 §3.
    static let challenge = Header(name: "WWW-Authenticate", value: "Bearer")

    package func body(requestID: String) -> JSON {
        var members: [(String, JSON)] = [
            ("type", JSON("/problems/\(code)")),
            ("title", JSON(title)),
            ("status", JSON(status)),
            ("instance", JSON("urn:aikatori:request:\(requestID)")),
            ("code", JSON(code)),
        ]
        if let detail { members.append(("detail", JSON(detail))) }
        if let parameter { members.append(("parameter", JSON(parameter))) }
        if let figures { members.append(("figures", figures)) }
        if !errors.isEmpty { members.append(("errors", .array(errors.map(\.json)))) }
        return .object(JSONObject(members))
    }
}

extension JSONProblem {
    fileprivate var json: JSON {
        ["pointer": JSON(pointer), "code": JSON(code), "message": JSON(message)]
    }
}
