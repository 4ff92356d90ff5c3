import API
import Contracts
import Postgres
import StrictJSON
import TestMarket
import TestServer
import Testing

/// Each kind of bad body of each operation that takes one: what is wrong is said with its place,
/// and nothing is changed.
@Suite("Bad bodies", .serialized, .sharedTrade)
struct BadBodyTests {
    private static let withJSON = API.Operation.allCases.filter { $0.body == .json }
    /// Reads any JSON: what is wrong with it is the answer.
    private static let withObject = withJSON.filter { $0 != .checkContract }
    private static let withoutBody = API.Operation.allCases
        .filter { $0.body == .none && $0.method != .get }

    private func attack(_ operation: API.Operation) throws -> (Trade, Attack, String?) {
        let trade = try Trade.shared
        let attack = try #require(try trade.attacks.first { $0.operation == operation })
        return (trade, attack, try trade.rightToken(attack))
    }

    /// Runs `body` and sees that no table has another number of rows afterwards: whoever changes
    /// anything tells an event.
    private func changesNothing(_ trade: Trade, _ body: () async throws -> Void) async throws {
        let before = try await trade.server.test.rowCounts()
        try await body()
        let after = try await trade.server.test.rowCounts()
        #expect(before == after)
    }

    static let noJSON: [(what: String, text: [UInt8])] = [
        ("nothing", []), ("half of an object", bytes("{\"name\":")), ("no quotes", bytes("{a:1}")),
        ("a trailing comma", bytes("{\"a\":1,}")), ("two values", bytes("{}{}")),
        ("single quotes", bytes("{'a':1}")), ("NaN", bytes("{\"a\":NaN}")),
        ("a leading zero", bytes("{\"a\":01}")), ("a key twice", bytes("{\"a\":1,\"a\":1}")),
        ("a lone surrogate", bytes("{\"a\":\"\\ud800\"}")),
        ("no UTF-8", bytes("{\"a\":\"") + [0xc3, 0x28] + bytes("\"}")),
        ("a control character", bytes("{\"a\":\"\n\"}")),
        ("too deep", bytes(String(repeating: "[", count: 40))),
        ("a form", bytes("name=a&time_zone=b")),
    ]

    private static func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

    @Test(arguments: withJSON)
    func malformedIsRefused(_ operation: API.Operation) async throws {
        let (trade, attack, token) = try attack(operation)
        try await changesNothing(trade) {
            for (what, text) in Self.noJSON {
                let answer = try await attack.send(trade.client, token, bytes: text)
                #expect(answer.status == 400, "\(what): \(answer.summary)")
                #expect(answer.code == "malformed_json")
                #expect(answer.json?["figures"]?["offset"]?.integer != nil)
            }
        }
    }

    @Test(arguments: withObject)
    func badMembersAreRefusedWithTheirPlace(_ operation: API.Operation) async throws {
        let (trade, attack, token) = try attack(operation)
        guard case .json(let right) = attack.body else { return }
        let bad = BadValue.all(from: attack.fullest ?? right, by: try schema(of: operation))
        // a body of one member has six: an array, nonsense, missing, null and two wrong types
        #expect(bad.count >= 6)
        try await changesNothing(trade) {
            for bad in bad {
                let answer = try await attack.send(trade.client, token, bytes: bad.value.write())
                #expect(answer.status == 422, "\(bad.testDescription): \(answer.summary)")
                #expect(answer.code == "invalid_input", "\(bad.testDescription)")
                // a list that names something twice may say which is the second
                let places = [bad.pointer.text, bad.pointer.appending(1).text]
                let allowed = bad.what == "twice" ? places : [bad.pointer.text]
                #expect(
                    answer.pointers.count == 1 && allowed.contains(answer.pointers[0]),
                    "\(bad.testDescription): \(answer.summary)")
            }
        }
    }

    private func schema(of operation: API.Operation) throws -> Schema {
        if operation == .draftContract || operation == .amendContract {
            let contract = try JSON.parse(ContractFiles.read("v1/contract.schema.json"))
            return Schema(contract, in: contract)
        }
        let description = try Description.shared.get()
        let schema = try #require(description.operations[operation.rawValue]?.schema)
        return Schema(schema, in: description.document)
    }

    @Test(arguments: withObject)
    func whatIsNoObjectIsRefused(_ operation: API.Operation) async throws {
        let (trade, attack, token) = try attack(operation)
        for text in ["null", "true", "1", "\"text\"", "[{}]"] {
            let answer = try await attack.send(trade.client, token, bytes: Array(text.utf8))
            #expect(answer.status == 422, "\(text): \(answer.summary)")
            #expect(answer.pointers == [""])
        }
    }

    @Test(arguments: withoutBody)
    func aBodyWhereNoneIsTakenIsRefused(_ operation: API.Operation) async throws {
        let (trade, attack, token) = try attack(operation)
        try await changesNothing(trade) {
            let answer = try await attack.send(
                trade.client, token, bytes: Array("{}".utf8),
                changed: ["Content-Type": "application/json"])
            #expect(answer.status == 400, "\(answer.summary)")
            #expect(answer.code == "body_not_expected")
        }
    }

    @Test func whatIsNoBankFileIsRefused() async throws {
        let (trade, attack, token) = try attack(.importBankFile)
        let good = String(decoding: trade.unreadFile, as: UTF8.self)
        let bad = [
            "", "no XML", "<Document>", "<Document/>", good.replacing("<Ntry>", with: "<Ntry>&x;"),
            "<!DOCTYPE d [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>" + good,
            good.replacing("</Document>", with: ""), good + good,
            good.replacing("camt.053", with: "pain.001"),
        ]
        try await changesNothing(trade) {
            for text in bad {
                let answer = try await attack.send(trade.client, token, bytes: Array(text.utf8))
                #expect(answer.status == 422, "\(text.prefix(80)): \(answer.summary)")
                #expect(answer.code == "bank_file_refused")
                #expect(!answer.text.contains("root:"))
            }
        }
    }
}

extension TestMarket {
    /// How many rows all tables have together.
    fileprivate func rowCounts() async throws -> Int64 {
        try await superuser.read([
            """
            select sum((xpath('/row/c/text()', query_to_xml(
                format('select count(*) as c from %I.%I', schemaname, tablename),
                false, true, '')))[1]::text::bigint)::bigint as rows
            from pg_tables where schemaname not in ('pg_catalog', 'information_schema')
            """
        ]).only()["rows", Int64.self]
    }
}
