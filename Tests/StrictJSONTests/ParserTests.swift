import StrictJSON
import Testing

@Suite struct ParserTests {
    @Test(
        arguments: [
            ("null", .null), ("true", true), ("false", false), ("0", 0), ("-7", -7), ("\"\"", ""),
            (" \t\r\n[ ] ", []), ("{ }", [:]), ("[1,[2,[3]]]", [1, [2, [3]]]),
            (#"{"a":{"b":[null,"c"]}}"#, ["a": ["b": [nil, "c"]]]),
            (#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{C}\n\r\t"),
            (#""\u00e4\u20AC\ud83d\uDE00""#, "ä€😀"),
            ("\"ä€😀\u{7F}\"", "ä€😀\u{7F}"),
            (#""\u0000""#, "\0"), (#"{"":{"":0}}"#, ["": ["": 0]]),
        ] as [(String, JSON)])
    func reads(text: String, value: JSON) throws {
        #expect(try JSON.parse(text) == value)
    }

    @Test(
        arguments: [
            ("", 0, "", .unexpectedEnd), ("  ", 2, "", .unexpectedEnd),
            ("[", 1, "", .unexpectedEnd),
            ("[1", 2, "", .unexpectedEnd), ("[1,", 3, "/1", .unexpectedEnd),
            ("{", 1, "", .unexpectedEnd), (#"{"a""#, 4, "/a", .unexpectedEnd),
            (#"{"a":"#, 5, "/a", .unexpectedEnd), (#"{"a":1"#, 6, "", .unexpectedEnd),
            (#"{"a":1,"#, 7, "", .unexpectedEnd), ("\"abc", 4, "", .unexpectedEnd),
            (#""\"#, 2, "", .unexpectedEnd), (#""\u12"#, 5, "", .unexpectedEnd),
            ("tru", 3, "", .unexpectedEnd),
            ("nul1", 3, "", .unexpectedByte), ("True", 0, "", .unexpectedByte),
            ("NaN", 0, "", .unexpectedByte), ("Infinity", 0, "", .unexpectedByte),
            ("'a'", 0, "", .unexpectedByte), ("[1,]", 3, "/1", .unexpectedByte),
            ("[,1]", 1, "/0", .unexpectedByte), ("[1 2]", 3, "", .unexpectedByte),
            (#"{"a":1,}"#, 7, "", .unexpectedByte), ("{a:1}", 1, "", .unexpectedByte),
            (#"{"a" 1}"#, 5, "/a", .unexpectedByte), (#"{"a":}"#, 5, "/a", .unexpectedByte),
            ("{1:2}", 1, "", .unexpectedByte), ("[1}", 2, "", .unexpectedByte),
            ("[1] // x", 4, "", .trailingBytes), ("/* */1", 0, "", .unexpectedByte),
            ("\u{A0}1", 0, "", .unexpectedByte), ("\u{C}1", 0, "", .unexpectedByte),
            ("+1", 0, "", .unexpectedByte), (".5", 0, "", .unexpectedByte),
            ("1 1", 2, "", .trailingBytes), ("{}}", 2, "", .trailingBytes),
            ("null\0", 4, "", .trailingBytes), ("truefalse", 4, "", .trailingBytes),
            ("\u{FEFF}1", 0, "", .byteOrderMark),
            ("[\"a\nb\"]", 3, "/0", .controlCharacter), ("\"\t\"", 1, "", .controlCharacter),
            ("\"\0\"", 1, "", .controlCharacter), ("\"\u{1F}\"", 1, "", .controlCharacter),
            (#""\x41""#, 1, "", .invalidEscape), (#""\'""#, 1, "", .invalidEscape),
            (#""\u12G4""#, 1, "", .invalidEscape), (#""\U0041""#, 1, "", .invalidEscape),
            (#""\u 123""#, 1, "", .invalidEscape),
            (#"["\ud800"]"#, 2, "/0", .loneSurrogate), (#""\udc00""#, 1, "", .loneSurrogate),
            (#""\ud800x""#, 1, "", .loneSurrogate), (#""\ud800\n""#, 1, "", .loneSurrogate),
            (#""\ud800\u0041""#, 1, "", .loneSurrogate),
            (#""\ud800\ud800""#, 1, "", .loneSurrogate),
            (#""\udc00\ud800""#, 1, "", .loneSurrogate), (#""a\ud83d""#, 2, "", .loneSurrogate),
            ("01", 0, "", .invalidNumber), ("-01", 0, "", .invalidNumber),
            ("-", 0, "", .invalidNumber),
            ("[1.]", 1, "/0", .invalidNumber), ("1.e1", 0, "", .invalidNumber),
            ("1e", 0, "", .invalidNumber), ("1e+", 0, "", .invalidNumber),
            ("-.5", 0, "", .invalidNumber), ("0x10", 0, "", .invalidNumber),
            ("1_000", 0, "", .invalidNumber), ("--1", 0, "", .invalidNumber),
            ("-Infinity", 0, "", .invalidNumber), ("1.2.3", 0, "", .invalidNumber),
            (#"{"a":1,"a":2}"#, 7, "/a", .duplicateKey),
            (#"{"x":[{"a":1,"b":2,"\u0061":3}]}"#, 19, "/x/0/a", .duplicateKey),
            (#"{"":1,"":1}"#, 6, "/", .duplicateKey),
            (#"{"a/b~c":1,"a/b~c":null}"#, 11, "/a~1b~0c", .duplicateKey),
            (#"{"é":1,"e\u0301":1}"#, 8, "/e\u{301}", .duplicateKey),
        ] as [(String, Int, String, JSONSyntaxError.Reason)])
    func refuses(
        text: String, offset: Int, pointer: String, reason: JSONSyntaxError.Reason
    ) {
        let expected = JSONSyntaxError(offset: offset, pointer: pointer, reason: reason)
        #expect(throws: expected) { try JSON.parse(text) }
    }

    @Test(
        arguments: [
            ([0x22, 0xFF, 0x22], "stray byte"), ([0x22, 0x80, 0x22], "stray continuation"),
            ([0x22, 0xC3, 0x22], "cut sequence"), ([0x22, 0xC0, 0x80, 0x22], "overlong zero"),
            ([0x22, 0xE0, 0x80, 0xAF, 0x22], "overlong slash"),
            ([0x22, 0xED, 0xA0, 0x80, 0x22], "surrogate in UTF-8"),
            ([0x22, 0xF4, 0x90, 0x80, 0x80, 0x22], "beyond U+10FFFF"),
            ([0x22, 0xC3, 0x5C, 0x6E, 0xA4, 0x22], "cut by an escape"),
        ] as [([UInt8], String)])
    func refusesInvalidUTF8(bytes: [UInt8], name: String) {
        let expected = JSONSyntaxError(offset: 1, pointer: "", reason: .invalidUTF8)
        #expect(throws: expected, "\(name)") { try JSON.parse(bytes) }
    }

    @Test func refusesOtherEncodings() {
        #expect(throws: JSONSyntaxError.self) { try JSON.parse([0xFF, 0xFE, 0x31, 0x00]) }
        #expect(throws: JSONSyntaxError.self) { try JSON.parse([0x00, 0x31]) }
    }

    @Test func limitsAreExact() throws {
        let limits = JSONLimits(maxBytes: 12, maxDepth: 3, maxMembers: 4)
        #expect(try JSON.parse("[[[]], 1, 2]", limits: limits).elements?.count == 3)
        let refused: [(String, Int, String, JSONSyntaxError.Reason)] = [
            ("[[[]], 1, 22]", 12, "", .tooLarge), ("[[[[]]]]", 3, "/0/0/0", .tooDeep),
            (#"[[{"":{}}]]"#, 6, "/0/0/", .tooDeep), ("[1,2,3,4,5]", 9, "/4", .tooManyMembers),
            ("[[1],[2,3]]", 8, "/1/1", .tooManyMembers),
        ]
        for (text, offset, pointer, reason) in refused {
            let expected = JSONSyntaxError(offset: offset, pointer: pointer, reason: reason)
            #expect(throws: expected, "\(text)") { try JSON.parse(text, limits: limits) }
        }
    }

    @Test func standardLimits() throws {
        let deep = String(repeating: "[", count: 32) + String(repeating: "]", count: 32)
        #expect(throws: Never.self) { try JSON.parse(deep) }
        #expect(throws: JSONSyntaxError.self) { try JSON.parse("[\(deep)]") }
        let abyss = String(repeating: "{\"a\":", count: 200_000)
        #expect(throws: JSONSyntaxError.self) { try JSON.parse(abyss) }
        let wide = "[" + String(repeating: "1,", count: 9_999) + "1]"
        #expect(try JSON.parse(wide).elements?.count == 10_000)
        #expect(throws: JSONSyntaxError.self) { try JSON.parse("[1,\(wide.dropFirst())") }
        let largest = "\"" + String(repeating: "a", count: 1_048_574) + "\""
        #expect(try JSON.parse(largest).text?.count == 1_048_574)
        #expect(throws: JSONSyntaxError.self) { try JSON.parse(largest + " ") }
    }

    @Test func membersKeepTheirOrder() throws {
        let object = try #require(try JSON.parse(#"{"z":1,"a":2,"m":3}"#).members)
        #expect(object.keys == ["z", "a", "m"])
        #expect(object.map(\.value) == [1, 2, 3])
    }

    /// Whatever the bytes, the answer is a value or an error whose place lies in the text.
    @Test func damagedDocumentsNeverTrap() throws {
        var random = RandomJSON(seed: 21)
        var refusals = 0
        for _ in 0..<5_000 {
            let bytes = random.damaged(random.value().write())
            do {
                let value = try JSON.parse(bytes)
                #expect(try JSON.parse(value.write()) == value)
            } catch {
                #expect((0...bytes.count).contains(error.offset))
                refusals += 1
            }
        }
        #expect(refusals > 1_000)
    }
}
