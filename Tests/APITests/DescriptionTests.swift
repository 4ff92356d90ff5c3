import API
import Marketplace
import Organisations
import Postgres
import StrictJSON
import TestMarket
import Testing

/// `api/openapi.yaml` and the code say the same, both ways.
@Suite struct DescriptionTests {
    private func documented(_ operation: API.Operation) throws -> Description.Documented {
        try #require(try Description.shared.get().operations[operation.rawValue])
    }

    @Test func operationsAreTheSame() throws {
        let described = try Description.shared.get().operations.keys
        #expect(Set(described) == Set(API.Operation.allCases.map(\.rawValue)))
    }

    @Test(arguments: API.Operation.allCases)
    func operationIsAsDescribed(_ operation: API.Operation) throws {
        let described = try documented(operation)
        #expect(described.method == operation.method.rawValue)
        #expect(described.path == operation.path)
        #expect(described.queryParameters.sorted() == operation.queryParameters.sorted())
        let successes = described.statuses.filter { (200...299).contains($0) }
        #expect(successes == [operation.success])
        #expect(described.isOpen == (operation.credential == .nothing))
        let headers = described.headerParameters
        #expect(headers.contains("Idempotency-Key") == operation.requiresIdempotencyKey)
        #expect(headers.contains("If-Match") == operation.requiresIfMatch)
        #expect(headers.contains("If-None-Match") == described.statuses.contains(304))
        let types: [String] =
            switch operation.body {
            case .none: []
            case .json: ["application/json"]
            case .xml: ["application/xml", "text/xml"]
            }
        #expect(described.mediaTypes == types)
    }

    @Test func rolesAreThoseOfTheDatabase() async throws {
        let described = try Description.shared.get().operations.compactMapValues(\.roles)
        let stored = try await TestMarket.withMarket { test in
            try await test.superuser.read(["select operation, roles from operation_role"]).map {
                (try $0["operation", String.self], Set(try $0["roles", [String].self]))
            }
        }
        #expect(described == Dictionary(uniqueKeysWithValues: stored))
        let asking = API.Operation.allCases.filter { $0.credential == .organisation }
        #expect(Set(described.keys) == Set(asking.map(\.rawValue)))
        let known = Set(Role.allCases.map(\.rawValue))
        for (operation, roles) in described {
            #expect(roles.isSubset(of: known), "\(operation)")
        }
    }

    /// Every code stands at each status that can carry it, and no other does.
    @Test func codesAreTheSame() throws {
        var described: [String: Set<Int>] = [:]
        for operation in try Description.shared.get().operations.values {
            for (status, codes) in operation.codes where status >= 400 {
                for code in codes { described[code, default: []].insert(status) }
            }
        }
        var ours: [String: Set<Int>] = [:]
        for code in RefusalCode.allCases { ours[code.rawValue] = [Problem(code).status] }
        for code in RequestProblem.allCases {
            ours[code.rawValue, default: []].insert(code.status)
        }
        let listed = try Description.shared.get()
            .document["components"]?["schemas"]?["ProblemCode"]?["enum"]?.elements
        #expect(listed.map { Set($0.compactMap(\.text)) } == Set(ours.keys))
        // of no operation: unknown paths and methods, what only the worker can be refused, and
        // what only guests and rooms can, which have pages alone
        let outsiders = [
            "path_unknown", "method_not_allowed", "hold_not_expired", "guest_link_not_open",
            "guest_link_in_use", "room_page_taken",
        ]
        for outside in outsiders {
            #expect(described[outside] == nil)
            ours[outside] = nil
        }
        for (code, statuses) in ours { #expect(described[code] == statuses, "\(code)") }
        for (code, statuses) in described { #expect(ours[code] == statuses, "\(code)") }
    }

    @Test(arguments: RefusalCode.allCases)
    func everyRefusalHasATitle(_ code: RefusalCode) {
        #expect(Problem(code).title != code.rawValue)
        #expect(Problem(code).body(requestID: "r").members?["figures"] == nil)
    }

    @Test func anEmptyRefusalHasNoFigures() {
        let problem = Problem(.taken, figures: ["reason": "busy"])
        #expect(problem.body(requestID: "r")["figures"] == ["reason": "busy"])
    }
}
