import MoneyAndTime
import StrictJSON
import Testing

@testable import Contracts

@Suite("A contract that is being written")
struct ContractDraftTests {
    private static func draft(_ json: JSON) throws -> ContractDraft {
        ContractDraft(json, shape: try ContractShape.ofContract())
    }

    private static func example(_ name: String = "home-care-physician-on-demand") throws
        -> ContractDraft
    {
        try draft(Example.document(name).json)
    }

    private static let plain = FieldText(hasDecimalComma: false)
    private static let comma = FieldText(hasDecimalComma: true)

    /// Every field that a document has, with what it shows.
    private static func shown(
        _ draft: ContractDraft, _ text: FieldText
    ) -> [(pointer: String, values: [String])] {
        var fields: [(pointer: String, values: [String])] = []
        func walk(_ place: [String], _ shape: ContractShape) {
            let value = draft.json[place: place]
            switch shape {
            case .object(let members):
                for member in members { walk(place + [member.key], member.shape) }
            case .list(let element, let most):
                for index in (value?.elements ?? []).prefix(most).indices {
                    walk(place + ["\(index)"], element)
                }
            case .choices:
                let chosen = (value?.elements ?? []).compactMap(\.text)
                fields.append((ContractDraft.pointer(place), [""] + chosen.reversed()))
            case .texts, .choice, .flag, .number, .text:
                fields.append((ContractDraft.pointer(place), [text.shown(value, as: shape)]))
            }
        }
        walk([], draft.shape)
        return fields
    }

    @Test("the shape is that of the schema: every value of every example has its place in it")
    func shapeIsWhole() throws {
        let shape = try ContractShape.ofContract()
        func walk(_ json: JSON, _ place: [String]) {
            guard let found = shape.at(place) else {
                Issue.record("no shape at \(place)")
                return
            }
            switch json {
            case .object(let object): for (key, value) in object { walk(value, place + [key]) }
            case .array(let elements) where !found.isLeaf:
                for (index, value) in elements.enumerated() { walk(value, place + ["\(index)"]) }
            default: #expect(found.isLeaf, "\(place)")
            }
        }
        for name in try ContractFiles.names(in: "v1/examples/valid") {
            walk(try JSON.parse(ContractFiles.read("v1/examples/valid/\(name)")), [])
        }
        #expect(shape.at(["services", "0", "price_per_minute"]) == .text(.unitPrice))
        #expect(shape.at(["billing", "late_interest"]) == .text(.percent))
        #expect(shape.at(["limits", "hold_minutes"]) == .number(1...60))
        #expect(shape.members.first { $0.key == "seller" }?.isRequired == true)
    }

    @Test("what is sent back untouched leaves every byte as it was, in every language")
    func untouched() throws {
        for folder in ["v1/examples/valid", "v1/templates"] {
            for name in try ContractFiles.names(in: folder) {
                let json = try JSON.parse(ContractFiles.read("\(folder)/\(name)"))
                for text in [Self.plain, Self.comma] {
                    var draft = try Self.draft(json)
                    try draft.write(Self.shown(draft, text), as: text)
                    #expect(try draft.json.canonical() == json.canonical(), "\(name)")
                }
            }
        }
    }

    @Test("so it does where values are of any kind, and wrong", arguments: 0..<400)
    func untouchedAtRandom(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let shape = try ContractShape.ofContract()
        let json = RandomContract.value(of: shape, using: &random)
        for text in [Self.plain, Self.comma] {
            var draft = ContractDraft(json, shape: shape)
            try draft.write(Self.shown(draft, text), as: text)
            #expect(draft.json.write() == json.write(), "\(seed)")
        }
    }

    @Test(
        "what is typed becomes what a document has",
        arguments: [
            ("/services/0/price_per_minute", "2,4533", true, "2.4533"),
            ("/services/0/price_per_minute", "2.4533", true, "2.4533"),
            ("/services/0/price_per_minute", " 3 ", false, "3"),
            ("/services/0/price_per_minute", "1,250", false, "1,250"),
            ("/services/0/start_fee", "61,2", true, "61.20"),
            ("/services/0/start_fee", "61", false, "61.00"),
            ("/services/0/start_fee", "1 061,20 €", true, "1061.20"),
            ("/services/0/start_fee", "61,205", true, "61.205"),
            ("/cancellation/buyer/1/fee_percent", "12,5 %", true, "12.5"),
            ("/services/0/supplements/0/from", "8.30", true, "08:30"),
            ("/services/0/supplements/0/until", "24:00", true, "24:00"),
            ("/billing/late_interest", "statutory", true, "statutory"),
            ("/worked_examples/0/total", "−3,5", true, "-3.50"),
            ("/title", "  A  title ", true, "A  title"),
            ("/services/0/price_per_minute", "3 <b>\"euro\"</b>", true, "3 <b>\"euro\"</b>"),
            ("/services/0/start_fee", "5 € or 6", true, "5 € or 6"),
            ("/services/0/start_fee", "0612,00", true, "0612,00"),
            ("/limits/hold_minutes", "soon", true, "soon"),
            ("/limits/hold_minutes", "007", true, "007"),
        ])
    func typed(pointer: String, text: String, hasComma: Bool, expected: String) throws {
        var draft = try Self.example()
        try draft.write(
            [(pointer, [text])], as: FieldText(hasDecimalComma: hasComma))
        let place = try #require(JSONPointer(reading: pointer)).tokens
        #expect(draft.json[place: place] == JSON(expected))
    }

    @Test func numbersListsAndNothing() throws {
        var draft = try Self.example()
        try draft.write(
            [
                ("/limits/hold_minutes", ["15"]), ("/services/0/languages", ["sv, fi ,en"]),
                ("/services/0/cap", [" "]), ("/seller/public_body", ["true"]),
                ("/services/0/supplements/0/days", ["", "sunday", "monday"]),
                ("/buyer/address/street", [""]),
            ], as: Self.plain)
        #expect(draft.json["limits"]?["hold_minutes"] == 15)
        #expect(draft.json["services"]?[0]?["languages"] == ["sv", "fi", "en"])
        #expect(draft.json["services"]?[0]?["cap"] == nil)
        #expect(draft.json["seller"]?["public_body"] == true)
        let days = draft.json["services"]?[0]?["supplements"]?[0]?["days"]
        #expect(days == ["monday", "sunday"], "what was chosen before keeps its place")
        let problem = #expect(throws: ContractProblem.self) { try ContractDocument(draft.json) }
        #expect(problem?.rule == .missing && problem?.pointer == "/buyer/address/street")
    }

    @Test("terms come and go where a contract has them")
    func addingAndRemoving() throws {
        var draft = try Self.example("psychiatrist-remote-visit")
        let before = try draft.json.canonical()
        let tiers = try draft.add("/services/0/tiers")
        #expect(tiers == "/services/0/tiers")
        let step = try draft.add("/services/0/tiers/steps")
        #expect(step == "/services/0/tiers/steps/1")
        let supplement = try draft.add("/services/0/supplements")
        #expect(supplement == "/services/0/supplements/0")
        let second = try draft.add("/services/0/supplements")
        #expect(draft.json["services"]?[0]?["supplements"]?[1]?["code"] == "supplement-2")
        #expect(throws: ContractProblem.self, "nobody agrees on a price by not looking") {
            try ContractDocument(draft.json)
        }
        for pointer in [second, supplement, "/services/0/tiers"] { try draft.remove(pointer) }
        #expect(try draft.json.canonical() == before)
        let band = try draft.add("/cancellation/buyer")
        let bands = draft.json["cancellation"]?["buyer"]?.elements ?? []
        #expect(band == "/cancellation/buyer/\(bands.count - 2)")
        #expect(bands.last?["notice_hours"] == 0, "the last band is for no notice")
    }

    @Test("new members stand where documents have them")
    func order() throws {
        var draft = try Self.example("psychiatrist-remote-visit")
        try draft.write([("/services/0/start_fee", ["5"])], as: Self.plain)
        let keys = draft.json["services"]?[0]?.members?.keys ?? []
        let price = try #require(keys.firstIndex(of: "price_per_minute"))
        #expect(keys[price + 1] == "start_fee")
        _ = try draft.add("/no_show")
        #expect(draft.json.members?.keys.last == "worked_examples")
    }

    @Test(
        "a place that no contract has, or this one has not, is refused, and nothing is changed",
        arguments: [
            "/__proto__/polluted", "/constructor", "/services/0/price_per_hour", "/services",
            "/services/0", "/services/-1/code", "/services/00/code", "/services/49/code",
            "/services/50/code", "/services/99999999999999999999/code", "/services/0/code/x",
            "/title/0", "/", "", "title", "/~2", "/seller/address",
            "/services/0/languages/0", "/technical_failure/go_on_by/0",
        ])
    func nowhereToWrite(pointer: String) throws {
        var draft = try Self.example()
        let before = draft
        #expect(throws: ContractDraft.NoSuchPlace.self) {
            try draft.write([(pointer, ["typed"])], as: Self.plain)
        }
        #expect(draft == before)
    }

    @Test func nowhereToAddOrRemove() throws {
        var draft = try Self.example()
        let before = draft
        for pointer in [
            "/__proto__", "/title", "/services/1", "/services/0", "/services/9/tiers", "/billing",
            "/no_show", "/services/0/languages", "/worked_examples/12/lines", "", "services",
        ] {
            #expect(throws: ContractDraft.NoSuchPlace.self, "\(pointer)") {
                try draft.add(pointer)
            }
        }
        for pointer in ["/__proto__", "/services/1", "/late_start", "", "/services/-1", "/~"] {
            #expect(throws: ContractDraft.NoSuchPlace.self, "\(pointer)") {
                try draft.remove(pointer)
            }
        }
        #expect(draft == before)
        for _ in 1..<50 { _ = try draft.add("/services") }
        #expect(throws: ContractDraft.NoSuchPlace.self, "a contract has 50 services at most") {
            try draft.add("/services")
        }
    }

    @Test("a signed contract is taken in by its payload, and a template keeps the parties")
    func takingIn() throws {
        let document = try Example.document("physician-remote-reception")
        let signed: JSON = [
            "payload": JSON(Base64URL.encode(document.canonical)), "signatures": [[:]],
        ]
        #expect(try ContractDraft.document(in: signed.write()).canonical() == document.canonical)
        #expect(throws: ContractProblem.self) {
            try ContractDraft.document(in: Array(#"{"payload":"*","signatures":[]}"#.utf8))
        }
        for wrong in ["", "[]", "7", "{\"a\":1,\"a\":2}", "\u{feff}{}"] {
            #expect(throws: ContractProblem.self) {
                try ContractDraft.document(in: Array(wrong.utf8))
            }
        }
        let template = try JSON.parse(ContractFiles.read("v1/templates/psychologist-series.json"))
        let filled = try Self.draft(document.json).replaced(by: template)
        #expect(filled.json["seller"] == document.json["seller"])
        #expect(filled.json["template"] == nil)
        #expect(filled.json["services"] == template["services"])
        _ = try ContractDocument(filled.json)
    }

    @Test("the computed result becomes the expected one")
    func takingResults() throws {
        var draft = try Self.example()
        try draft.write([("/services/0/price_per_minute", ["3.10"])], as: Self.plain)
        let terms = try ContractDocument(draft.json).terms
        for (index, example) in try WorkedExample.recompute(all: terms).enumerated() {
            #expect(throws: ContractDraft.NoSuchPlace.self) {
                try draft.takeResult(example.rated.exampleJSON, of: "/worked_examples/49")
            }
            try draft.takeResult(
                example.rated.exampleJSON, of: "/worked_examples/\(index)")
        }
        try ContractDocument(draft.json).requireExamplesHold()
    }
}
