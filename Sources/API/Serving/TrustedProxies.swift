import Outgoing

/// The reverse proxies whose word is believed on whom they speak for. From any other address what a
/// request says of its own origin changes nothing.
package struct TrustedProxies: Hashable, Sendable {
    private let ranges: [AddressRange]

    package static let none = TrustedProxies(ranges: [])

    private init(ranges: [AddressRange]) {
        self.ranges = ranges
    }

    /// Reads addresses and ranges with commas between them; nil when one of them is none.
    package init?(_ text: String) {
        guard let ranges = AddressRange.list(text) else { return nil }
        self.ranges = ranges
    }

    package func contains(_ address: IPAddress) -> Bool {
        ranges.contains { $0.contains(address) }
    }

    /// Whom a request is from. Each proxy adds the address that it was asked by to
    /// `X-Forwarded-For`, so the list is read from its end, and the first address that is no proxy
    /// of ours is the client's; whatever stands before it, the client may have written itself.
    package func client(
        peer: IPAddress?, forwardedFor: [String], forwardedProto: [String]
    ) -> Client {
        guard let peer, contains(peer) else { return Client(address: peer, isHTTPS: false) }
        var client = peer
        let named = forwardedFor.flatMap {
            $0.split(separator: ",", omittingEmptySubsequences: false)
        }
        for entry in named.reversed() where contains(client) {
            guard let address = IPAddress(entry.trimmed) else { break }
            client = address
        }
        let isHTTPS = forwardedProto.count == 1 && forwardedProto[0].lowercased() == "https"
        return Client(address: client, isHTTPS: isHTTPS)
    }
}

/// Whom a request is from, as far as it can be believed.
package struct Client: Hashable, Sendable {
    /// Nil where the connection has none.
    package let address: IPAddress?
    /// Whether it came to a trusted proxy over HTTPS.
    package let isHTTPS: Bool
}
