import Crypto
import Marketplace
import Storage

/// What the head of a request says, checked for its form only, before a body is read: the database
/// decides who the caller is.
struct Claims: Sendable {
    /// The bearer token as it came; empty where none is needed.
    let token: String
    let query: QueryParameters
    /// The revision in `If-Match`.
    let revision: Int64?
    private let credential: CredentialDigest?
    private let key: String?

    init(_ operation: Operation, _ head: RequestHead) throws(Problem) {
        switch operation.credential {
        case .nothing:
            token = ""
            credential = nil
        case .joinToken:
            token = try BearerToken(authorization: head.value("authorization")).text
            credential = nil
        case .organisation:
            let bearer = try BearerToken(authorization: head.value("authorization"))
            token = bearer.text
            credential = try bearer.organisationDigest()
        }
        key = operation.requiresIdempotencyKey ? try head.idempotencyKey() : nil
        revision = operation.requiresIfMatch ? try head.ifMatch() : nil
        query = try QueryParameters(head.query, known: operation.queryParameters)
        try operation.body.check(contentType: head.value("content-type"))
    }

    /// What the market is asked with; nil for operations without an organisation's credential.
    /// Two requests with one key are the same when method, path and body are.
    func request(_ operation: Operation, _ head: RequestHead, bytes: [UInt8]) -> Request? {
        credential.map { credential in
            Request(
                credential: credential, operation: operation.rawValue,
                idempotency: key.map { key in
                    var hash = SHA256()
                    hash.update(data: Array("\(head.method) \(head.path)\n".utf8))
                    hash.update(data: bytes)
                    return IdempotencyKey(key: key, bodyDigest: Array(hash.finalize()))
                })
        }
    }
}
