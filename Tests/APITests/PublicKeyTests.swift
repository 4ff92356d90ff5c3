import Contracts
import MoneyAndTime
import StrictJSON
import Testing

@testable import API

@Suite("A public key in a request")
struct PublicKeyTests {
    private static let whole: JSONObject = [
        "kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
    ]

    @Test("a member that is missing is said to be, and each other fault by its own name")
    func faults() throws {
        let faults: [(member: String, value: JSON?, code: String)] = [
            ("kty", nil, "missing"), ("crv", nil, "missing"), ("x", nil, "missing"),
            ("kty", "EC", "unknown_value"), ("crv", "X25519", "unknown_value"),
            ("x", 7, "wrong_type"), ("x", "", "too_short"), ("x", "=", "pattern"),
            ("x", "AAAA", "pattern"), ("d", "AAAA", "unknown_field"), ("kid", 7, "wrong_type"),
        ]
        #expect(try JSONReader(.object(Self.whole)).publicKey().bytes.count == 32)
        for (member, value, code) in faults {
            var key = Self.whole
            key[member] = value
            let problem = #expect(throws: JSONProblem.self) {
                try JSONReader(.object(key)).publicKey()
            }
            #expect(problem?.code == code, "\(member) \(code)")
            #expect(problem?.pointer == "/\(member)")
        }
    }
}
