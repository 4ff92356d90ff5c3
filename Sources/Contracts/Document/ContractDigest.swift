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
        guard let bytes = [UInt8](hexadecimal: hex), bytes.count == 32 else { return nil }
        self.bytes = bytes
    }

    /// 64 lower-case hexadecimal digits.
    package var hex: String { bytes.hexadecimal }
}

extension ContractDigest: CustomStringConvertible {
    package var description: String { hex }
}
