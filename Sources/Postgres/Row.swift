/// The rows of one statement, in the server's order.
package struct Rows: RandomAccessCollection, Sendable {
    let result: ResultBytes

    package var startIndex: Int { 0 }
    package var endIndex: Int { result.rowCount }
    package subscript(position: Int) -> Row {
        precondition(position >= 0 && position < result.rowCount, "no such row")
        return Row(result: result, index: position)
    }

    /// How many rows the statement inserted, changed, deleted or returned.
    package var affected: Int { result.affected }
    package var columns: [String] { result.columns }

    /// The row, where there must be exactly one.
    package func only() throws(PostgresError) -> Row {
        guard let row = first, count == 1 else {
            throw .rowCount(expected: "one", got: count)
        }
        return row
    }

    /// The row, where there may be none and never two.
    package func atMostOne() throws(PostgresError) -> Row? {
        guard count <= 1 else { throw .rowCount(expected: "at most one", got: count) }
        return first
    }
}

/// One row. Reading a column that does not fit says which one and why.
package struct Row: Sendable {
    let result: ResultBytes
    let index: Int

    /// By name; `as: T?.self` takes NULL.
    package func decode<T: PostgresDecodable>(
        _ name: String, as type: T.Type = T.self
    ) throws(PostgresError) -> T {
        guard let position = result.columns.firstIndex(of: name) else {
            throw .column(ColumnError(column: name, reason: "is not in the result"))
        }
        guard !result.hasRepeatedColumns || result.columns.lastIndex(of: name) == position else {
            throw .column(ColumnError(column: name, reason: "is in the result twice"))
        }
        return try decode(position, as: type)
    }

    package subscript<T: PostgresDecodable>(_ name: String, _ type: T.Type) -> T {
        get throws(PostgresError) { try decode(name, as: type) }
    }

    /// By position, counted from 0.
    package func decode<T: PostgresDecodable>(
        _ position: Int, as type: T.Type = T.self
    ) throws(PostgresError) -> T {
        guard result.columns.indices.contains(position) else {
            let reason = "is not in the result, which has \(result.columns.count) columns"
            throw .column(ColumnError(column: "#\(position)", position: position, reason: reason))
        }
        let cell = Cell(result: result, row: index, column: position)
        do {
            return try T(postgres: cell)
        } catch {
            let reason = (error as? CellError)?.reason ?? "\(error)"
            throw .column(
                ColumnError(
                    column: result.columns[position], position: position, type: cell.type,
                    reason: reason))
        }
    }

    /// All columns at once, in order: `try row.decode((Int64, String?).self)`.
    package func decode<each T: PostgresDecodable>(
        _: (repeat each T).Type
    ) throws(PostgresError) -> (repeat each T) {
        var position = -1
        func next<U: PostgresDecodable>(_ type: U.Type) throws(PostgresError) -> U {
            position += 1
            return try decode(position, as: type)
        }
        return (repeat try next((each T).self))
    }
}
