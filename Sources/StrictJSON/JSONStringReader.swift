/// Reads the inside of one string, from after its opening quote to after its closing one.
/// When it fails, `position` is the byte at fault.
struct JSONStringReader {
    let bytes: [UInt8]
    private(set) var position: Int

    init(bytes: [UInt8], position: Int) {
        self.bytes = bytes
        self.position = position
    }

    mutating func read() throws(JSONSyntaxError.Reason) -> String {
        var text: [UInt8] = []
        let start = position
        while position < bytes.count {
            switch bytes[position] {
            case UInt8(ascii: "\""):
                guard let valid = String(validating: text, as: UTF8.self) else {
                    position = start
                    throw .invalidUTF8
                }
                position += 1
                return valid
            case UInt8(ascii: "\\"):
                text.append(contentsOf: String(try escape()).utf8)
            case 0..<0x20:
                throw .controlCharacter
            case let byte:
                text.append(byte)
                position += 1
            }
        }
        throw .unexpectedEnd
    }

    /// One escape, or the two that make a surrogate pair.
    private mutating func escape() throws(JSONSyntaxError.Reason) -> Character {
        let start = position
        guard position + 1 < bytes.count else {
            position = bytes.count
            throw .unexpectedEnd
        }
        let letter = bytes[position + 1]
        if letter != UInt8(ascii: "u") {
            guard let character = Self.short[letter] else { throw .invalidEscape }
            position += 2
            return character
        }
        let first = try codeUnit()
        guard UTF16.isSurrogate(first) else {
            return Character(UTF16.decode(UTF16.EncodedScalar([first])))
        }
        guard UTF16.isLeadSurrogate(first),
            bytes[position...].starts(with: [UInt8(ascii: "\\"), UInt8(ascii: "u")])
        else {
            position = start
            throw .loneSurrogate
        }
        let second = try codeUnit()
        guard UTF16.isTrailSurrogate(second) else {
            position = start
            throw .loneSurrogate
        }
        return Character(UTF16.decode(UTF16.EncodedScalar([first, second])))
    }

    /// `\uXXXX`.
    private mutating func codeUnit() throws(JSONSyntaxError.Reason) -> UInt16 {
        var unit: UInt16 = 0
        for place in 2..<6 {
            guard position + place < bytes.count else {
                position = bytes.count
                throw .unexpectedEnd
            }
            let character = Character(Unicode.Scalar(bytes[position + place]))
            guard let digit = character.hexDigitValue else { throw .invalidEscape }
            unit = unit << 4 | UInt16(digit)
        }
        position += 6
        return unit
    }

    private static let short: [UInt8: Character] = [
        UInt8(ascii: "\""): "\"", UInt8(ascii: "\\"): "\\", UInt8(ascii: "/"): "/",
        UInt8(ascii: "b"): "\u{8}", UInt8(ascii: "f"): "\u{C}", UInt8(ascii: "n"): "\n",
        UInt8(ascii: "r"): "\r", UInt8(ascii: "t"): "\t",
    ]
}

extension JSONSyntaxError.Reason: Error {}
