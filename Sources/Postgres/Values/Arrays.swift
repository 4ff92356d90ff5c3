extension PostgresArrayElement where Self: PostgresEncodable & PostgresDecodable {
    package static func encode(elements: [Self], to bytes: inout [UInt8]) throws {
        try ArrayForm.begin(of: postgresArrayType, count: elements.count, nulls: false, &bytes)
        for element in elements { try ArrayForm.append(element, to: &bytes) }
    }

    package static func decode(elements cell: Cell) throws -> [Self] {
        try ArrayForm.elements(of: cell).map { try Self(postgres: $0) }
    }
}

extension Optional: PostgresArrayElement
where Wrapped: PostgresArrayElement & PostgresEncodable & PostgresDecodable {
    package static var postgresArrayType: PostgresType { Wrapped.postgresArrayType }

    package static func encode(elements: [Self], to bytes: inout [UInt8]) throws {
        let nulls = elements.contains { $0 == nil }
        try ArrayForm.begin(of: postgresArrayType, count: elements.count, nulls: nulls, &bytes)
        for element in elements {
            if let element {
                try ArrayForm.append(element, to: &bytes)
            } else {
                bytes.append(bigEndian: Int32(-1))
            }
        }
    }

    package static func decode(elements cell: Cell) throws -> [Self] {
        try ArrayForm.elements(of: cell).map { try Self(postgres: $0) }
    }
}

/// An array of bytes is one `bytea`, not an array of the server.
extension UInt8: PostgresArrayElement {
    package static var postgresArrayType: PostgresType { .bytea }

    package static func encode(elements: [UInt8], to bytes: inout [UInt8]) {
        bytes.append(contentsOf: elements)
    }

    package static func decode(elements cell: Cell) throws -> [UInt8] {
        guard cell.type == .bytea else { throw CellError.type(expected: "bytes") }
        switch cell.format {
        case .binary: return try cell.withBytes { Array($0) }
        case .text: return try hexadecimal(cell.withBytes { Array($0) })
        }
    }

    /// `\x` and two digits a byte: `bytea_output = hex`, which every connection of ours sets.
    private static func hexadecimal(_ text: [UInt8]) throws -> [UInt8] {
        guard text.starts(with: [0x5C, 0x78]), text.count % 2 == 0 else {
            throw CellError.malformed("is no bytea in hexadecimal form")
        }
        return try stride(from: 2, to: text.count, by: 2).map { index in
            let digits = String(decoding: text[index...index + 1], as: UTF8.self)
            guard let byte = UInt8(digits, radix: 16) else {
                throw CellError.malformed("is no bytea in hexadecimal form")
            }
            return byte
        }
    }
}

extension Array: PostgresArrayElement where Element == UInt8 {
    package static var postgresArrayType: PostgresType { .byteaArray }
}

extension Array: PostgresEncodable where Element: PostgresArrayElement {
    package static var postgresType: PostgresType { Element.postgresArrayType }

    package func encode(to bytes: inout [UInt8]) throws {
        try Element.encode(elements: self, to: &bytes)
    }
}

extension Array: PostgresDecodable where Element: PostgresArrayElement {
    package init(postgres cell: Cell) throws {
        self = try Element.decode(elements: cell)
    }
}

/// The binary form of arrays (`array_send`): dimensions, whether NULL occurs, the element's type,
/// for each dimension its length and first index, then each element with its length, -1 for NULL.
enum ArrayForm {
    static func begin(
        of type: PostgresType, count: Int, nulls: Bool, _ bytes: inout [UInt8]
    ) throws {
        guard let element = element[type] else { throw CellError.type(expected: "an array") }
        bytes.append(bigEndian: Int32(count == 0 ? 0 : 1))
        bytes.append(bigEndian: Int32(nulls ? 1 : 0))
        bytes.append(bigEndian: element.oid)
        guard count > 0 else { return }
        guard let length = Int32(exactly: count) else { throw CellError.malformed("is too long") }
        bytes.append(bigEndian: length)
        bytes.append(bigEndian: Int32(1))
    }

    static func append(_ element: some PostgresEncodable, to bytes: inout [UInt8]) throws {
        let start = bytes.count
        bytes.append(bigEndian: Int32(0))
        try element.encode(to: &bytes)
        guard let length = Int32(exactly: bytes.count - start - 4) else {
            throw CellError.malformed("is too long")
        }
        withUnsafeBytes(of: length.bigEndian) { bytes.replaceSubrange(start..<start + 4, with: $0) }
    }

    static func elements(of cell: Cell) throws -> [Cell] {
        guard cell.format == .binary else {
            throw CellError.type(expected: "an array: it came in text form")
        }
        return try cell.withBytes { bytes in
            var reader = Reader(bytes: bytes)
            let dimensions = try reader.integer()
            _ = try reader.integer()
            let type = PostgresType(oid: UInt32(bitPattern: try reader.integer()))
            guard dimensions > 0 else { return [] }
            guard dimensions == 1 else {
                throw CellError.type(expected: "an array of one dimension")
            }
            let count = try reader.integer()
            _ = try reader.integer()
            guard count >= 0, Int(count) <= bytes.count / 4 else {
                throw CellError.malformed("is no array")
            }
            return try (0..<count).map { _ in
                let length = try reader.integer()
                let bytes = length < 0 ? nil : try reader.take(Int(length))
                return Cell(type: type, format: .binary, bytes: bytes)
            }
        }
    }

    private static let element: [PostgresType: PostgresType] = [
        .boolArray: .bool, .byteaArray: .bytea, .int2Array: .int2, .int4Array: .int4,
        .int8Array: .int8, .textArray: .text, .float8Array: .float8, .dateArray: .date,
        .timestamptzArray: .timestamptz, .uuidArray: .uuid, .jsonbArray: .jsonb,
    ]

    private struct Reader {
        let bytes: UnsafeRawBufferPointer
        var offset = 0

        mutating func integer() throws -> Int32 {
            let start = offset
            _ = try advance(4)
            return Int32(bigEndian: bytes.loadUnaligned(fromByteOffset: start, as: Int32.self))
        }

        mutating func take(_ count: Int) throws -> [UInt8] {
            Array(bytes[try advance(count)])
        }

        private mutating func advance(_ count: Int) throws -> Range<Int> {
            guard count <= bytes.count - offset else { throw CellError.malformed("is no array") }
            defer { offset += count }
            return offset..<offset + count
        }
    }
}
