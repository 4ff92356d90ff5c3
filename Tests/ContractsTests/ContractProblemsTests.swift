import MoneyAndTime
import StrictJSON
import Testing

@testable import Contracts

@Suite("All that is wrong with a document")
struct ContractProblemsTests {
    private static func examples(_ folder: String) throws -> [(name: String, json: JSON)] {
        try ContractFiles.names(in: "v1/examples/\(folder)").compactMap { name in
            let bytes = try ContractFiles.read("v1/examples/\(folder)/\(name)")
            return (try? JSON.parse(bytes)).map { (name, $0) }
        }
    }

    private static func said(_ json: JSON) throws -> [String] {
        try ContractProblems.all(in: json).map { "\($0.rule.rawValue) \($0.pointer)" }
    }

    @Test("nothing of a contract, and of one with a fault that fault alone")
    func nothingElse() throws {
        for (name, json) in try Self.examples("valid") {
            #expect(try Self.said(json) == [], "\(name)")
            let faulty = json.setting("title", to: "").setting("buyer/ovt", to: "003790000012")
            let found = try Self.said(faulty)
            #expect(found == ["too_short /title", "ovt /buyer/ovt"], "\(name)")
        }
    }

    @Test("what a reader hears of first is among them, with the same rule and place")
    func firstIsThere() throws {
        var alone = 0
        for (name, json) in try Self.examples("invalid") {
            let first = #expect(throws: ContractProblem.self, "\(name)") {
                let document = try ContractDocument(json)
                try document.requireExamplesHold()
            }
            guard let first, first.rule != .exampleDiffers else { continue }
            let all = try ContractProblems.all(in: json)
            #expect(all.contains(first), "\(name)")
            if all.count == 1 { alone += 1 }
            let said = try Self.said(json)
            #expect(said.count == 1, "\(name) \(said)")
        }
        #expect(alone > 50)
    }

    @Test("everything at once, each with its place, in the order of documents")
    func several() throws {
        let json = try Example.psychiatrist().json
            .setting("seller/iban", to: nil).setting("buyer/address", to: nil)
            .setting("buyer/email", to: "nobody").setting("validity/last_day", to: "2026-12-31")
            .setting("services/0/price_per_minute", to: "3.12345")
            .setting("services/0/minimum_seconds", to: 7)
            .setting("limits/hold_minutes", to: 61).setting("limits/colour", to: "blue")
            .setting("cancellation/buyer/0/fee_percent", to: "101")
            .setting("handshake/accepted_in_advance", to: "yes")
        #expect(
            try Self.said(json) == [
                "missing /seller/iban", "missing /buyer/address", "email /buyer/email",
                "validity_order /validity/last_day", "price /services/0/price_per_minute",
                "percent /cancellation/buyer/0/fee_percent", "out_of_range /limits/hold_minutes",
                "unknown_field /limits/colour", "wrong_type /handshake/accepted_in_advance",
            ])
    }

    @Test("prices are told while what they do not depend on is missing or wrong, and only then")
    func unfinished() throws {
        let json = try Example.physician().json
        let whole = try WorkedExample.recompute(all: ContractDocument(json).terms)
        func terms(_ edits: [String: JSON?]) throws -> Terms? {
            let changed = edits.reduce(json) { $0.setting($1.key, to: $1.value) }
            return UnfinishedTerms.read(changed, with: try ContractProblems.all(in: changed))
        }
        let unpriced: [[String: JSON?]] = [
            ["title": nil], ["seller": nil, "buyer": nil], ["buyer/address": nil],
            ["validity/first_day": "soon"], ["billing/payment_days": 99],
            ["limits": nil, "data_protection": nil, "attendance/grace_seconds": -1],
            ["buyer/business_id": "9000003-1", "billing/vat/category": "X"],
        ]
        for edits in unpriced {
            let read = try #require(try terms(edits), "\(edits.keys)")
            #expect(try WorkedExample.recompute(all: read) == whole, "\(edits.keys)")
        }
        for key in [
            "services/0/price_per_minute", "cancellation", "rounding/mode", "time_zone",
            "worked_examples",
        ] {
            #expect(try terms([key: nil, "title": nil]) == nil, "\(key)")
        }
    }
}
