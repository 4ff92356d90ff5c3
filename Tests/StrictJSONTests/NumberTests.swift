import StrictJSON
import Testing

@Suite struct NumberTests {
    @Test(
        arguments: [
            ("0", 0), ("-0", 0), ("-0.0e5", 0), ("0e999999999999999999999", 0), ("7", 7),
            ("7.0", 7),
            ("70e-1", 7), ("7e0", 7), ("0.7E+1", 7), ("-12.5e1", -125),
            ("1e18", 1_000_000_000_000_000_000),
            ("9223372036854775807", .max), ("-9223372036854775808", .min),
            ("9.223372036854775807e18", .max), ("92233720368547758070e-1", .max),
            ("0.00000000000000000001e20", 1), ("1000000000000000000000000e-24", 1),
            ("9223372036854775808", nil), ("-9223372036854775809", nil), ("1e19", nil),
            ("1e999999999", nil), ("1e99999999999999999999", nil), ("1e-99999999999999999999", nil),
            ("1e-9223372036854775808", nil), ("1.5e-9223372036854775808", nil),
            ("1.5", nil), ("1e-1", nil), ("0.1", nil), ("123456789012345678901234567890", nil),
        ] as [(String, Int64?)])
    func integersAreExact(text: String, value: Int64?) throws {
        let number = try #require(JSONNumber(text: text))
        #expect(number.int64 == value)
        #expect(try JSON.parse(text) == .number(number))
        #expect(try JSON.parse(text).compactText == text, "kept as it was written")
    }

    @Test(arguments: [
        "", "-", "+1", "01", "-01", "00", ".5", "1.", "1.e5", "1e", "1e+", "1E-", "0x1", "1,5",
        " 1", "1 ", "NaN", "Infinity", "1_0", "१", "1\u{301}", "--1", "1e1.5", "1e5e5",
    ])
    func otherTextsAreNoNumbers(text: String) {
        #expect(JSONNumber(text: text) == nil)
    }

    @Test func everyIntegerIsARoundTrip() {
        var random = SplitMix64(seed: 22)
        for _ in 0..<5_000 {
            let value = Int64(bitPattern: random.next()) >> Int64.random(in: 0..<64, using: &random)
            #expect(JSONNumber(value).int64 == value)
            #expect(JSONNumber(text: "\(value).000")?.int64 == value)
            #expect(JSONNumber(text: "\(value).5e1")?.int64 == tenfold(value, plus: 5))
            if value != 0 { #expect(JSONNumber(text: "\(value)00e-2")?.int64 == value) }
        }
        #expect(JSONNumber(UInt64.max).int64 == nil)
    }

    private func tenfold(_ value: Int64, plus rest: Int128) -> Int64? {
        Int64(exactly: Int128(value) * 10 + (value < 0 ? -rest : rest))
    }
}
