import Crypto
import FoundationEssentials
import MoneyAndTime

/// The right of one person to enter one visit, on one side, in one window (invariant 12).
///
/// Written as `base64url(claims).base64url(HMAC-SHA256(claims))`. The claims are lines of text
/// that begin with the token's own kind, so that a signature made for another purpose with the
/// same key is worth nothing here.
package struct JoinToken: Hashable, Sendable {
    package let visit: BookingID
    package let side: Side
    /// The key under which this person is observed: 1 to 64 characters of `A-Z a-z 0-9 . _ : -`.
    package let participant: String
    /// What the others see, such as "Psychiatrist 1": 1 to 80 characters on one line.
    package let label: String
    /// Half-open: from `start`, until just before `end`.
    package let window: TimeSlot
    /// Random, so that no two tokens are the same.
    package let nonce: UInt64

    /// Why a token does not let its bearer in.
    package enum Refusal: Error, Hashable, Sendable {
        case malformed
        case badSignature
        case wrongVisit
        case wrongSide
        case notYetOpen(opens: Instant)
        case closed(at: Instant)

        /// The stable code that the outside sees.
        package var code: String {
            switch self {
            case .malformed: "join_token_malformed"
            case .badSignature: "join_token_bad_signature"
            case .wrongVisit: "join_token_wrong_visit"
            case .wrongSide: "join_token_wrong_side"
            case .notYetOpen: "join_not_yet_open"
            case .closed: "join_closed"
            }
        }
    }

    package init(
        visit: BookingID, side: Side, participant: String, label: String, window: TimeSlot,
        nonce: UInt64
    ) throws(Refusal) {
        guard (1...64).contains(participant.utf8.count),
            participant.utf8.allSatisfy(Self.isKeyByte),
            (1...80).contains(label.count), label.utf8.count <= 320,
            !label.unicodeScalars.contains(where: { $0.properties.generalCategory == .control })
        else { throw .malformed }
        self.visit = visit
        self.side = side
        self.participant = participant
        self.label = label
        self.window = window
        self.nonce = nonce
    }

    package func signed(with key: SymmetricKey) -> String {
        let claims = Array(claims.utf8)
        let code = HMAC<SHA256>.authenticationCode(for: claims, using: key)
        return Base64URL.encode(claims) + "." + Base64URL.encode(code)
    }

    /// Reads a token that this key signed; says nothing yet about whether it may be used.
    package static func read(
        _ text: String, key: SymmetricKey
    ) throws(Refusal) -> JoinToken {
        guard text.utf8.count <= longestText else { throw .malformed }
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, let claims = Base64URL.decode(parts[0]),
            let code = Base64URL.decode(parts[1]), code.count == SHA256.byteCount
        else { throw .malformed }
        // Compared in constant time.
        guard HMAC<SHA256>.isValidAuthenticationCode(code, authenticating: claims, using: key)
        else { throw .badSignature }
        return try parse(claims)
    }

    /// Reads a token and checks that it opens this visit, for this side, at `now`.
    package static func admit(
        _ text: String, key: SymmetricKey, visit: BookingID, side: Side, now: Instant
    ) throws(Refusal) -> JoinToken {
        let token = try read(text, key: key)
        guard token.visit == visit else { throw .wrongVisit }
        guard token.side == side else { throw .wrongSide }
        guard token.window.start <= now else { throw .notYetOpen(opens: token.window.start) }
        guard now < token.window.end else { throw .closed(at: token.window.end) }
        return token
    }

    private static let kind = "aikatori join 1"
    private static let longestText = 1_024

    private var claims: String {
        [
            Self.kind, visit.description, side.rawValue, String(window.start.microseconds),
            String(window.end.microseconds), String(nonce), participant, label,
        ].joined(separator: "\n")
    }

    private static func parse(_ claims: [UInt8]) throws(Refusal) -> JoinToken {
        guard let text = String(validating: claims, as: UTF8.self) else { throw .malformed }
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.count == 8, lines[0] == kind,
            let visit = try? BookingID(typeID: String(lines[1])),
            let side = Side(rawValue: String(lines[2])),
            let opens = Int64(lines[3]), let closes = Int64(lines[4]), let nonce = UInt64(lines[5]),
            let window = try? TimeSlot(
                start: Instant(microseconds: opens), end: Instant(microseconds: closes))
        else { throw .malformed }
        return try JoinToken(
            visit: visit, side: side, participant: String(lines[6]), label: String(lines[7]),
            window: window, nonce: nonce)
    }

    private static func isKeyByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        case UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: ":"), UInt8(ascii: "-"): true
        default: false
        }
    }
}
