/// Crockford's base 32 as TypeID uses it: lower case only, 26 characters for 128 bits, no
/// hyphens, no look-alikes. The first character holds three bits, so it is at most `7`.
enum CrockfordBase32 {
    static let length = 26
    private static let alphabet = Array("0123456789abcdefghjkmnpqrstvwxyz".utf8)

    /// The digits after a prefix and `_`, as one text.
    static func encode(_ bits: UInt128, after prefix: String) -> String {
        let start = prefix.utf8.count + 1
        return String(unsafeUninitializedCapacity: start + length) { text in
            for (place, byte) in prefix.utf8.enumerated() { text[place] = byte }
            text[start - 1] = UInt8(ascii: "_")
            var rest = bits
            for place in (start..<start + length).reversed() {
                text[place] = alphabet[Int(truncatingIfNeeded: rest) & 31]
                rest >>= 5
            }
            return start + length
        }
    }

    static func decode(_ text: some Collection<UInt8>) -> UInt128? {
        guard text.count == length, let first = text.first, first <= UInt8(ascii: "7") else {
            return nil
        }
        var bits: UInt128 = 0
        for byte in text {
            guard let digit = alphabet.firstIndex(of: byte) else { return nil }
            bits = bits << 5 | UInt128(digit)
        }
        return bits
    }
}
