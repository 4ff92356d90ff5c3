import Crypto

/// A code on paper for who has lost the app: 59 random bits, good once. Kept as a code over it
/// under a key that the database never has.
package struct RecoveryCode: Hashable, Sendable {
    package static let count = 10
    private static let length = 12
    // Without those that are read as another: i, l, o, 0 and 1.
    private static let alphabet = Array("abcdefghjkmnpqrstuvwxyz23456789".utf8)

    private let bare: String

    /// In three groups, to be written down.
    package var text: String {
        let letters = Array(bare)
        return stride(from: 0, to: letters.count, by: 4)
            .map { String(letters[$0..<min($0 + 4, letters.count)]) }.joined(separator: "-")
    }

    package init(using generator: inout some RandomNumberGenerator) {
        bare = String(
            decoding: (0..<Self.length).map { _ in
                Self.alphabet[Int.random(in: 0..<Self.alphabet.count, using: &generator)]
            }, as: UTF8.self)
    }

    /// As somebody types it: capitals, hyphens and blanks do not matter. Nil for anything else.
    package init?(typed: String) {
        let letters = typed.lowercased().filter { $0 != "-" && $0 != " " }
        guard letters.utf8.count == Self.length,
            letters.utf8.allSatisfy({ Self.alphabet.contains($0) })
        else { return nil }
        bare = letters
    }

    package func digest(_ key: SymmetricKey) -> [UInt8] {
        Array(HMAC<SHA256>.authenticationCode(for: Array(bare.utf8), using: key))
    }
}
