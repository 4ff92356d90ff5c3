/// One value of one row as the server sent it.
package struct Cell: Sendable {
    package let type: PostgresType
    package let format: PostgresFormat
    private let source: Source

    private enum Source: Sendable {
        case null
        case result(ResultBytes, row: Int, column: Int)
        case bytes([UInt8])
    }

    init(result: ResultBytes, row: Int, column: Int) {
        type = result.type(column)
        format = result.format(column)
        let isNull = result.isNull(row: row, column: column)
        source = isNull ? .null : .result(result, row: row, column: column)
    }

    /// An element of an array, or of another value that holds values.
    init(type: PostgresType, format: PostgresFormat, bytes: [UInt8]?) {
        self.type = type
        self.format = format
        source = bytes.map { .bytes($0) } ?? .null
    }

    package var isNull: Bool {
        if case .null = source { true } else { false }
    }

    /// The bytes, which stay valid only during the call. Throws `CellError.null` without a value.
    package func withBytes<T>(_ body: (UnsafeRawBufferPointer) throws -> T) throws -> T {
        switch source {
        case .null: throw CellError.null
        case .bytes(let bytes): try bytes.withUnsafeBytes(body)
        case .result(let result, let row, let column):
            try result.withBytes(row: row, column: column, body)
        }
    }

    /// A copy of the bytes; empty for NULL.
    package var bytes: [UInt8] {
        (try? withBytes { Array($0) }) ?? []
    }

    /// The bytes as UTF-8, which the connection's encoding always is.
    func text() throws -> String {
        try withBytes { bytes in
            guard let text = String(validating: bytes, as: UTF8.self) else {
                throw CellError.malformed("is not valid UTF-8")
            }
            return text
        }
    }

    /// A big-endian integer of exactly its width.
    func integer<T: FixedWidthInteger>(_: T.Type) throws -> T {
        try withBytes { bytes in
            guard bytes.count == MemoryLayout<T>.size else {
                throw CellError.malformed("has \(bytes.count) bytes, not \(MemoryLayout<T>.size)")
            }
            return T(bigEndian: bytes.loadUnaligned(as: T.self))
        }
    }
}

extension [UInt8] {
    mutating func append(bigEndian value: some FixedWidthInteger) {
        Swift.withUnsafeBytes(of: value.bigEndian) { append(contentsOf: $0) }
    }
}
