/// Where the two sides meet.
package struct Room: Hashable, Sendable {
    package enum Provider: String, Hashable, Sendable, CaseIterable {
        case builtIn = "built_in"
        case jitsi
        /// The organisation's own video system, by a link.
        case ownLink = "own_link"
    }

    package struct LinkRefused: Error, Hashable, Sendable {
        package let code = "room_link_malformed"
    }

    package static let builtIn = Room(checked: .builtIn, link: nil)

    package let provider: Provider
    /// Of all but `builtIn`: an https address of at most 500 ASCII characters. That of a Jitsi room
    /// opens with a token only.
    package let link: String?

    package init(provider: Provider, link: String?) throws(LinkRefused) {
        guard (provider == .builtIn) == (link == nil), link.map(Self.isAddress) ?? true else {
            throw LinkRefused()
        }
        self = Room(checked: provider, link: link)
    }

    private init(checked provider: Provider, link: String?) {
        self.provider = provider
        self.link = link
    }

    static let longestLink = 500

    static func isAddress(_ link: String) -> Bool {
        let scheme = "https://"
        guard link.utf8.count <= longestLink, link.utf8.starts(with: scheme.utf8),
            link.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
        else { return false }
        let host = link.utf8.dropFirst(scheme.utf8.count).prefix { $0 != UInt8(ascii: "/") }
        // A user name before the host could make one site look like another.
        return !host.isEmpty && !host.contains(UInt8(ascii: "@"))
    }
}
