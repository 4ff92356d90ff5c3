extension JSON {
    /// Reads one document strictly (RFC 8259, and I-JSON's uniqueness of keys, RFC 7493 §2.3).
    package static func parse(
        _ bytes: some Collection<UInt8>, limits: JSONLimits = .standard
    ) throws(JSONSyntaxError) -> JSON {
        if bytes.count > limits.maxBytes {
            throw JSONSyntaxError(offset: limits.maxBytes, pointer: "", reason: .tooLarge)
        }
        var parser = JSONParser(bytes: Array(bytes), limits: limits)
        return try parser.document()
    }

    package static func parse(
        _ text: String, limits: JSONLimits = .standard
    ) throws(JSONSyntaxError) -> JSON {
        try parse(text.utf8, limits: limits)
    }
}

/// A recursive descent over bytes, as deep as the limits allow.
struct JSONParser {
    let bytes: [UInt8]
    let limits: JSONLimits
    private(set) var position = 0
    private var members = 0

    init(bytes: [UInt8], limits: JSONLimits) {
        self.bytes = bytes
        self.limits = limits
    }

    mutating func document() throws(JSONSyntaxError) -> JSON {
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { throw failure(.byteOrderMark, at: .root) }
        let value = try value(at: .root, depth: 0)
        skipSpace()
        if position < bytes.count { throw failure(.trailingBytes, at: .root) }
        return value
    }

    private mutating func value(
        at pointer: JSONPointer, depth: Int
    ) throws(JSONSyntaxError) -> JSON {
        skipSpace()
        switch try peek(at: pointer) {
        case UInt8(ascii: "{"): return .object(try object(at: pointer, depth: depth + 1))
        case UInt8(ascii: "["): return .array(try array(at: pointer, depth: depth + 1))
        case UInt8(ascii: "\""): return .string(try string(at: pointer))
        case UInt8(ascii: "t"): return try word("true", .bool(true), at: pointer)
        case UInt8(ascii: "f"): return try word("false", .bool(false), at: pointer)
        case UInt8(ascii: "n"): return try word("null", .null, at: pointer)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
            return .number(try number(at: pointer))
        default: throw failure(.unexpectedByte, at: pointer)
        }
    }

    private mutating func object(
        at pointer: JSONPointer, depth: Int
    ) throws(JSONSyntaxError) -> JSONObject {
        try open(at: pointer, depth: depth)
        var object = JSONObject()
        if try close(UInt8(ascii: "}"), at: pointer) { return object }
        repeat {
            skipSpace()
            let start = position
            guard try peek(at: pointer) == UInt8(ascii: "\"") else {
                throw failure(.unexpectedByte, at: pointer)
            }
            let key = try string(at: pointer)
            let place = pointer.appending(key)
            if object[key] != nil {
                throw JSONSyntaxError(offset: start, pointer: place.text, reason: .duplicateKey)
            }
            try count(at: place)
            skipSpace()
            guard try peek(at: place) == UInt8(ascii: ":") else {
                throw failure(.unexpectedByte, at: place)
            }
            position += 1
            object[key] = try value(at: place, depth: depth)
        } while try another(before: UInt8(ascii: "}"), at: pointer)
        return object
    }

    private mutating func array(
        at pointer: JSONPointer, depth: Int
    ) throws(JSONSyntaxError) -> [JSON] {
        try open(at: pointer, depth: depth)
        var elements: [JSON] = []
        if try close(UInt8(ascii: "]"), at: pointer) { return elements }
        repeat {
            let place = pointer.appending(elements.count)
            try count(at: place)
            elements.append(try value(at: place, depth: depth))
        } while try another(before: UInt8(ascii: "]"), at: pointer)
        return elements
    }

    private mutating func open(at pointer: JSONPointer, depth: Int) throws(JSONSyntaxError) {
        if depth > limits.maxDepth { throw failure(.tooDeep, at: pointer) }
        position += 1
    }

    /// Whether the container is empty.
    private mutating func close(
        _ end: UInt8, at pointer: JSONPointer
    ) throws(JSONSyntaxError) -> Bool {
        skipSpace()
        guard try peek(at: pointer) == end else { return false }
        position += 1
        return true
    }

    /// Whether a comma comes, and not the end.
    private mutating func another(
        before end: UInt8, at pointer: JSONPointer
    ) throws(JSONSyntaxError) -> Bool {
        skipSpace()
        let byte = try peek(at: pointer)
        guard byte == UInt8(ascii: ",") || byte == end else {
            throw failure(.unexpectedByte, at: pointer)
        }
        position += 1
        return byte != end
    }

    private mutating func count(at pointer: JSONPointer) throws(JSONSyntaxError) {
        members += 1
        if members > limits.maxMembers { throw failure(.tooManyMembers, at: pointer) }
    }

    private mutating func word(
        _ word: StaticString, _ value: JSON, at pointer: JSONPointer
    ) throws(JSONSyntaxError) -> JSON {
        for byte in word.description.utf8 {
            guard try peek(at: pointer) == byte else { throw failure(.unexpectedByte, at: pointer) }
            position += 1
        }
        return value
    }

    private mutating func number(at pointer: JSONPointer) throws(JSONSyntaxError) -> JSONNumber {
        var rest = bytes[position...]
        guard JSONNumber.take(&rest) else { throw failure(.invalidNumber, at: pointer) }
        // `01` and `1.e` leave something that could still belong to a number.
        if let next = rest.first, Self.continuesNumber(next) {
            throw failure(.invalidNumber, at: pointer)
        }
        defer { position = rest.startIndex }
        let text = String(decoding: bytes[position..<rest.startIndex], as: UTF8.self)
        return JSONNumber(checked: text)
    }

    private static func continuesNumber(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "."), UInt8(ascii: "+"),
            UInt8(ascii: "-"), UInt8(ascii: "_"):
            true
        default: false
        }
    }

    private mutating func string(at pointer: JSONPointer) throws(JSONSyntaxError) -> String {
        var reader = JSONStringReader(bytes: bytes, position: position + 1)
        do {
            let text = try reader.read()
            position = reader.position
            return text
        } catch {
            throw JSONSyntaxError(offset: reader.position, pointer: pointer.text, reason: error)
        }
    }

    private mutating func skipSpace() {
        while position < bytes.count, Self.isSpace(bytes[position]) { position += 1 }
    }

    private static func isSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D
    }

    private func peek(at pointer: JSONPointer) throws(JSONSyntaxError) -> UInt8 {
        guard position < bytes.count else { throw failure(.unexpectedEnd, at: pointer) }
        return bytes[position]
    }

    private func failure(_ reason: JSONSyntaxError.Reason, at pointer: JSONPointer)
        -> JSONSyntaxError
    {
        JSONSyntaxError(offset: position, pointer: pointer.text, reason: reason)
    }
}
