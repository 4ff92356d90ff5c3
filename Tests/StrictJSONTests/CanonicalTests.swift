import StrictJSON
import Testing

@Suite struct CanonicalTests {
    private func canonical(_ text: String) throws -> String {
        String(decoding: try JSON.parse(text).canonical(), as: UTF8.self)
    }

    /// RFC 8785 §3.2.3: sorted by UTF-16 code units, so U+1F600 (D83D DE00) precedes U+FB33.
    @Test func keysAreSortedByCodeUnits() throws {
        let text = #"""
            {
              "\u20ac": "Euro Sign",
              "\r": "Carriage Return",
              "\ufb33": "Hebrew Letter Dalet With Dagesh",
              "1": "One",
              "\ud83d\ude00": "Emoji: Grinning Face",
              "\u0080": "Control",
              "\u00f6": "Latin Small Letter O With Diaeresis"
            }
            """#
        let sorted = try #require(try JSON.parse(Array(canonical(text).utf8)).members)
        #expect(
            sorted.map(\.value) == [
                "Carriage Return", "One", "Control", "Latin Small Letter O With Diaeresis",
                "Euro Sign", "Emoji: Grinning Face", "Hebrew Letter Dalet With Dagesh",
            ])
    }

    /// The string and literals of RFC 8785 §3.2.2 and the bytes of §3.2.4.
    @Test func theExampleOfTheRFC() throws {
        let text = #"""
            {
              "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
              "literals": [null, true, false]
            }
            """#
        let expected = #"{"literals":[null,true,false],"string":"€$\u000f\nA'B\"\\\\\"/"}"#
        #expect(try canonical(text) == expected)
    }

    /// The test data "structures", "french" and "arrays" that come with the RFC.
    @Test(arguments: [
        (
            #"{"1":{"f":{"f":"hi","F":5},"\n":56},"10":{},"":"empty","a":{},"#
                + #""111":[{"e":"yes","E":"no"}],"A":{}}"#,
            #"{"":"empty","1":{"\n":56,"f":{"F":5,"f":"hi"}},"10":{},"#
                + #""111":[{"E":"no","e":"yes"}],"A":{},"a":{}}"#
        ),
        (
            #"{"peach":"x","péché":"is","pêche":"the","sin":"best"}"#,
            #"{"peach":"x","péché":"is","pêche":"the","sin":"best"}"#
        ),
        (#"[ 56, { "d" : true, "10" : null, "1" : [ ] } ]"#, #"[56,{"1":[],"10":null,"d":true}]"#),
        (#"{"b":1,"a":2,"aa":3,"B":4,"":5}"#, #"{"":5,"B":4,"a":2,"aa":3,"b":1}"#),
    ])
    func structures(text: String, expected: String) throws {
        #expect(try canonical(text) == expected)
    }

    /// Every control character, and the characters that must not be escaped.
    @Test func escapesAreTheFewest() throws {
        let short: [UInt8: String] = [8: "\\b", 9: "\\t", 10: "\\n", 12: "\\f", 13: "\\r"]
        for byte in UInt8(0)..<0x20 {
            let digits = String(byte, radix: 16)
            let long = "\\u00" + (digits.count < 2 ? "0" : "") + digits
            let value = JSON.string(String(Unicode.Scalar(byte)))
            let expected = "\"\(short[byte] ?? long)\""
            #expect(value.compactText == expected)
            #expect(try value.canonical() == Array(expected.utf8))
        }
        let plain = "\"/\u{7F}\u{80}\u{2028}\u{2029}\u{FFFE}😀<>&'\""
        #expect(try canonical(plain) == plain)
        #expect(JSON.string("\"\\").compactText == #""\"\\""#)
    }

    @Test(arguments: [
        ("-0", "0"), ("0.0", "0"), ("1.0", "1"), ("1e2", "100"), ("-5.0e0", "-5"),
        ("9007199254740991", "9007199254740991"), ("-9007199254740991", "-9007199254740991"),
    ])
    func integersAreWrittenPlainly(text: String, expected: String) throws {
        #expect(try canonical(text) == expected)
    }

    @Test(arguments: [
        ("9007199254740992", ""), ("[0,-9007199254740992]", "/1"), (#"{"a/b":[1.5]}"#, "/a~1b/0"),
        ("1e400", ""), ("-9223372036854775808", ""), ("1e-7", ""),
    ])
    func otherNumbersAreRefused(text: String, pointer: String) {
        #expect(throws: JSONNotCanonical(pointer: pointer)) { try canonical(text) }
    }

    @Test func theCanonicalFormIsStable() throws {
        var random = RandomJSON(seed: 23)
        for _ in 0..<2_000 {
            let value = random.value()
            let canonical = try value.canonical()
            let again = try JSON.parse(canonical)
            #expect(again == value)
            #expect(try again.canonical() == canonical)
            #expect(again.write() == canonical)
            #expect(try random.shuffled(value).canonical() == canonical)
            #expect(try JSON.parse(random.spaced(value)).canonical() == canonical)
        }
    }

    @Test func writingKeepsOrderAndText() throws {
        let text = #"{"z":1.50,"a":[1e2,-0],"m":"\n"}"#
        #expect(try JSON.parse(text).compactText == text)
    }
}
