import Marketplace
import StrictJSON
import Testing

@testable import API

@Suite("What a contract asks for at booking is pointed at")
struct HandOverProblemTests {
    @Test func eachMissingReferenceHasItsPointer() {
        let missing: JSON = ["/patient_reference", "/diary_reference"]
        let refusal = Refusal(.handOverMissing, figures: ["missing": missing])
        let problem = Problem(answering: refusal)
        #expect(problem.status == 422)
        #expect(problem.errors.map(\.pointer) == ["/patient_reference", "/diary_reference"])
        #expect(problem.errors.allSatisfy { $0.code == "missing" })
    }
}
