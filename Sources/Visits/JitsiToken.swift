import Crypto
import MoneyAndTime
import StrictJSON

/// What lets one person into one room of a Jitsi Meet server: a JSON Web Token (RFC 7519) of the
/// server's "token authentication", signed with HS256 and the secret that the server shares with
/// the market. Made when somebody joins, and kept nowhere.
///
/// The claims are those of `doc/tokens.md` in `jitsi/lib-jitsi-meet`: `iss`, the application's
/// identifier; `aud`, the service that takes the token, for which the server accepts the
/// application's identifier unless it is told otherwise; `sub`, the domain in lower case; `room`,
/// the room's name, compared in lower case; `exp`, and `nbf` of RFC 7519. All members of
/// `context.user` are strings: numbers and null make a server fail. Moderators are told by
/// `affiliation` and `moderator`, as `mod_token_affiliation.lua` of `jitsi/jitsi-meet` reads them;
/// a server without that module makes everybody a moderator.
package struct JitsiToken: Hashable, Sendable {
    /// RFC 7518, section 3.2: a key for HS256 has at least as many bits as its hash.
    package static let shortestSecret = 32

    package let appID: String
    package let domain: String
    package let room: String
    /// Seconds since 1970: from when, and until when.
    package let opens: Int64
    package let closes: Int64
    /// Not the market's own identifier of a person: one for this visit.
    package let user: String
    package let name: String
    package let isModerator: Bool

    /// `address` is that of the room, as the handshake has it: `https://domain/room`. Nil for
    /// another one.
    package init?(
        appID: String, address: String, opens: Int64, closes: Int64, user: String, name: String,
        isModerator: Bool
    ) {
        let parts = address.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 4, parts[0] == "https:", !parts[2].isEmpty, !parts[3].isEmpty else {
            return nil
        }
        self.appID = appID
        // as in a host of XMPP, without a port
        domain = String(parts[2].prefix { $0 != ":" }).lowercased()
        room = String(parts[3]).lowercased()
        self.opens = opens
        self.closes = closes
        self.user = user
        self.name = name
        self.isModerator = isModerator
    }

    /// In compact serialization (RFC 7515).
    package func signed(with secret: [UInt8]) -> String {
        let header: JSON = ["alg": "HS256", "typ": "JWT"]
        let claims: JSON = [
            "iss": JSON(appID), "aud": JSON(appID), "sub": JSON(domain), "room": JSON(room),
            "nbf": JSON(opens), "exp": JSON(closes),
            "context": [
                "user": [
                    "id": JSON(user), "name": JSON(name),
                    "affiliation": isModerator ? "owner" : "member",
                    "moderator": isModerator ? "true" : "false",
                ]
            ],
        ]
        let signed = [header, claims].map { Base64URL.encode($0.compactText.utf8) }
            .joined(separator: ".")
        let code = HMAC<SHA256>.authenticationCode(
            for: Array(signed.utf8), using: SymmetricKey(data: secret))
        return signed + "." + Base64URL.encode(code)
    }
}
