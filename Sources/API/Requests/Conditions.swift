import Marketplace

extension RequestHead {
    /// The caller's key of a request that may be repeated, bare or quoted
    /// (draft-ietf-httpapi-idempotency-key-header).
    func idempotencyKey() throws(Problem) -> String {
        guard let value = try value("idempotency-key") else {
            throw Problem(.idempotencyKeyMissing, parameter: "Idempotency-Key")
        }
        let isQuoted = value.utf8.count >= 2 && value.first == "\"" && value.last == "\""
        let key = isQuoted ? String(value.dropFirst().dropLast()) : value
        guard (1...200).contains(key.utf8.count),
            key.utf8.allSatisfy({ (0x21...0x7e).contains($0) && $0 != UInt8(ascii: "\"") })
        else {
            throw Problem(
                .idempotencyKeyMalformed, "1 to 200 visible ASCII characters, bare or quoted.",
                parameter: "Idempotency-Key")
        }
        return key
    }

    /// The revision that an edit starts from. A tag that this server never made matches nothing,
    /// and a weak one never does (RFC 9110 §13.1.1).
    func ifMatch() throws(Problem) -> Int64 {
        guard let value = try value("if-match") else {
            throw Problem(.ifMatchMissing, parameter: "If-Match")
        }
        guard let tag = EntityTag(value) else {
            throw Problem(
                .ifMatchMalformed, "One entity tag, such as \"3\" with its quotes.",
                parameter: "If-Match")
        }
        guard !tag.isWeak, let revision = tag.revision else { throw Problem(.revisionDiffers) }
        return revision
    }

    /// Whether the caller has this revision already (RFC 9110 §13.1.2).
    func alreadyHas(revision: Int64) -> Bool {
        values("if-none-match").contains { value in
            value == "*"
                || value.split(separator: ",").contains {
                    EntityTag(String($0.trimmingPrefix { $0 == " " }))?.revision == revision
                }
        }
    }
}

/// An entity tag (RFC 9110 §8.8.3); ours are revisions in quotes.
struct EntityTag: Hashable, Sendable {
    let isWeak: Bool
    let opaque: String

    init?(_ text: String) {
        isWeak = text.hasPrefix("W/")
        let quoted = text.dropFirst(isWeak ? 2 : 0)
        guard quoted.utf8.count >= 2, quoted.utf8.count <= 100, quoted.first == "\"",
            quoted.last == "\""
        else { return nil }
        opaque = String(quoted.dropFirst().dropLast())
        guard opaque.utf8.allSatisfy({ (0x21...0x7e).contains($0) && $0 != UInt8(ascii: "\"") })
        else { return nil }
    }

    /// Written one way only, so that `"03"` is not `"3"`.
    var revision: Int64? {
        Int64(opaque).flatMap { String($0) == opaque ? $0 : nil }
    }

    static func text(_ revision: Int64) -> String { "\"\(revision)\"" }
}
