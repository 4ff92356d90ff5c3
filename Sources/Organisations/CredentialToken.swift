/// The secret that a credential's holder presents: `aik_` and 43 characters of base64url
/// (RFC 4648 §5, without padding) that spell 32 random bytes.
///
/// Only its SHA-256 is ever stored. It has no description, so that it does not reach a log.
package struct CredentialToken: Hashable, Sendable {
    package static let prefix = "aik_"
    package static let secretBytes = 32

    /// The whole token, as presented.
    package let text: String

    /// Writes the token of 32 bytes that the caller drew from the system's random source.
    package init(secret: [UInt8]) throws(OrganisationRefusal) {
        guard secret.count == Self.secretBytes else { throw .tokenMalformed }
        var text = Self.prefix
        var bits: UInt32 = 0
        var held = 0
        for byte in secret {
            bits = bits << 8 | UInt32(byte)
            held += 8
            while held >= 6 {
                held -= 6
                text.unicodeScalars.append(Self.alphabet[Int(bits >> held & 63)])
            }
        }
        // 256 bits are 42 sixes and four bits; the last two are zero.
        text.unicodeScalars.append(Self.alphabet[Int(bits << (6 - held) & 63)])
        self.text = text
    }

    /// Checks the shape of what was presented, so that nothing else is ever hashed and looked up.
    package init(presented text: String) throws(OrganisationRefusal) {
        let scalars = text.unicodeScalars
        guard scalars.count == Self.prefix.unicodeScalars.count + 43,
            text.utf8.starts(with: Self.prefix.utf8)
        else { throw .tokenMalformed }
        let body = scalars.dropFirst(Self.prefix.unicodeScalars.count)
        guard body.allSatisfy({ Self.alphabet.contains($0) }),
            // One secret has one spelling: the two spare bits of the last character are zero.
            let last = body.last.flatMap({ Self.alphabet.firstIndex(of: $0) }), last & 3 == 0
        else { throw .tokenMalformed }
        self.text = text
    }

    private static let alphabet = Array(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".unicodeScalars)
}
