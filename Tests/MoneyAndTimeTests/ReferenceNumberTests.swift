import MoneyAndTime
import Testing

@Suite struct ReferenceNumberTests {
    @Test(
        arguments: [
            (123_456, "1234561"), (234_823, "2348236"), (123_456_712_345_678, "1234567123456784"),
            (100, "1009"),
        ] as [(Int64, String)])
    func newReferences(base: Int64, text: String) throws {
        let reference = try ReferenceNumber(base: base)
        #expect(reference.national == text)
        #expect(try ReferenceNumber(reference.description) == reference)
    }

    @Test(arguments: [
        ("1009", "1009"), ("1234561", "12 34561"), ("1234567123456784", "1 23456 71234 56784"),
        ("RF20ABC123XYZ", "RF20 ABC1 23XY Z"),
    ])
    func printedInGroups(text: String, grouped: String) throws {
        let reference = try ReferenceNumber(text)
        #expect(reference.grouped == grouped)
        #expect(try ReferenceNumber(grouped) == reference)
    }

    @Test(arguments: [
        ("2348236", "RF332348236"), ("1234561", "RF341234561"),
    ])
    func bothFormsAreOneReference(national: String, rf: String) throws {
        let reference = try ReferenceNumber(national)
        #expect(reference.rf == rf)
        #expect(try ReferenceNumber(rf) == reference)
        #expect(try ReferenceNumber(rf).description == national)
        #expect(try ReferenceNumber("000\(national)") == reference)
        #expect(try ReferenceNumber("0000000000000\(national)") == reference)
        #expect(try ReferenceNumber("\(rf.prefix(4))000\(national)") == reference)
        #expect(try ReferenceNumber("23 48236").national == "2348236")
    }

    @Test func creditorReferences() throws {
        let reference = try ReferenceNumber("RF18539007547034")
        #expect(reference.rf == "RF18539007547034")
        #expect(try ReferenceNumber("RF18 5390 0754 7034") == reference)
        #expect(throws: InvalidIdentifier.checkDigit) { try ReferenceNumber("RF17539007547034") }
        let lettered = try ReferenceNumber("RF471234567890")
        #expect(lettered.rf == "RF471234567890")
    }

    @Test(
        arguments: [
            ("", .form), ("1234562", .checkDigit), ("123", .length), ("0000000123", .length),
            ("123456789012345678901", .length), ("12345-61", .form), ("12345A1", .form),
            ("0000", .length), ("RF", .length), ("RF33", .length), ("RF3", .length),
            ("RF342348236", .checkDigit), ("rf332348236", .form), ("RFX32348236", .form),
            ("RF33234823é", .form), ("RF1800000000000000000000000", .length),
        ] as [(String, InvalidIdentifier)])
    func refusesOtherTexts(text: String, error: InvalidIdentifier) {
        #expect(throws: error) { try ReferenceNumber(text) }
    }

    @Test func basesAreBounded() throws {
        #expect(throws: InvalidIdentifier.form) { try ReferenceNumber(base: -1) }
        #expect(throws: InvalidIdentifier.form) { try ReferenceNumber(base: .min) }
        #expect(throws: InvalidIdentifier.length) { try ReferenceNumber(base: 0) }
        #expect(throws: InvalidIdentifier.length) { try ReferenceNumber(base: 99) }
        #expect(try ReferenceNumber(base: .max).reference.count == 20)
    }

    @Test func everyNewReferenceIsReadInBothForms() throws {
        var random = SplitMix64(seed: 12)
        for _ in 0..<2_000 {
            let reference = try ReferenceNumber(base: .random(in: 100 ... .max, using: &random))
            let national = try #require(reference.national)
            #expect(try ReferenceNumber(national) == reference)
            #expect(try ReferenceNumber(reference.rf) == reference)
            // Any single wrong digit is found: the weights have no common factor with ten.
            var wrong = Array(national.utf8)
            let place = Int.random(in: 1..<wrong.count, using: &random)
            wrong[place] = wrong[place] == 57 ? 48 : wrong[place] + 1
            let text = String(decoding: wrong, as: UTF8.self)
            #expect(throws: InvalidIdentifier.checkDigit) { try ReferenceNumber(text) }
        }
    }
}
