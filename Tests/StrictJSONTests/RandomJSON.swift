import StrictJSON

/// Random documents that the canonical form can hold.
struct RandomJSON {
    private var random: SplitMix64
    private static let characters =
        "abc019 \"\\/\u{8}\t\n\u{C}\r\0\u{1F}\u{7F}\u{80}äö€\u{FB33}\u{2028}\u{FFFD}😀~{}[]:,"

    init(seed: UInt64) { random = SplitMix64(seed: seed) }

    mutating func value(depth: Int = 4) -> JSON {
        switch Int.random(in: 0..<(depth > 0 ? 8 : 5), using: &random) {
        case 0: return .null
        case 1: return .bool(Bool.random(using: &random))
        case 2, 3: return .number(JSONNumber(integer()))
        case 4: return .string(text())
        case 5: return .array((0..<size()).map { _ in value(depth: depth - 1) })
        default:
            return .object(
                JSONObject((0..<size()).map { _ in (text(), value(depth: depth - 1)) }))
        }
    }

    /// The same value with the members of every object in another order.
    mutating func shuffled(_ value: JSON) -> JSON {
        switch value {
        case .null, .bool, .number, .string: return value
        case .array(let elements): return .array(elements.map { shuffled($0) })
        case .object(let object):
            let members = object.map { ($0.key, shuffled($0.value)) }
            return .object(JSONObject(members.shuffled(using: &random)))
        }
    }

    /// The bytes with one of them changed, added or removed.
    mutating func damaged(_ bytes: [UInt8]) -> [UInt8] {
        var bytes = bytes
        let place = Int.random(in: 0..<bytes.count, using: &random)
        let byte = UInt8.random(in: 0...255, using: &random)
        switch Int.random(in: 0..<3, using: &random) {
        case 0: bytes[place] = byte
        case 1: bytes.insert(byte, at: place)
        default: bytes.remove(at: place)
        }
        return bytes
    }

    /// White space between the tokens, wherever RFC 8259 allows it.
    mutating func spaced(_ value: JSON) -> String {
        switch value {
        case .null, .bool, .number, .string: return space() + value.compactText + space()
        case .array(let elements):
            let inside = elements.map { spaced($0) }.joined(separator: ",")
            return space() + "[" + (inside.isEmpty ? space() : inside) + "]" + space()
        case .object(let object):
            let inside = object.map { spaced(.string($0.key)) + ":" + spaced($0.value) }
            let joined = inside.joined(separator: ",")
            return space() + "{" + (joined.isEmpty ? space() : joined) + "}" + space()
        }
    }

    private mutating func space() -> String {
        ["", " ", "\n", "\t\r "].randomElement(using: &random) ?? ""
    }

    private mutating func size() -> Int { Int.random(in: 0...5, using: &random) }

    private mutating func integer() -> Int64 {
        let largest: Int64 = 9_007_199_254_740_991
        return Bool.random(using: &random)
            ? Int64.random(in: -largest...largest, using: &random)
            : Int64.random(in: -20...20, using: &random)
    }

    private mutating func text() -> String {
        String((0..<size()).compactMap { _ in Self.characters.randomElement(using: &random) })
    }
}
