/// An address of a provider: `https`, or plain `http` where its host is this machine itself and
/// that is allowed. No user, no query and no fragment, as OpenID Connect Discovery 1.0 §3 asks of
/// an issuer.
package struct WebAddress: Hashable, Sendable, CustomStringConvertible {
    package struct Malformed: Error, Hashable, CustomStringConvertible {
        package var description: String {
            "must be an address such as https://login.hospital.example, without a query"
        }
    }

    package static let longest = 500

    /// As it was given: issuers are compared byte by byte.
    package let text: String
    package let isLoopback: Bool

    package init(_ text: String, allowingLoopback: Bool) throws(Malformed) {
        // a name of hosts is at most 253 characters long (RFC 1035, section 2.3.4)
        let form =
            /(https?):\/\/(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.\-]{1,253})(?::[0-9]{1,5})?(?:\/.*)?/
        guard text.utf8.count <= Self.longest,
            text.utf8.allSatisfy({
                (0x21...0x7E).contains($0) && !"\"#<>?\\^`{|}".utf8.contains($0)
            }),
            let parts = text.wholeMatch(of: form)
        else { throw Malformed() }
        isLoopback = ["127.0.0.1", "localhost", "[::1]"].contains(parts.2)
        guard parts.1 == "https" || allowingLoopback && isLoopback else { throw Malformed() }
        self.text = text
    }

    package var description: String { text }

    /// The same without what it ends in, where that is a slash.
    var withoutSlash: Substring { text.last == "/" ? text.dropLast() : text[...] }
}
