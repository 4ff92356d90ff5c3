import MoneyAndTime
import Postgres

// How the ground's types travel to and from PostgreSQL.

extension ID: PostgresEncodable, PostgresDecodable, PostgresArrayElement {
    package static var postgresType: PostgresType { .uuid }
    package static var postgresArrayType: PostgresType { .uuidArray }

    package func encode(to bytes: inout [UInt8]) throws {
        UUIDBits(
            high: UInt64(truncatingIfNeeded: bits >> 64), low: UInt64(truncatingIfNeeded: bits)
        ).encode(to: &bytes)
    }

    package init(postgres cell: Cell) throws {
        let stored = try UUIDBits(postgres: cell)
        self.init(bits: UInt128(stored.high) << 64 | UInt128(stored.low))
    }
}

extension Instant: PostgresEncodable, PostgresDecodable, PostgresArrayElement {
    package static var postgresType: PostgresType { Timestamp.postgresType }
    package static var postgresArrayType: PostgresType { Timestamp.postgresArrayType }

    package func encode(to bytes: inout [UInt8]) throws {
        try Timestamp(microseconds: microseconds).encode(to: &bytes)
    }

    package init(postgres cell: Cell) throws {
        self.init(microseconds: try Timestamp(postgres: cell).microseconds)
    }
}

extension CalendarDate: PostgresEncodable, PostgresDecodable {
    package static var postgresType: PostgresType { DateOnly.postgresType }

    package func encode(to bytes: inout [UInt8]) throws {
        guard let date = DateOnly(year: year, month: month, day: day) else {
            throw CellError.malformed("a date")
        }
        try date.encode(to: &bytes)
    }

    package init(postgres cell: Cell) throws {
        let date = try DateOnly(postgres: cell)
        try self.init(year: date.year, month: date.month, day: date.day)
    }
}

/// Money is stored as `bigint` minor units of the euro.
extension Money: PostgresEncodable, PostgresDecodable {
    package static var postgresType: PostgresType { Int64.postgresType }

    package func encode(to bytes: inout [UInt8]) throws {
        minorUnits.encode(to: &bytes)
    }

    package init(postgres cell: Cell) throws {
        self.init(minorUnits: try Int64(postgres: cell))
    }
}
