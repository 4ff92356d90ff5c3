import Storage

/// Who asks for what: read from the request's head, before its body means anything.
package struct Request: Sendable {
    package let credential: CredentialDigest
    /// The operationId of `api/openapi.yaml`.
    package let operation: String
    /// Present on every operation that changes something by POST.
    package let idempotency: IdempotencyKey?

    package init(
        credential: CredentialDigest, operation: String, idempotency: IdempotencyKey? = nil
    ) {
        self.credential = credential
        self.operation = operation
        self.idempotency = idempotency
    }
}

/// A key of the caller's choice and the SHA-256 of the body that came with it (invariant 31).
package struct IdempotencyKey: Hashable, Sendable {
    package let key: String
    package let bodyDigest: [UInt8]

    package init(key: String, bodyDigest: [UInt8]) {
        self.key = key
        self.bodyDigest = bodyDigest
    }
}
