import Crypto
import MoneyAndTime

/// Codes that change with time, made from a key that the server and an app share: TOTP (RFC 6238)
/// over HOTP (RFC 4226).
package struct TimedCode: Sendable {
    /// The hash of the code; apps know the first.
    package enum Hash: Sendable {
        case sha1, sha256, sha512
    }

    /// What every app takes without being told (RFC 6238 §4; §5.2 for the step).
    package static let usual = TimedCode(hash: .sha1, digits: 6)
    /// A key of this many bytes: the length of the hash (RFC 4226 §4, R6).
    package static let keyBytes = 20
    /// In seconds.
    package static let step: Int64 = 30

    let hash: Hash
    let digits: Int

    init(hash: Hash, digits: Int) {
        self.hash = hash
        self.digits = digits
    }

    /// The number of the step that an instant lies in.
    package static func step(at instant: Instant) -> Int64 { instant.secondsSince1970 / step }

    package func code(_ key: [UInt8], step: Int64) -> String {
        let counter = (0..<8).map { UInt8(truncatingIfNeeded: step >> (56 - 8 * $0)) }
        let code = authenticationCode(counter, SymmetricKey(data: key))
        // Dynamic truncation (RFC 4226 §5.3).
        let offset = Int(code[code.count - 1] & 0xF)
        var number = UInt32(code[offset] & 0x7F)
        for byte in code[(offset + 1)...(offset + 3)] { number = number << 8 | UInt32(byte) }
        let all = String(number)
        let padded = String(repeating: "0", count: max(0, digits - all.count)) + all
        return String(padded.suffix(digits))
    }

    private func authenticationCode(_ counter: [UInt8], _ key: SymmetricKey) -> [UInt8] {
        switch hash {
        case .sha1: Array(HMAC<Insecure.SHA1>.authenticationCode(for: counter, using: key))
        case .sha256: Array(HMAC<SHA256>.authenticationCode(for: counter, using: key))
        case .sha512: Array(HMAC<SHA512>.authenticationCode(for: counter, using: key))
        }
    }

    /// The step whose code was typed: the one of `now`, or the one before or after, for clocks
    /// that differ a little (RFC 6238 §5.2). Nothing up to `lastStep` counts again.
    package func step(
        of typed: String, _ key: [UInt8], now: Instant, after lastStep: Int64?
    ) -> Int64? {
        let current = Self.step(at: now)
        let offered = Array(typed.utf8)
        guard offered.count == digits else { return nil }
        return [current, current - 1, current + 1].first { step in
            step > lastStep ?? -1 && Self.isSame(offered, Array(code(key, step: step).utf8))
        }
    }

    /// In the same time wherever they differ.
    private static func isSame(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        zip(left, right).reduce(left.count == right.count ? 0 : 1) { $0 | ($1.0 ^ $1.1) } == 0
    }

    /// What an app reads from a link or a picture
    /// (https://github.com/google/google-authenticator/wiki/Key-Uri-Format).
    package static func address(key: [UInt8], issuer: String, account: String) -> String {
        let label = "\(FormEncoding.encode(issuer)):\(FormEncoding.encode(account))"
        return "otpauth://totp/\(label)?secret=\(Base32.encode(key))"
            + "&issuer=\(FormEncoding.encode(issuer))"
    }
}
