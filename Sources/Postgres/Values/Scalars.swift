extension Bool: PostgresEncodable, PostgresDecodable, PostgresArrayElement {
    package static var postgresType: PostgresType { .bool }
    package static var postgresArrayType: PostgresType { .boolArray }

    package func encode(to bytes: inout [UInt8]) { bytes.append(self ? 1 : 0) }

    package init(postgres cell: Cell) throws {
        guard cell.type == .bool else { throw CellError.type(expected: "Bool") }
        switch cell.format {
        case .binary: self = try cell.integer(UInt8.self) != 0
        case .text: self = try cell.text() == "t"
        }
    }
}

extension Cell {
    /// An integer of any of the three widths, if it fits.
    fileprivate func anyInteger<T: FixedWidthInteger & SignedInteger>(_: T.Type) throws -> T {
        let wide: Int64
        switch (type, format) {
        case (.int2, .binary): wide = Int64(try integer(Int16.self))
        case (.int4, .binary): wide = Int64(try integer(Int32.self))
        case (.int8, .binary): wide = try integer(Int64.self)
        case (.oid, .binary): wide = Int64(try integer(UInt32.self))
        case (.int2, .text), (.int4, .text), (.int8, .text), (.oid, .text):
            guard let value = Int64(try text()) else { throw CellError.malformed("is no integer") }
            wide = value
        default: throw CellError.type(expected: "\(T.self)")
        }
        guard let value = T(exactly: wide) else {
            throw CellError.malformed("does not fit \(T.self)")
        }
        return value
    }
}

extension Int16: PostgresEncodable, PostgresDecodable, PostgresArrayElement {
    package static var postgresType: PostgresType { .int2 }
    package static var postgresArrayType: PostgresType { .int2Array }
    package func encode(to bytes: inout [UInt8]) { bytes.append(bigEndian: self) }
    package init(postgres cell: Cell) throws { self = try cell.anyInteger(Self.self) }
}

extension Int32: PostgresEncodable, PostgresDecodable, PostgresArrayElement {
    package static var postgresType: PostgresType { .int4 }
    package static var postgresArrayType: PostgresType { .int4Array }
    package func encode(to bytes: inout [UInt8]) { bytes.append(bigEndian: self) }
    package init(postgres cell: Cell) throws { self = try cell.anyInteger(Self.self) }
}

extension Int64: PostgresEncodable, PostgresDecodable, PostgresArrayElement {
    package static var postgresType: PostgresType { .int8 }
    package static var postgresArrayType: PostgresType { .int8Array }
    package func encode(to bytes: inout [UInt8]) { bytes.append(bigEndian: self) }
    package init(postgres cell: Cell) throws { self = try cell.anyInteger(Self.self) }
}

extension Int: PostgresEncodable, PostgresDecodable, PostgresArrayElement {
    package static var postgresType: PostgresType { .int8 }
    package static var postgresArrayType: PostgresType { .int8Array }
    package func encode(to bytes: inout [UInt8]) { bytes.append(bigEndian: Int64(self)) }
    package init(postgres cell: Cell) throws { self = try cell.anyInteger(Self.self) }
}

extension Double: PostgresEncodable, PostgresDecodable, PostgresArrayElement {
    package static var postgresType: PostgresType { .float8 }
    package static var postgresArrayType: PostgresType { .float8Array }
    package func encode(to bytes: inout [UInt8]) { bytes.append(bigEndian: bitPattern) }

    package init(postgres cell: Cell) throws {
        switch (cell.type, cell.format) {
        case (.float8, .binary): self.init(bitPattern: try cell.integer(UInt64.self))
        case (.float4, .binary): self.init(Float(bitPattern: try cell.integer(UInt32.self)))
        case (.float8, .text), (.float4, .text):
            guard let value = Double(try cell.text()) else {
                throw CellError.malformed("is no number")
            }
            self = value
        default: throw CellError.type(expected: "Double")
        }
    }
}

extension String: PostgresEncodable, PostgresDecodable, PostgresArrayElement {
    /// Unspecified, so that a string may stand where an enum, a uuid or a date is meant.
    package static var postgresType: PostgresType { .unspecified }
    package static var postgresFormat: PostgresFormat { .text }
    package static var postgresArrayType: PostgresType { .textArray }

    package func encode(to bytes: inout [UInt8]) throws {
        // PostgreSQL has no U+0000 in text, and a C string would end there unnoticed.
        guard !utf8.contains(0) else { throw CellError.malformed("contains U+0000") }
        bytes.append(contentsOf: utf8)
    }

    package init(postgres cell: Cell) throws {
        switch (cell.type, cell.format) {
        case (_, .text): self = try cell.text()
        case (.text, _), (.varchar, _), (.bpchar, _), (.name, _), (.unknown, _), (.json, _),
            (.char, _):
            self = try cell.text()
        case (.uuid, _): self = try UUIDBits(postgres: cell).description
        case (.jsonb, _): self = try JSONText(postgres: cell).text
        case (.numeric, _): self = try Decimal.text(of: cell)
        case (.date, _): self = try DateOnly(postgres: cell).description
        case (.void, _): self = ""
        case (let type, _) where type.isUserDefined: self = try cell.text()
        default: throw CellError.type(expected: "String; cast it to text")
        }
    }
}
