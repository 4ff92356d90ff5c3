import StrictJSON
import Testing

private enum Colour: String, CaseIterable {
    case red
    case darkBlue = "dark_blue"
}

private struct Shade: Error, CustomStringConvertible {
    let description = "not a shade"
}

private struct Thing: Equatable {
    var name: String
    var size: Int64
    var colour: Colour
    var ready: Bool
    var shade: Int
    var tags: [String]
    var inner: Int64
    var note: String?
    var extra: Int64?

    init(_ json: JSON) throws {
        self = try JSONReader(json).object { fields in try Thing(&fields) }
    }

    private init(_ fields: inout JSONFields) throws {
        name = try fields.string("name", min: 1, max: 5)
        size = try fields.integer("size", in: 1...9)
        colour = try fields.enumeration("colour")
        ready = try fields.bool("ready")
        shade = try fields.parsed("shade", max: 4) { text in
            guard let shade = Int(text) else { throw Shade() }
            return shade
        }
        tags = try fields.array("tags", min: 1, max: 2) { try $0.string(max: 3) }
        inner = try fields.nested("inner") { inner in try inner.integer("a/b") }
        note = try fields.optionalString("note", max: 2)
        extra = try fields.optionalInteger("extra", in: 0...1)
    }
}

@Suite struct ReaderTests {
    private static let good: JSONObject = [
        "name": "chair", "size": 9, "colour": "dark_blue", "ready": false, "shade": "12",
        "tags": ["a", "b"], "inner": ["a/b": -5],
    ]

    @Test func readsEveryKindOfMember() throws {
        let thing = try Thing(.object(Self.good))
        #expect(thing.name == "chair" && thing.size == 9 && thing.colour == .darkBlue)
        #expect(!thing.ready && thing.shade == 12 && thing.tags == ["a", "b"])
        #expect(thing.inner == -5 && thing.note == nil && thing.extra == nil)
    }

    @Test func nullIsAbsentWhereAMemberIsOptional() throws {
        var object = Self.good
        object["note"] = .null
        object["extra"] = 1
        let thing = try Thing(.object(object))
        #expect(thing.note == nil && thing.extra == 1)
    }

    /// One row for each way in which one member can be wrong.
    @Test(
        arguments: [
            ("name", nil, "/name", .missing), ("name", .null, "/name", .wrongType),
            ("name", 1, "/name", .wrongType), ("name", "", "/name", .tooShort),
            ("name", "chairs", "/name", .tooLong), ("name", "a\0b", "/name", .pattern),
            ("size", nil, "/size", .missing), ("size", "9", "/size", .wrongType),
            ("size", 0, "/size", .outOfRange), ("size", 10, "/size", .outOfRange),
            ("size", .number(JSONNumber(UInt64.max)), "/size", .outOfRange),
            ("colour", "blue", "/colour", .unknownValue), ("colour", 1, "/colour", .wrongType),
            ("colour", nil, "/colour", .missing), ("ready", 0, "/ready", .wrongType),
            ("ready", "true", "/ready", .wrongType), ("shade", "dark", "/shade", .pattern),
            ("shade", "12345", "/shade", .tooLong), ("shade", 12, "/shade", .wrongType),
            ("tags", [], "/tags", .tooFew), ("tags", ["a", "b", "c"], "/tags", .tooMany),
            ("tags", "a", "/tags", .wrongType), ("tags", ["a", 2], "/tags/1", .wrongType),
            ("tags", ["a", "long"], "/tags/1", .tooLong), ("inner", [], "/inner", .wrongType),
            ("inner", [:], "/inner/a~1b", .missing),
            ("inner", ["a/b": "x"], "/inner/a~1b", .wrongType),
            ("inner", ["a/b": 1, "c~": 2], "/inner/c~0", .unknownField),
            ("note", "abc", "/note", .tooLong), ("note", 1, "/note", .wrongType),
            ("extra", 2, "/extra", .outOfRange), ("other", 1, "/other", .unknownField),
            ("other", .null, "/other", .unknownField), ("Name", "x", "/Name", .unknownField),
        ] as [(String, JSON?, String, JSONProblem.Code)])
    func everyProblemHasItsPlace(
        key: String, value: JSON?, pointer: String, code: JSONProblem.Code
    ) throws {
        var object = Self.good
        object[key] = value
        let problem = try #require(throws: JSONProblem.self) { try Thing(.object(object)) }
        #expect(problem.pointer == pointer)
        #expect(problem.code == code.rawValue)
        #expect(!problem.message.isEmpty)
    }

    @Test func fractionsAreNoIntegers() throws {
        let refused: [(String, JSONProblem.Code)] = [
            ("1.5", .wrongType), ("1e999", .wrongType), ("-99999999999999999999", .outOfRange),
        ]
        for (text, code) in refused {
            let reader = JSONReader(try JSON.parse(text))
            let problem = try #require(throws: JSONProblem.self) {
                try reader.integer(in: .min ... .max)
            }
            #expect(problem.code == code.rawValue, "\(text)")
            #expect(problem.pointer.isEmpty)
        }
        #expect(try JSONReader(JSON.parse("2.0")).integer(in: 1...9) == 2)
    }

    @Test func aDocumentOfAnotherKindIsRefused() throws {
        for json: JSON in [.null, true, 1, "x", []] {
            let problem = try #require(throws: JSONProblem.self) { try Thing(json) }
            #expect(problem.pointer.isEmpty && problem.code == "wrong_type")
            #expect(problem.message.hasSuffix(json.kind))
        }
    }

    @Test func lengthsAreCountedInScalars() throws {
        // One character on the screen, of two scalars.
        let reader = JSONReader(.string("e\u{301}"))
        #expect(try reader.string(min: 2, max: 2).unicodeScalars.count == 2)
        #expect(throws: JSONProblem.self) { try reader.string(max: 1) }
    }

    @Test func errorsOfOtherKindsPassThrough() {
        #expect(throws: Shade.self) {
            try JSONReader([:]).object { _ in throw Shade() }
        }
        let own = JSONProblem(pointer: "/x", code: "check_digit", message: "wrong")
        #expect(throws: own) { try JSONReader("x").parsed { _ in throw own } }
    }

    @Test func optionalKindsAreAbsentOrRead() throws {
        let read: (JSON) throws -> [String] = { json in
            try JSONReader(json).object { fields in
                [
                    try fields.optionalBool("b").map(String.init),
                    try fields.optionalEnumeration("e", as: Colour.self)?.rawValue,
                    try fields.optionalParsed("p") { $0.uppercased() },
                    try fields.optionalNested("n") { try $0.string("s", max: 9) },
                    try fields.optionalArray("a", max: 9) { try $0.string(max: 9) }?.joined(),
                ].compactMap { $0 }
            }
        }
        #expect(try read([:]).isEmpty)
        #expect(try read(["b": nil, "e": nil, "p": nil, "n": nil, "a": nil]).isEmpty)
        let full: JSON = ["b": true, "e": "red", "p": "x", "n": ["s": "y"], "a": ["1", "2"]]
        #expect(try read(full) == ["true", "red", "X", "y", "12"])
    }

    @Test func problemsNeverRepeatTheValue() throws {
        let secret = "131052-308T"
        for key in Self.good.keys {
            var object = Self.good
            object[key] = .string(secret + secret)
            let problem = try #require(throws: JSONProblem.self) { try Thing(.object(object)) }
            #expect(!problem.description.contains(secret), "\(key)")
        }
    }
}
