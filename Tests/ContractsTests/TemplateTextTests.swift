import StrictJSON
import Testing

@testable import Contracts

/// The templates in the languages of those who begin with them.
struct TemplateTextTests {
    private static let translated: [TemplateLanguage] = [.finnish, .swedish]

    private static func texts(_ language: TemplateLanguage) throws -> TemplateTexts {
        try TemplateTexts(
            reading: ContractFiles.read("v1/templates/texts/\(language.rawValue).json"))
    }

    /// The places of a document that hold a line of free text, as the schema says: without the
    /// names that are there in each language.
    private static func freeTexts(of document: JSON) throws -> Set<JSONPointer> {
        let shape = try ContractShape.ofContract()
        var found: Set<JSONPointer> = []
        func walk(_ value: JSON, _ place: [String]) {
            if let elements = value.elements {
                for (index, inner) in elements.enumerated() { walk(inner, place + ["\(index)"]) }
            } else if let members = value.members {
                let isLocalised = members["fi"] != nil && members["sv"] != nil
                guard !isLocalised else { return }
                for (key, inner) in members { walk(inner, place + [key]) }
            } else if shape.at(place) == .text(.line) {
                found.insert(place.reduce(JSONPointer.root) { $0.appending($1) })
            }
        }
        walk(document, [])
        return found
    }

    @Test(arguments: translated)
    func everyFreeTextIsThereAndNoneIsLeftOver(language: TemplateLanguage) throws {
        let texts = try Self.texts(language)
        let templates = try ContractFiles.templates()
        #expect(texts.templates == Set(templates.map(\.name)))
        for template in templates {
            let wanted = try Self.freeTexts(of: template.json)
            #expect(wanted.count >= 6 && wanted.map(\.text).contains("/billing/vat/reason"))
            let own = texts.of(template.name)
            #expect(Set(own.keys) == wanted, "\(template.name)")
            for (pointer, text) in own {
                let english = template.json[place: pointer.tokens]?.text
                #expect(text != english && !text.isEmpty, "\(template.name) \(pointer)")
            }
        }
    }

    @Test(arguments: TemplateLanguage.allCases)
    func eachIsAContractThatHoldsAndDiffersInItsTextsAlone(language: TemplateLanguage) throws {
        let english = try ContractFiles.templates()
        for (template, origin) in zip(try ContractFiles.templates(in: language), english) {
            #expect(template.name == origin.name)
            let example = try Example.document(template.name).terms
            let document = try template.filled(
                seller: example.seller, buyer: example.buyer, validity: example.validity,
                buyerReference: "HC-1")
            try document.requireExamplesHold()
            #expect(document.terms.title == template.title)
            #expect(!document.terms.workedExamples.isEmpty)
            // to the file and back, and with the English texts put back, nothing is lost
            #expect(try ContractDocument(reading: document.canonical).digest == document.digest)
            let places = try Self.freeTexts(of: origin.json)
            let back = Dictionary(
                uniqueKeysWithValues: places.map {
                    ($0, origin.json[place: $0.tokens]?.text ?? "")
                })
            #expect(try template.written(with: back) == origin)
            #expect((template == origin) == (language == .english))
        }
    }

    /// As of the English ones: a change of prices must not make a title untrue.
    @Test(arguments: translated)
    func titlesSayWhatHappensAndNotWhatItComesTo(language: TemplateLanguage) throws {
        let result =
            /\d[.,]\d\d(?!\d)|%|€|: |maks[ua]|ilmai|puolet|veloit|gratis|kost[an]|hälften|avgift/
        let clock = /kl(o|\.) \d\d\.\d\d/
        for template in try ContractFiles.templates(in: language) {
            let titles = (template.json["worked_examples"]?.elements ?? []).compactMap {
                $0["title"]?.text
            }
            #expect(Set(titles).count == titles.count, "\(template.name): each has its own")
            for title in titles {
                let words = title.replacing(clock, with: "")
                #expect(words.firstMatch(of: result) == nil, "\(template.name): \(title)")
            }
        }
    }

    @Test func aTextWithoutAPlaceIsRefused() throws {
        let template = try #require(try ContractFiles.template("psychologist-series"))
        for place in ["/none", "/services/0", "/worked_examples/99/title", "/limits/horizon_days"] {
            let pointer = try #require(JSONPointer(reading: place))
            let problem = #expect(throws: ContractProblem.self) {
                try template.written(with: [pointer: "Teksti"])
            }
            #expect(problem?.pointer == place)
        }
        for file in [#"{"a": {"title": "x"}}"#, #"{"a": {"/title": 1}}"#] {
            #expect(throws: ContractProblem.self) { try TemplateTexts(reading: file.utf8) }
        }
    }
}
