import Crypto
import Marketplace
import Organisations
import Storage

/// What the `Authorization` header presented (RFC 6750 §2.1). It has no description, so that it
/// does not reach a log.
struct BearerToken: Sendable {
    let text: String

    /// Nil when there is no such header; other schemes are refused like a missing credential.
    init(authorization: String?) throws(Problem) {
        guard let authorization else { throw Problem(.credentialMissing) }
        let parts = authorization.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, parts[0].lowercased() == "bearer", !parts[1].isEmpty,
            parts[1].utf8.count <= 4096
        else { throw Problem(.credentialMissing) }
        text = String(parts[1])
    }

    /// By which its use is counted, whether or not it is known.
    var digest: CredentialDigest {
        CredentialDigest(bytes: Array(SHA256.hash(data: Array(text.utf8))))
    }

    /// What the database knows an organisation's token by. A text that cannot be one is refused
    /// before it is hashed and looked up.
    func organisationDigest() throws(Problem) -> CredentialDigest {
        guard let token = try? CredentialToken(presented: text) else {
            throw Problem(.credentialUnknown)
        }
        return CredentialDigest(of: token)
    }
}
