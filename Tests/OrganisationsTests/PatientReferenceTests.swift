import Organisations
import Testing

@Suite struct PatientReferenceTests {
    @Test(arguments: ["1", "A.b_c:d-e", "7f3a2c", String(repeating: "x", count: 64)])
    func takesAnOpaqueReference(_ text: String) throws {
        #expect(try PatientReference(text).text == text)
    }

    @Test(arguments: [
        "", String(repeating: "x", count: 65), "a b", "a\n", "a/b", "å", "a@b", "\u{0}",
    ]) func refusesOtherText(_ text: String) {
        #expect(throws: OrganisationRefusal.patientReferenceMalformed) {
            try PatientReference(text)
        }
    }

    /// Made-up codes with the number 900 or above, which is never given to a person.
    @Test(arguments: ["010190-900P", "010190+900P", "010190A900P", "010190Y900P"])
    func refusesAPersonalIdentityCode(_ text: String) {
        #expect(throws: OrganisationRefusal.patientReferenceIsPersonalIdentityCode) {
            try PatientReference(text)
        }
    }

    @Test func neverPrintsItself() throws {
        let reference = try PatientReference("7f3a2c")
        #expect(!"\(reference)".contains("7f3a2c"))
        #expect(!String(reflecting: reference).contains("7f3a2c"))
    }
}
