import Crypto
import Foundation
import MoneyAndTime
import Organisations

/// Binds a form to the login that it was made for: what another site does not know, it cannot
/// send.
struct FormSeal: Sendable {
    private let key: SymmetricKey

    init(key: SymmetricKey) {
        self.key = key
    }

    /// The hidden field's value for the login behind a cookie's value.
    func text(for cookie: String) -> String {
        HMAC<SHA256>.authenticationCode(for: Data(cookie.utf8), using: key)
            .hexadecimal
    }

    func matches(_ offered: String?, for cookie: String) -> Bool {
        guard let bytes = offered.flatMap(Self.bytes) else { return false }
        return HMAC<SHA256>.isValidAuthenticationCode(
            bytes, authenticating: Data(cookie.utf8), using: key)
    }

    private static func bytes(_ hex: String) -> [UInt8]? {
        let digits = hex.utf8.map { Character(Unicode.Scalar($0)).hexDigitValue }
        guard digits.count == 64 else { return nil }
        var bytes: [UInt8] = []
        for index in stride(from: 0, to: 64, by: 2) {
            guard let high = digits[index], let low = digits[index + 1] else { return nil }
            bytes.append(UInt8(high << 4 | low))
        }
        return bytes
    }
}
