import Testing

@testable import StrictJSON

@Suite("Changing a document in places")
struct EditingTests {
    private static let document: JSON = [
        "a": [["b": 1], ["b": 2]], "c": "text", "": 7, "x/y": ["~": true],
    ]

    @Test(arguments: [
        ("", [String]()), ("/", [""]), ("/a/0/b", ["a", "0", "b"]), ("/x~1y/~0", ["x/y", "~"]),
        ("/~01", ["~1"]),
    ])
    func tokens(text: String, expected: [String]) {
        #expect(JSONPointer(reading: text)?.tokens == expected)
        #expect(expected.reduce(JSONPointer.root) { $0.appending($1) }.text == text)
    }

    @Test(arguments: ["a", "a/b", "/~", "/~2", "/a~/b", "#/a"])
    func noPointers(text: String) {
        #expect(JSONPointer(reading: text) == nil)
    }

    @Test func places() {
        let document = Self.document
        #expect(document[place: [String]()] == document)
        #expect(document[place: ["a", "1", "b"]] == 2)
        #expect(document[place: ["x/y", "~"]] == true)
        #expect(document[place: [""]] == 7)
        for nowhere in [
            ["b"], ["a", "2"], ["a", "-1"], ["a", "01"], ["a", "+1"], ["a", "1e0"], ["a", "b"],
            ["a", "99999999999999999999"], ["c", "0"], ["__proto__"], ["constructor", "name"],
        ] {
            #expect(document[place: nowhere] == nil, "\(nowhere)")
        }
    }

    @Test func replacing() {
        var document = Self.document
        func replace(_ place: [String], _ value: JSON?) -> Bool {
            document.replace(place[...], by: value)
        }
        #expect(replace(["a", "1", "b"], 3))
        #expect(document[place: ["a", "1", "b"]] == 3)
        #expect(replace(["a", "0"], nil))
        #expect(document["a"] == [["b": 3]])
        #expect(replace(["new", "inner"], "made"))
        #expect(document["new"] == ["inner": "made"])
        #expect(replace(["none", "inner"], nil))
        #expect(document["none"] == nil, "taking away makes nothing")
        let before = document
        for nowhere in [["a", "1"], ["a", "7", "b"], ["c", "d"], ["a", "x"], ["", "d"]] {
            #expect(!replace(nowhere, 1), "\(nowhere)")
        }
        #expect(document == before)
    }

    @Test("what is indented for people reads back as the same")
    func indented() throws {
        #expect(
            (["a": [1, "b"], "c": [["d": nil]], "e": [:], "f": []] as JSON).indentedText == """
                {
                  "a": [1,"b"],
                  "c": [
                    {
                      "d": null
                    }
                  ],
                  "e": {},
                  "f": []
                }

                """)
        var random = RandomJSON(seed: 24)
        for _ in 0..<500 {
            let value = random.value()
            #expect(try JSON.parse(value.indentedText) == value)
        }
    }
}
