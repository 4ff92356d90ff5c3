import Crypto
import FoundationEssentials
import StrictJSON

/// A TURN server (RFC 8656) through which picture and sound go where no straight way is open. Its
/// passwords are made from a secret that it shares with this server, and last for a day
/// ("A REST API For Access To TURN Services", draft-uberti-behave-turn-rest-00; coturn's
/// `use-auth-secret`).
package struct Relay: Hashable, Sendable {
    /// Such as `turn:turn.example:3478?transport=udp`.
    package let addresses: [String]
    private let secret: String
    /// Whether browsers use no other way, so that neither side learns the other's address.
    package let isOnlyWay: Bool

    package static let passwordSeconds: Int64 = 86_400

    package init(addresses: [String], secret: String, isOnlyWay: Bool) {
        self.addresses = addresses
        self.secret = secret
        self.isOnlyWay = isOnlyWay
    }

    /// Addresses of TURN or STUN with commas between them; nil for anything else.
    package static func addresses(_ text: String) -> [String]? {
        let form = /(turns?|stuns?):[A-Za-z0-9.\-\[\]:]{1,260}(\?transport=(udp|tcp))?/
        let addresses = text.split(separator: ",")
        let areAll = addresses.allSatisfy { $0.wholeMatch(of: form) != nil }
        return addresses.isEmpty || !areAll ? nil : addresses.map(String.init)
    }

    /// As a browser's `RTCPeerConnection` takes them (WebRTC 1.0, §4.2.1.2).
    package func servers(for person: String, now: Int64) -> [JSON] {
        let name = "\(now + Self.passwordSeconds):\(person)"
        let code = HMAC<Insecure.SHA1>.authenticationCode(
            for: Array(name.utf8), using: SymmetricKey(data: Array(secret.utf8)))
        return [
            [
                "urls": .array(addresses.map { JSON($0) }),
                "username": JSON(name),
                "credential": JSON(Data(code).base64EncodedString()),
            ]
        ]
    }
}
