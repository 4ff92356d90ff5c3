/// A statement and the values bound to it. An interpolated value becomes `$n`; it never becomes
/// part of the text.
package struct Query: Sendable, ExpressibleByStringInterpolation {
    /// The text with a gap between each two pieces, one for each parameter.
    private var pieces: [String]
    private(set) var parameters: Parameters
    /// False for texts that are run once: they get no prepared statement.
    private(set) var isPrepared = true

    package init(stringLiteral value: String) {
        pieces = [value]
        parameters = Parameters()
    }

    package init(stringInterpolation: StringInterpolation) {
        pieces = stringInterpolation.pieces
        parameters = stringInterpolation.parameters
    }

    /// The text as the server gets it.
    package var sql: String {
        var text = pieces[0]
        for (index, piece) in pieces.dropFirst().enumerated() {
            text += "$\(index + 1)"
            text += piece
        }
        return text
    }

    /// The same without a prepared statement.
    package func unprepared() -> Query {
        var copy = self
        copy.isPrepared = false
        return copy
    }

    /// Throws for what libpq would cut short or refuse by closing the connection.
    func validate() throws(PostgresError) {
        if let failure = parameters.failure { throw failure }
        guard parameters.count <= 65535 else {
            throw .parameter(position: 65536, reason: "is one too many")
        }
        guard !pieces.contains(where: { $0.utf8.contains(0) }) else {
            throw .parameter(position: 0, reason: "the text contains U+0000")
        }
    }

    package struct StringInterpolation: StringInterpolationProtocol {
        fileprivate var pieces = [""]
        fileprivate var parameters = Parameters()

        package init(literalCapacity: Int, interpolationCount: Int) {
            pieces.reserveCapacity(interpolationCount + 1)
            pieces[0].reserveCapacity(literalCapacity)
        }

        package mutating func appendLiteral(_ literal: String) {
            pieces[pieces.count - 1] += literal
        }

        /// Binds a value.
        package mutating func appendInterpolation<Value: PostgresEncodable>(_ value: Value) {
            parameters.append(value)
            pieces.append("")
        }

        /// Binds a value or NULL.
        package mutating func appendInterpolation<Value: PostgresEncodable>(_ value: Value?) {
            parameters.append(value)
            pieces.append("")
        }

        /// Splices another statement or a part of one in; its parameters are renumbered.
        package mutating func appendInterpolation(_ fragment: Query) {
            pieces[pieces.count - 1] += fragment.pieces[0]
            pieces += fragment.pieces.dropFirst()
            parameters.append(contentsOf: fragment.parameters)
        }

        /// Writes an identifier, quoted, its parts separated by dots: `\(trusted: "public.unit")`.
        package mutating func appendInterpolation(trusted identifier: String) {
            pieces[pieces.count - 1] += Query.quoted(identifier)
        }
    }

    /// An identifier in double quotes, each of its parts by itself.
    static func quoted(_ identifier: String) -> String {
        identifier.split(separator: ".", omittingEmptySubsequences: false)
            .map {
                "\""
                    + $0.split(separator: "\"", omittingEmptySubsequences: false)
                    .joined(separator: "\"\"") + "\""
            }
            .joined(separator: ".")
    }
}

/// Several statements that are one implicit transaction: all take effect, or none.
package struct Segment: Sendable, ExpressibleByArrayLiteral {
    package let queries: [Query]

    package init(arrayLiteral queries: Query...) {
        self.queries = queries
    }

    package init(_ queries: [Query]) {
        self.queries = queries
    }

    package init(_ query: Query) {
        queries = [query]
    }
}

/// The values of a statement, encoded one after the other into one buffer.
struct Parameters: Sendable {
    private(set) var types: [UInt32] = []
    private(set) var formats: [Int32] = []
    /// -1 for NULL.
    private var lengths: [Int32] = []
    private var bytes: [UInt8] = []
    /// The first value that has no form in PostgreSQL: interpolation cannot throw, sending does.
    private(set) var failure: PostgresError?

    var count: Int { types.count }

    mutating func append<Value: PostgresEncodable>(_ value: Value?) {
        types.append(Value.postgresType.oid)
        formats.append(Value.postgresFormat.rawValue)
        guard let value else {
            lengths.append(-1)
            return
        }
        let start = bytes.count
        do {
            try value.encode(to: &bytes)
        } catch {
            let reason = (error as? CellError)?.reason ?? "\(error)"
            failure = failure ?? .parameter(position: count, reason: reason)
        }
        if let length = Int32(exactly: bytes.count - start) {
            lengths.append(length)
        } else {
            lengths.append(0)
            failure = failure ?? .parameter(position: count, reason: "is too long")
        }
        // libpq reads a value of text form up to its NUL; it ignores that of a binary one.
        bytes.append(0)
    }

    mutating func append(contentsOf other: Parameters) {
        if case .parameter(let position, let reason) = other.failure, failure == nil {
            failure = .parameter(position: count + position, reason: reason)
        }
        types += other.types
        formats += other.formats
        lengths += other.lengths
        bytes += other.bytes
    }

    /// Calls with the arrays that libpq wants: pointers to the values, lengths, formats.
    func withLibpq<T>(
        _ body: ([UnsafePointer<CChar>?], _ lengths: [Int32], _ formats: [Int32]) -> T
    ) -> T {
        bytes.withUnsafeBytes { buffer in
            var offset = 0
            let values = lengths.map { length -> UnsafePointer<CChar>? in
                guard length >= 0, let base = buffer.baseAddress else { return nil }
                defer { offset += Int(length) + 1 }
                return (base + offset).assumingMemoryBound(to: CChar.self)
            }
            return body(values, lengths, formats)
        }
    }
}
