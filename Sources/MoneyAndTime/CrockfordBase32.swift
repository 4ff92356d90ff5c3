/// Crockford's base 32 as TypeID uses it: lower case only, 26 characters for 128 bits, no
/// hyphens, no look-alikes. The first character holds three bits, so it is at most `7`.
enum CrockfordBase32 {
    static let length = 26
    private static let alphabet = Array("0123456789abcdefghjkmnpqrstvwxyz".utf8)

    static func encode(_ bits: UInt128) -> String {
        var rest = bits
        return String(unsafeUninitializedCapacity: length) { digits in
            for place in (0..<length).reversed() {
                digits[place] = alphabet[Int(truncatingIfNeeded: rest) & 31]
                rest >>= 5
            }
            return length
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
