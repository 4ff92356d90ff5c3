/// A value that can be bound to a parameter of a statement.
package protocol PostgresEncodable: Sendable {
    /// What the server is told; `.unspecified` lets it take the type from the context.
    static var postgresType: PostgresType { get }
    static var postgresFormat: PostgresFormat { get }
    /// Appends the value in `postgresFormat`; never changes what is there already.
    func encode(to bytes: inout [UInt8]) throws
}

extension PostgresEncodable {
    package static var postgresFormat: PostgresFormat { .binary }
}

/// A value that can be read from a column.
package protocol PostgresDecodable {
    /// Throws `CellError` or an error of its own; whoever reads the row adds the column's name.
    init(postgres cell: Cell) throws
}

/// A value that can be an element of a one-dimensional array. A type that is both encodable and
/// decodable has only to name the type of the array.
package protocol PostgresArrayElement: Sendable {
    static var postgresArrayType: PostgresType { get }
    static func encode(elements: [Self], to bytes: inout [UInt8]) throws
    static func decode(elements cell: Cell) throws -> [Self]
}

/// Why a cell could not be read.
package enum CellError: Error, Hashable, Sendable {
    /// NULL, where a value was asked for.
    case null
    /// The column is of a type that does not fit.
    case type(expected: String)
    /// The bytes are not a value of the type, or lie outside of the range asked for.
    case malformed(String)

    var reason: String {
        switch self {
        case .null: "is null"
        case .type(let expected): "cannot be read as \(expected)"
        case .malformed(let reason): reason
        }
    }
}

extension Optional: PostgresDecodable where Wrapped: PostgresDecodable {
    package init(postgres cell: Cell) throws {
        self = cell.isNull ? nil : try Wrapped(postgres: cell)
    }
}

extension PostgresEncodable where Self: RawRepresentable, RawValue: PostgresEncodable {
    package static var postgresType: PostgresType { RawValue.postgresType }
    package static var postgresFormat: PostgresFormat { RawValue.postgresFormat }
    package func encode(to bytes: inout [UInt8]) throws { try rawValue.encode(to: &bytes) }
}

extension PostgresDecodable where Self: RawRepresentable, RawValue: PostgresDecodable {
    package init(postgres cell: Cell) throws {
        guard let value = Self(rawValue: try RawValue(postgres: cell)) else {
            throw CellError.malformed("is not one of the values of \(Self.self)")
        }
        self = value
    }
}
