import MoneyAndTime
import Testing

@testable import SignIn

@Suite("Codes that change with time")
struct TimedCodeTests {
    /// The keys of RFC 6238, appendix B: the digits 1234567890 over and over, as long as the hash.
    static func key(_ count: Int) -> [UInt8] { (0..<count).map { 0x30 + UInt8(($0 + 1) % 10) } }

    struct Published: Sendable {
        let seconds: Int64
        let sha1: String
        let sha256: String
        let sha512: String
    }

    static let published = [
        Published(seconds: 59, sha1: "94287082", sha256: "46119246", sha512: "90693936"),
        Published(seconds: 1_111_111_109, sha1: "07081804", sha256: "68084774", sha512: "25091201"),
        Published(seconds: 1_111_111_111, sha1: "14050471", sha256: "67062674", sha512: "99943326"),
        Published(seconds: 1_234_567_890, sha1: "89005924", sha256: "91819424", sha512: "93441116"),
        Published(seconds: 2_000_000_000, sha1: "69279037", sha256: "90698825", sha512: "38618901"),
        Published(
            seconds: 20_000_000_000, sha1: "65353130", sha256: "77737706", sha512: "47863826"),
    ]

    @Test("RFC 6238, appendix B", arguments: published)
    func rfc6238(_ vector: Published) {
        let step = TimedCode.step(at: Instant(microseconds: vector.seconds * 1_000_000))
        #expect(
            TimedCode(hash: .sha1, digits: 8).code(Self.key(20), step: step) == vector.sha1)
        #expect(
            TimedCode(hash: .sha256, digits: 8).code(Self.key(32), step: step) == vector.sha256)
        #expect(
            TimedCode(hash: .sha512, digits: 8).code(Self.key(64), step: step) == vector.sha512)
    }

    @Test("RFC 4226, appendix D: six digits by counter")
    func rfc4226() {
        let codes = (0..<10).map { TimedCode.usual.code(Self.key(20), step: $0) }
        #expect(
            codes == [
                "755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583",
                "399871", "520489",
            ])
    }

    @Test("this step, the one before and the one after count; none up to the last that was taken")
    func window() throws {
        let key = Self.key(20)
        let now = Instant(microseconds: 1_700_000_015_000_000)
        let step = TimedCode.step(at: now)
        for (distance, counts) in [(-2, false), (-1, true), (0, true), (1, true), (2, false)] {
            let code = TimedCode.usual.code(key, step: step + Int64(distance))
            let found = TimedCode.usual.step(of: code, key, now: now, after: nil)
            #expect(found == (counts ? step + Int64(distance) : nil), "\(distance)")
        }
        let code = TimedCode.usual.code(key, step: step)
        #expect(TimedCode.usual.step(of: code, key, now: now, after: step) == nil)
        #expect(TimedCode.usual.step(of: code, key, now: now, after: step - 1) == step)
        for wrong in ["", "12345", "1234567", "\(code)0", "١٢٣٤٥٦", " \(code.dropFirst())"] {
            #expect(TimedCode.usual.step(of: wrong, key, now: now, after: nil) == nil)
        }
    }

    @Test func address() {
        let address = TimedCode.address(
            key: Array("Hello!".utf8), issuer: "Aikatori", account: "a+b@example.org")
        #expect(
            address == "otpauth://totp/Aikatori:a%2Bb%40example.org?secret=JBSWY3DPEE"
                + "&issuer=Aikatori")
    }

    @Test(
        "RFC 4648, section 10, without padding",
        arguments: [
            ("", ""), ("f", "MY"), ("fo", "MZXQ"), ("foo", "MZXW6"), ("foob", "MZXW6YQ"),
            ("fooba", "MZXW6YTB"), ("foobar", "MZXW6YTBOI"),
        ])
    func base32(plain: String, encoded: String) {
        #expect(Base32.encode(Array(plain.utf8)) == encoded)
    }
}
