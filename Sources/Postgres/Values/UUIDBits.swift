import FoundationEssentials

/// The 128 bits of a `uuid`, ordered as the server orders them.
package struct UUIDBits: Hashable, Comparable, Sendable, CustomStringConvertible {
    package let high: UInt64
    package let low: UInt64

    package init(high: UInt64, low: UInt64) {
        (self.high, self.low) = (high, low)
    }

    /// The form of RFC 9562 §4, in either case: 8-4-4-4-12 hexadecimal digits.
    package init?(_ text: String) {
        let digits = Array(text.utf8)
        guard digits.count == 36 else { return nil }
        var (high, low) = (UInt64(0), UInt64(0))
        for (index, digit) in digits.enumerated() {
            if [8, 13, 18, 23].contains(index) {
                guard digit == UInt8(ascii: "-") else { return nil }
                continue
            }
            let value: UInt8
            switch digit {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): value = digit - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): value = digit - UInt8(ascii: "a") + 10
            case UInt8(ascii: "A")...UInt8(ascii: "F"): value = digit - UInt8(ascii: "A") + 10
            default: return nil
            }
            high = high << 4 | low >> 60
            low = low << 4 | UInt64(value)
        }
        self.init(high: high, low: low)
    }

    /// As `init?(_:)`, for encoding a type of one's own that keeps the text.
    package init(parsing text: String) throws(CellError) {
        guard let bits = UUIDBits(text) else { throw .malformed("is no UUID") }
        self = bits
    }

    /// Lower case, as the server writes it.
    package var description: String {
        var text: [UInt8] = []
        text.reserveCapacity(36)
        for nibble in 0..<32 {
            if [8, 12, 16, 20].contains(nibble) { text.append(UInt8(ascii: "-")) }
            let word = nibble < 16 ? high : low
            let value = UInt8(truncatingIfNeeded: word >> UInt64(60 - nibble % 16 * 4)) & 0xF
            text.append(value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10)
        }
        return String(decoding: text, as: UTF8.self)
    }

    package static func < (left: Self, right: Self) -> Bool {
        (left.high, left.low) < (right.high, right.low)
    }
}

extension UUIDBits: PostgresEncodable, PostgresDecodable, PostgresArrayElement {
    package static var postgresType: PostgresType { .uuid }
    package static var postgresArrayType: PostgresType { .uuidArray }

    package func encode(to bytes: inout [UInt8]) {
        bytes.append(bigEndian: high)
        bytes.append(bigEndian: low)
    }

    package init(postgres cell: Cell) throws {
        guard cell.type == .uuid else { throw CellError.type(expected: "a UUID") }
        switch cell.format {
        case .text: try self.init(parsing: cell.text())
        case .binary:
            self = try cell.withBytes { bytes in
                guard bytes.count == 16 else { throw CellError.malformed("is no UUID") }
                return UUIDBits(
                    high: UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self)),
                    low: UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
                )
            }
        }
    }
}

extension UUID: PostgresEncodable, PostgresDecodable, PostgresArrayElement {
    package static var postgresType: PostgresType { .uuid }
    package static var postgresArrayType: PostgresType { .uuidArray }

    package func encode(to bytes: inout [UInt8]) {
        withUnsafeBytes(of: uuid) { bytes.append(contentsOf: $0) }
    }

    package init(postgres cell: Cell) throws {
        let bits = try UUIDBits(postgres: cell)
        var bytes = noBytes
        withUnsafeMutableBytes(of: &bytes) { target in
            target.storeBytes(of: bits.high.bigEndian, as: UInt64.self)
            target.storeBytes(of: bits.low.bigEndian, toByteOffset: 8, as: UInt64.self)
        }
        self.init(uuid: bytes)
    }
}

private let noBytes: uuid_t = (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
