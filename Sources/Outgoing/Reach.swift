import Glibc
import NIOPosix

/// Which addresses of others' servers are asked. An organisation names its own provider and its
/// specialists' calendars; without a limit it could have this server ask what stands beside it,
/// such as its database or a cloud's metadata.
package struct Reach: Hashable, Sendable {
    private let isEverywhere: Bool
    private let allowed: [AddressRange]

    /// Loopback too: for a demo, in which all servers are on one machine.
    package static let everywhere = Reach(isEverywhere: true, allowed: [])

    /// Addresses of the internet, and those of the inside that are allowed.
    package static func internet(and allowed: [AddressRange] = []) -> Reach {
        Reach(isEverywhere: false, allowed: allowed)
    }

    /// What the registries of special-purpose addresses hold that is not reached from everywhere
    /// (RFC 6890, §2.2; IANA's registries of special-purpose addresses of IPv4 and IPv6), and
    /// multicast.
    private static let inside: [AddressRange] = [
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16",
        "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.168.0.0/16", "198.18.0.0/15",
        "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
        "::/96", "64:ff9b:1::/48", "100::/64", "2001:db8::/32", "3fff::/20", "5f00::/16",
        "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8",
    ].compactMap { AddressRange($0) }

    package func contains(_ address: IPAddress) -> Bool {
        if isEverywhere || allowed.contains(where: { $0.contains(address) }) { return true }
        if let inner = address.carried { return contains(inner) }
        return !Self.inside.contains { $0.contains(address) }
    }

    /// The first address of a host that may be asked, as the machine's resolver gives them; nil
    /// where each of them is of the inside. Throws `BoundedHTTP.Failure.unreachable` for a host
    /// that has none.
    func address(of host: String) async throws(BoundedHTTP.Failure) -> IPAddress? {
        let bare = host.first == "[" ? String(host.dropFirst().dropLast()) : host
        var addresses: [IPAddress] = []
        do {
            addresses = try await NIOThreadPool.singleton.runIfActive { Self.resolved(bare) }
        } catch {
            throw .unreachable
        }
        guard !addresses.isEmpty else { throw .unreachable }
        return addresses.first(where: contains)
    }

    private static func resolved(_ host: String) -> [IPAddress] {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var found: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, nil, &hints, &found) == 0 else { return [] }
        defer { freeaddrinfo(found) }
        var addresses: [IPAddress] = []
        var next = found
        while let entry = next?.pointee {
            var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
            let status = getnameinfo(
                entry.ai_addr, entry.ai_addrlen, &text, socklen_t(text.count), nil, 0,
                NI_NUMERICHOST)
            let end = text.firstIndex(of: 0) ?? text.endIndex
            let name = String(decoding: text[..<end].map(UInt8.init(bitPattern:)), as: UTF8.self)
            if status == 0, let address = IPAddress(name) { addresses.append(address) }
            next = entry.ai_next
        }
        return addresses
    }
}

extension IPAddress {
    /// The address of IPv4 to which one of IPv6 is translated on the way: NAT64 (RFC 6052, §2.1)
    /// and 6to4 (RFC 3056, §2).
    fileprivate var carried: IPAddress? {
        guard bytes.count == 16 else { return nil }
        if bytes.prefix(12) == [0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0] {
            return IPAddress(four: bytes[12...])
        }
        return bytes.prefix(2) == [0x20, 0x02] ? IPAddress(four: bytes[2..<6]) : nil
    }
}
