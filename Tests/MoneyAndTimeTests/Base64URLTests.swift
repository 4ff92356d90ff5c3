import Testing

@testable import MoneyAndTime

@Suite("Base64 for URLs")
struct Base64URLTests {
    @Test(
        "RFC 4648, section 10, without padding",
        arguments: [
            ("", ""), ("f", "Zg"), ("fo", "Zm8"), ("foo", "Zm9v"), ("foob", "Zm9vYg"),
            ("fooba", "Zm9vYmE"), ("foobar", "Zm9vYmFy"),
        ])
    func published(plain: String, encoded: String) {
        #expect(Base64URL.encode(Array(plain.utf8)) == encoded)
        #expect(Base64URL.decode(encoded) == Array(plain.utf8))
    }

    @Test("Any bytes come back")
    func roundTrip() {
        var generator = SplitMix64(seed: 8)
        for count in 0..<200 {
            let bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
            #expect(Base64URL.decode(Base64URL.encode(bytes)) == bytes)
        }
        #expect(Base64URL.encode([0xFB, 0xFF]) == "-_8")
    }

    @Test(
        "One sequence of bytes has one text",
        arguments: ["A", "Zm9vA", "Zh", "Zm9", "Zg==", "Zm9v\n", "+_8", "-/8", "Zm9vY", "ä"])
    func refused(text: String) {
        #expect(Base64URL.decode(text) == nil)
    }
}
