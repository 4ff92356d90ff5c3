import Crypto
import MoneyAndTime

/// SHA-256 of a contract's canonical bytes: what both parties sign, in short.
package struct ContractDigest: Hashable, Sendable {
    /// 32 bytes.
    package let bytes: [UInt8]

    package init(of canonical: [UInt8]) {
        bytes = Array(SHA256.hash(data: canonical))
    }

    /// Reads 64 lower-case hexadecimal digits; nil for anything else.
    package init?(hex: String) {
        let digits = Array(hex.utf8)
        guard digits.count == 64 else { return nil }
        var bytes: [UInt8] = []
        for index in stride(from: 0, to: 64, by: 2) {
            guard let high = Self.value(digits[index]), let low = Self.value(digits[index + 1])
            else { return nil }
            bytes.append(high << 4 | low)
        }
        self.bytes = bytes
    }

    /// 64 lower-case hexadecimal digits.
    package var hex: String { bytes.hexadecimal }

    private static func value(_ digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        default: nil
        }
    }
}

extension ContractDigest: CustomStringConvertible {
    package var description: String { hex }
}
