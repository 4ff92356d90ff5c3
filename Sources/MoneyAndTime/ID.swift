/// What an identifier names: its TypeID prefix.
package protocol IDTag: Sendable {
    /// Lower-case letters.
    static var prefix: String { get }
}

/// Why a text is not the identifier that was asked for.
package enum InvalidID: Error, Hashable {
    case wrongPrefix(expected: String)
    case form(expected: String)
}

extension InvalidID: CustomStringConvertible {
    package var description: String {
        switch self {
        case .wrongPrefix(let expected): "not an identifier that begins with \(expected)_"
        case .form(let expected):
            "not an identifier of the form \(expected)_ and 26 characters of base 32"
        }
    }
}

/// An identifier of one kind of thing: UUIDv7 (RFC 9562) inside, TypeID outside
/// (`booking_01j…`, https://github.com/jetify-com/typeid, spec 0.3). Both forms sort by time.
package struct ID<Subject: IDTag>: Hashable, Sendable {
    // Two words and not one of 128 bits: on x86-64, Swift 6.3 loses 16 bytes of the stack when a
    // parameter of 128 bits of an async function does not fit into registers, and the process
    // jumps to null as soon as the task waits.
    private let high: UInt64
    private let low: UInt64

    package var bits: UInt128 { UInt128(high) << 64 | UInt128(low) }

    package init(bits: UInt128) {
        high = UInt64(truncatingIfNeeded: bits >> 64)
        low = UInt64(truncatingIfNeeded: bits)
    }

    /// A new UUIDv7. The 12 bits after the milliseconds hold the fraction of the millisecond
    /// (RFC 9562 §6.2, method 3), so that identifiers sort by microsecond; 62 bits are random.
    /// An instant before 1970 or after the year 10889 counts as the nearest that 48 bits hold.
    package init(at instant: Instant, using generator: inout some RandomNumberGenerator) {
        let last: Int64 = (1 << 48) * 1_000 - 1
        let (milliseconds, rest) = min(max(instant.microseconds, 0), last)
            .quotientAndRemainder(dividingBy: 1_000)
        let fraction = UInt128(rest) * 4_096 / 1_000
        let random = UInt128(generator.next() as UInt64) & ((1 << 62) - 1)
        let version: UInt128 = 7
        let variant: UInt128 = 0b10
        self.init(
            bits: UInt128(milliseconds) << 80 | version << 76 | fraction << 64 | variant << 62
                | random)
    }

    /// Reads `019…-…`: 32 hexadecimal digits, of any UUID version, in groups of 8-4-4-4-12.
    package init(uuid: String) throws(InvalidID) {
        let groups = uuid.utf8.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
        guard groups.map(\.count) == [8, 4, 4, 4, 12] else {
            throw .form(expected: Subject.prefix)
        }
        var bits: UInt128 = 0
        for byte in groups.joined() {
            guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
                throw .form(expected: Subject.prefix)
            }
            bits = bits << 4 | UInt128(digit)
        }
        self.init(bits: bits)
    }

    /// Reads `booking_01j…`.
    package init(typeID: String) throws(InvalidID) {
        let prefix = Subject.prefix + "_"
        guard typeID.hasPrefix(prefix) else { throw .wrongPrefix(expected: Subject.prefix) }
        guard let bits = CrockfordBase32.decode(typeID.utf8.dropFirst(prefix.utf8.count)) else {
            throw .form(expected: Subject.prefix)
        }
        self.init(bits: bits)
    }

    /// Lower case, 36 characters.
    package var uuidString: String {
        let digits = String(bits, radix: 16)
        let padded = String(repeating: "0", count: 32 - digits.count) + digits
        var rest = padded[...]
        return [8, 4, 4, 4, 12].map { count in
            defer { rest = rest.dropFirst(count) }
            return String(rest.prefix(count))
        }.joined(separator: "-")
    }
}

extension ID: Comparable {
    package static func < (left: ID, right: ID) -> Bool {
        (left.high, left.low) < (right.high, right.low)
    }
}

extension ID: LosslessStringConvertible {
    package init?(_ description: String) {
        guard let id = try? ID(typeID: description) else { return nil }
        self = id
    }

    /// The TypeID.
    package var description: String { CrockfordBase32.encode(bits, after: Subject.prefix) }
}
