import CPostgres

/// A result of libpq, which nothing changes after it was received: several threads may read it.
final class ResultBytes: @unchecked Sendable {
    private let pointer: OpaquePointer
    let rowCount: Int
    let columns: [String]
    /// Whether two of them have one name.
    let hasRepeatedColumns: Bool
    private let types: [PostgresType]
    private let formats: [PostgresFormat]

    /// Takes over the result, and clears it at the end.
    init(_ pointer: OpaquePointer) {
        self.pointer = pointer
        rowCount = Int(PQntuples(pointer))
        let indices = 0..<PQnfields(pointer)
        columns = indices.map { PQfname(pointer, $0).map { String(cString: $0) } ?? "" }
        hasRepeatedColumns = Set(columns).count != columns.count
        types = indices.map { PostgresType(oid: PQftype(pointer, $0)) }
        formats = indices.map { PQfformat(pointer, $0) == 0 ? .text : .binary }
    }

    deinit {
        PQclear(pointer)
    }

    var affected: Int { PQcmdTuples(pointer).flatMap { Int(String(cString: $0)) } ?? 0 }

    /// The server's word for what it did: `COMMIT`, `INSERT 0 1`.
    var command: String { PQcmdStatus(pointer).map { String(cString: $0) } ?? "" }

    func type(_ column: Int) -> PostgresType { types[column] }
    func format(_ column: Int) -> PostgresFormat { formats[column] }

    func isNull(row: Int, column: Int) -> Bool {
        PQgetisnull(pointer, Int32(row), Int32(column)) == 1
    }

    func withBytes<T>(
        row: Int, column: Int, _ body: (UnsafeRawBufferPointer) throws -> T
    ) rethrows -> T {
        let length = Int(PQgetlength(pointer, Int32(row), Int32(column)))
        let start = PQgetvalue(pointer, Int32(row), Int32(column))
        return try withExtendedLifetime(self) {
            try body(UnsafeRawBufferPointer(start: start, count: length))
        }
    }
}

extension ServerError {
    /// The fields of an error or notice (`PG_DIAG_*` of libpq).
    init(result: OpaquePointer) {
        func field(_ code: Character) -> String? {
            code.asciiValue.flatMap { PQresultErrorField(result, Int32($0)) }
                .map { String(cString: $0) }
        }
        let whole = PQresultErrorMessage(result).map { String(cString: $0) } ?? ""
        // Errors that libpq makes itself have no fields: the connection is in trouble.
        self.init(
            state: SQLState(rawValue: field("C") ?? SQLState.connectionException.rawValue),
            message: field("M") ?? whole, detail: field("D"), hint: field("H"),
            schema: field("s"), table: field("t"), column: field("c"), constraint: field("n"),
            severity: field("V") ?? "FATAL", routine: field("R"),
            functions: Self.functions(in: field("W") ?? ""))
    }

    /// The functions of a context and their lines, the innermost first. Its other lines are left
    /// out: they may quote statements, and so values.
    private static func functions(in context: String) -> [String] {
        context.split(separator: "\n").filter {
            $0.hasPrefix("PL/pgSQL function ") || $0.hasPrefix("SQL function ")
        }.map(String.init)
    }
}
