import Postgres
import Storage
import TestMarket
import Testing

/// What the database itself reads of an invoice's account and reference.
@Suite("Check digits in the database")
struct InvoicePaperTests {
    @Test(arguments: [
        ("FI2112345600000785", true), ("FI2212345600000785", false), ("FI5542345670000081", true),
        ("SE4550000000058398257466", true), ("SE4550000000058398257467", false),
        ("fi2112345600000785", false), ("FI21 1234 5600 0007 85", false), ("nowhere", false),
        ("", false),
    ])
    func accounts(iban: String, isRight: Bool) async throws {
        try await TestMarket.withMarket { test in
            let found = try await test.owner.read(["select iban_is_right(\(iban)) as found"])
            #expect(try found.only()["found", Bool.self] == isRight)
        }
    }

    @Test(arguments: [
        ("1234561", true), ("2348236", true), ("12345671234567834", false),
        ("12345672", true), ("1234560", false), ("0001234561", false), ("232", false),
        ("RF332348236", true), ("RF341234561", true), ("RF18539007547034", true),
        ("RF17539007547034", false), ("rf332348236", false), ("", false),
    ])
    func references(reference: String, isRight: Bool) async throws {
        try await TestMarket.withMarket { test in
            let found = try await test.owner.read([
                "select reference_is_right(\(reference)) as found"
            ])
            #expect(try found.only()["found", Bool.self] == isRight)
        }
    }
}
