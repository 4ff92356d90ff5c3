/// The text of a `json` or `jsonb` value, unread.
package struct JSONText: Hashable, Sendable {
    package let bytes: [UInt8]

    package init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    package init(_ text: String) {
        bytes = Array(text.utf8)
    }

    package var text: String { String(decoding: bytes, as: UTF8.self) }
}

extension JSONText: PostgresEncodable, PostgresDecodable, PostgresArrayElement {
    package static var postgresType: PostgresType { .jsonb }
    package static var postgresArrayType: PostgresType { .jsonbArray }

    /// `jsonb_send` puts the number of its form before the text.
    private static let version: UInt8 = 1

    package func encode(to target: inout [UInt8]) {
        target.append(Self.version)
        target.append(contentsOf: bytes)
    }

    package init(postgres cell: Cell) throws {
        switch (cell.type, cell.format) {
        case (.json, _), (.jsonb, .text): self.init(bytes: try cell.withBytes { Array($0) })
        case (.jsonb, .binary):
            self.init(
                bytes: try cell.withBytes { bytes in
                    guard bytes.first == Self.version else {
                        throw CellError.malformed("is of an unknown form of jsonb")
                    }
                    return Array(bytes.dropFirst())
                })
        default: throw CellError.type(expected: "JSON")
        }
    }
}
