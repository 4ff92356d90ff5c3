/// What can be wrong with a request before a use case sees it, and what can fail around it. Stable
/// codes beside those of `RefusalCode`; `api/openapi.yaml` lists both.
package enum RequestProblem: String, Hashable, Sendable, CaseIterable {
    case malformedRequest = "malformed_request"
    case malformedJSON = "malformed_json"
    case bodyNotExpected = "body_not_expected"
    case parameterUnknown = "parameter_unknown"
    case parameterMissing = "parameter_missing"
    case parameterInvalid = "parameter_invalid"
    case idempotencyKeyMissing = "idempotency_key_missing"
    case idempotencyKeyMalformed = "idempotency_key_malformed"
    case ifMatchMissing = "if_match_missing"
    case ifMatchMalformed = "if_match_malformed"
    case pathUnknown = "path_unknown"
    case methodNotAllowed = "method_not_allowed"
    case bodyTooSlow = "body_too_slow"
    case bodyTooLarge = "body_too_large"
    case mediaTypeUnsupported = "media_type_unsupported"
    case invalidInput = "invalid_input"
    case tooManyRequests = "too_many_requests"
    case internalError = "internal_error"
    case databaseUnavailable = "database_unavailable"
    case deadlineExceeded = "deadline_exceeded"
    case outcomeUnknown = "outcome_unknown"

    package var status: Int {
        switch self {
        case .malformedRequest, .malformedJSON, .bodyNotExpected, .parameterUnknown,
            .parameterMissing, .parameterInvalid, .idempotencyKeyMissing,
            .idempotencyKeyMalformed, .ifMatchMalformed:
            400
        case .pathUnknown: 404
        case .methodNotAllowed: 405
        case .bodyTooSlow: 408
        case .bodyTooLarge: 413
        case .mediaTypeUnsupported: 415
        case .invalidInput: 422
        case .ifMatchMissing: 428
        case .tooManyRequests: 429
        case .internalError: 500
        case .databaseUnavailable, .deadlineExceeded, .outcomeUnknown: 503
        }
    }

    package var title: String {
        switch self {
        case .malformedRequest: "The request is not well formed"
        case .malformedJSON: "The body is not well-formed JSON"
        case .bodyNotExpected: "The operation takes no body"
        case .parameterUnknown: "The operation has no such parameter"
        case .parameterMissing: "A parameter is missing"
        case .parameterInvalid: "A parameter cannot be read"
        case .idempotencyKeyMissing: "The Idempotency-Key header is missing"
        case .idempotencyKeyMalformed: "The Idempotency-Key header cannot be read"
        case .ifMatchMissing: "The If-Match header is missing"
        case .ifMatchMalformed: "The If-Match header cannot be read"
        case .pathUnknown: "There is nothing at this path"
        case .methodNotAllowed: "The path has no such method"
        case .bodyTooSlow: "The body took too long to arrive"
        case .bodyTooLarge: "The body is too large"
        case .mediaTypeUnsupported: "The body has another media type than expected"
        case .invalidInput: "The body says something that cannot be"
        case .tooManyRequests: "Too many requests in a short time"
        case .internalError: "The server failed"
        case .databaseUnavailable: "The database cannot be reached now"
        case .deadlineExceeded: "The answer took too long"
        case .outcomeUnknown: "It is not known whether the change was made"
        }
    }

    var headers: [Problem.Header] {
        status == 503 ? [Problem.Header(name: "Retry-After", value: "1")] : []
    }
}
