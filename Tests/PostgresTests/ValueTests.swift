import Foundation
import Testing

@testable import Postgres

private enum Kind: String, PostgresEncodable, PostgresDecodable {
    case open, closed
}

@Suite struct ValueTests {
    /// Sends a value to the server and back, and compares its text there.
    private func roundTrip<T: PostgresEncodable & PostgresDecodable & Equatable>(
        _ value: T, _ type: String, _ text: String, on database: Database
    ) async throws {
        let row = try await database.read(
            ["select v, v::text from (select \(value)::\(trusted: type) as v) as t"]
        ).only()
        let (back, shown) = try row.decode((T, String).self)
        #expect(back == value)
        #expect(shown == text)
    }

    @Test func eachTypeComesBackAsItWent() async throws {
        try await withDatabase { db in
            try await roundTrip(true, "bool", "true", on: db)
            try await roundTrip(Int16.min, "int2", "-32768", on: db)
            try await roundTrip(Int32.max, "int4", "2147483647", on: db)
            try await roundTrip(Int64.min, "int8", "-9223372036854775808", on: db)
            try await roundTrip(42, "int8", "42", on: db)
            try await roundTrip(-0.125, "float8", "-0.125", on: db)
            try await roundTrip("ä 'x' \\ $1 🙂", "text", "ä 'x' \\ $1 🙂", on: db)
            try await roundTrip("", "text", "", on: db)
            try await roundTrip([UInt8]([0, 255, 16]), "bytea", "\\x00ff10", on: db)
            let text = "0190163d-8694-739b-aea5-966c26f8ad91"
            try await roundTrip(try UUIDBits(parsing: text), "uuid", text, on: db)
            try await roundTrip(try #require(UUID(uuidString: text)), "uuid", text, on: db)
            try await roundTrip(
                Timestamp(microseconds: 1_774_746_000_000_001), "timestamptz",
                "2026-03-29 01:00:00.000001+00", on: db)
            try await roundTrip(
                Timestamp(microseconds: -1), "timestamptz", "1969-12-31 23:59:59.999999+00", on: db)
            for (year, month, day) in [(2026, 3, 29), (2000, 2, 29), (1, 1, 1), (9999, 12, 31)] {
                let date = try #require(DateOnly(year: year, month: month, day: day))
                try await roundTrip(date, "date", date.description, on: db)
            }
            try await roundTrip(JSONText(#"{"a": [1, "ä"]}"#), "jsonb", #"{"a": [1, "ä"]}"#, on: db)
        }
    }

    @Test func arraysComeBackAsTheyWent() async throws {
        try await withDatabase { db in
            try await roundTrip(["a,b", "\"", ""], "_text", #"{"a,b","\"",""}"#, on: db)
            try await roundTrip([String](), "_text", "{}", on: db)
            try await roundTrip([String?]([nil, "x"]), "_text", "{NULL,x}", on: db)
            try await roundTrip([Int64]([1, -2]), "_int8", "{1,-2}", on: db)
            try await roundTrip([Int32]([7]), "_int4", "{7}", on: db)
            let text = "0190163d-8694-739b-aea5-966c26f8ad91"
            try await roundTrip([try UUIDBits(parsing: text)], "_uuid", "{\(text)}", on: db)
            try await roundTrip(
                [[UInt8]([1]), [UInt8]()], "_bytea", #"{"\\x01","\\x"}"#, on: db)
        }
    }

    @Test func stringsStandForTypesThatTheServerKnows() async throws {
        try await withDatabase { db in
            try await db.pool.withConnection { session in
                try await session.script(
                    """
                    create type kind as enum ('open', 'closed');
                    create table t (kind kind, id uuid, amount numeric(12, 4), note varchar)
                    """)
                let id = "0190163d-8694-739b-aea5-966c26f8ad91"
                try await session.query(
                    """
                    insert into t values
                    (\(Kind.closed), \(id), \("-1234567.0890"), \(nil as String?))
                    """)
                let row = try await session.query("select * from t where id = \(id)").only()
                #expect(try row.decode("kind", as: Kind.self) == .closed)
                #expect(try row["kind", String.self] == "closed")
                #expect(try row["id", String.self] == id)
                #expect(try row["amount", String.self] == "-1234567.0890")
                #expect(try row["note", String?.self] == nil)
            }
        }
    }

    @Test(arguments: [
        "0", "0.00", "1", "10000", "0.0001", "123456789012345678901234567890.5", "-0.5",
        "100000000", "0.00001", "99999999.9999",
    ])
    func numericsAreExact(_ text: String) async throws {
        try await withDatabase { db in
            let row = try await db.read(["select \(text)::numeric"]).only()
            #expect(try row.decode(0, as: String.self) == text)
        }
    }

    @Test func errorsNameTheColumn() async throws {
        let cases: [(column: String, reason: String, read: @Sendable (Row) throws -> Void)] = [
            ("nothing", "is null", { _ = try $0.decode("nothing", as: String.self) }),
            ("big", "does not fit Int32", { _ = try $0.decode("big", as: Int32.self) }),
            ("big", "cannot be read as Bool", { _ = try $0.decode("big", as: Bool.self) }),
            ("word", "cannot be read as Int64", { _ = try $0.decode("word", as: Int64.self) }),
            (
                "word", "is not one of the values of Kind",
                { _ = try $0.decode("word", as: Kind.self) }
            ),
            ("gone", "is not in the result", { _ = try $0.decode("gone", as: String.self) }),
            ("twice", "is in the result twice", { _ = try $0.decode("twice", as: Int.self) }),
            ("for_ever", "is infinite", { _ = try $0.decode("for_ever", as: Timestamp.self) }),
            (
                "span", "cannot be read as String; cast it to text",
                { _ = try $0.decode("span", as: String.self) }
            ),
            (
                "#9", "is not in the result, which has 7 columns",
                { _ = try $0.decode(9, as: String.self) }
            ),
        ]
        try await withDatabase { db in
            let row = try await db.read([
                """
                select null::text as nothing, 5000000000 as big, 'ajar' as word, 1 as twice,
                2 as twice, 'infinity'::timestamptz as for_ever, interval '1 day' as span
                """
            ]).only()
            for (column, reason, read) in cases {
                do {
                    try read(row)
                    Issue.record("\(column) was read")
                } catch PostgresError.column(let error) {
                    #expect(error.column == column)
                    #expect(error.reason == reason)
                }
            }
        }
    }

    @Test func rowCountsAreChecked() async throws {
        try await withDatabase { db in
            let two = try await db.read(["select generate_series(1, 2)"])
            let none = try await db.read(["select 1 where false"])
            #expect(throws: PostgresError.rowCount(expected: "one", got: 2)) { try two.only() }
            #expect(throws: PostgresError.rowCount(expected: "at most one", got: 2)) {
                try two.atMostOne()
            }
            #expect(throws: PostgresError.rowCount(expected: "one", got: 0)) { try none.only() }
            #expect(try none.atMostOne().map(\.index) == nil)
            #expect(two.map { try? $0.decode(0, as: Int.self) } == [1, 2])
        }
    }

    @Test func valuesWithoutAFormAreRefusedBeforeTheyAreSent() async throws {
        try await withDatabase { db in
            let cases: [(query: Query, position: Int)] = [
                ("select \(1), \("a\0b")", 2),
                ("select \(Timestamp(microseconds: .min))", 1),
                ("select \(1), \("select \("\0")" as Query)", 2),
                ("select '\0'", 0),
            ]
            for (query, position) in cases {
                guard case .parameter(position, _) = await failure({ try await db.read([query]) })
                else {
                    Issue.record("position \(position) was not refused")
                    continue
                }
            }
        }
    }
}

@Suite struct QueryTests {
    @Test func valuesBecomeParametersAndFragmentsAreRenumbered() {
        let filter: Query = "a = \(1) and b = \("x")"
        let query: Query = "select \(true) from \(trusted: "public.t") where \(filter) or c = \(2)"
        #expect(
            query.sql == #"select $1 from "public"."t" where a = $2 and b = $3 or c = $4"#)
        #expect(query.parameters.types == [16, 20, 0, 20])
    }

    @Test func identifiersCannotEndTheirQuotes() {
        let query: Query = "drop table \(trusted: #"a"; drop table b; --"#)"
        #expect(query.sql == #"drop table "a""; drop table b; --""#)
    }

    @Test func statesOfOursHaveANumber() {
        #expect(SQLState(rawValue: "AK401").isOurs)
        #expect(SQLState(rawValue: "AK401").ourNumber == 401)
        #expect(SQLState.uniqueViolation.ourNumber == nil)
        #expect(SQLState.deadlockDetected.mayBeRunAgain)
        #expect(!SQLState.uniqueViolation.mayBeRunAgain)
    }
}
