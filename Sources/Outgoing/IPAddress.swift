import Glibc

/// An address of IPv4 in 4 bytes or of IPv6 in 16. One of IPv4 that is written in IPv6
/// (`::ffff:192.0.2.1`, RFC 4291 §2.5.5.2) is the same address.
package struct IPAddress: Hashable, Sendable {
    package let bytes: [UInt8]

    /// Nil for anything but an address as `inet_pton` reads it: no zone, no port, no short forms.
    package init?(_ text: some StringProtocol) {
        let text = String(text)
        if let four = Self.read(text, AF_INET, 4) {
            bytes = four
        } else if let sixteen = Self.read(text, AF_INET6, 16) {
            let isMapped = sixteen.prefix(12) == [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255]
            bytes = isMapped ? Array(sixteen.suffix(4)) : sixteen
        } else {
            return nil
        }
    }

    /// Of the four bytes of an address of IPv4.
    init(four: ArraySlice<UInt8>) { bytes = Array(four) }

    /// As `getaddrinfo` and a browser read it.
    var text: String {
        var name = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        let family = bytes.count == 4 ? AF_INET : AF_INET6
        _ = inet_ntop(family, bytes, &name, socklen_t(name.count))
        let end = name.firstIndex(of: 0) ?? name.endIndex
        return String(decoding: name[..<end].map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    private static func read(_ text: String, _ family: Int32, _ count: Int) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: count)
        return inet_pton(family, text, &bytes) == 1 ? bytes : nil
    }
}

/// An address, or all that begin with the same bits (CIDR notation, RFC 4632 §3.1).
package struct AddressRange: Hashable, Sendable {
    private let address: IPAddress
    private let bits: Int

    /// Reads `192.0.2.1`, `10.0.0.0/8`, `2001:db8::/32`.
    package init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let address = parts.first.flatMap({ IPAddress($0) }) else { return nil }
        let all = address.bytes.count * 8
        self.address = address
        guard parts.count > 1 else {
            bits = all
            return
        }
        guard let bits = Int(parts[1]), (0...all).contains(bits), String(bits) == parts[1] else {
            return nil
        }
        self.bits = bits
    }

    package func contains(_ other: IPAddress) -> Bool {
        guard other.bytes.count == address.bytes.count else { return false }
        return zip(address.bytes, other.bytes).enumerated().allSatisfy { index, pair in
            let wanted = min(max(bits - index * 8, 0), 8)
            let mask = UInt8(truncatingIfNeeded: 0xff00 >> wanted)
            return pair.0 & mask == pair.1 & mask
        }
    }
}

extension AddressRange {
    /// Reads addresses and ranges with commas between them; nil when one of them is none.
    package static func list(_ text: String) -> [AddressRange]? {
        var ranges: [AddressRange] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            guard let range = AddressRange(part.trimmed) else { return nil }
            ranges.append(range)
        }
        return ranges
    }
}

extension StringProtocol {
    /// Without the blanks and tabs that may stand around an element of a list (RFC 9110 §5.6.3).
    package var trimmed: SubSequence {
        let rest = drop { $0 == " " || $0 == "\t" }
        let end = rest.lastIndex { $0 != " " && $0 != "\t" }
        return end.map { rest[...$0] } ?? rest[rest.endIndex...]
    }
}
