/// Changing a document in places. A place is the tokens of a pointer (RFC 6901 §4).
extension JSON {
    package subscript(place place: some Collection<String>) -> JSON? {
        var value = self
        for token in place {
            switch value {
            case .object(let object):
                guard let inner = object[token] else { return nil }
                value = inner
            case .array(let elements):
                guard let index = Self.index(token), index < elements.count else { return nil }
                value = elements[index]
            default: return nil
            }
        }
        return value
    }

    /// Puts a value in the place of another, or with nil takes that away. Members that are not
    /// there are made, with the objects on the way; elements are not. False where the way leads
    /// through what is neither, and then nothing is changed.
    package mutating func replace(_ place: ArraySlice<String>, by value: JSON?) -> Bool {
        guard let token = place.first else {
            guard let value else { return false }
            self = value
            return true
        }
        let rest = place.dropFirst()
        switch self {
        case .object(var object):
            if rest.isEmpty {
                object[token] = value
            } else {
                if object[token] == nil, value == nil { return true }
                var inner = object[token] ?? .object([:])
                guard inner.replace(rest, by: value) else { return false }
                object[token] = inner
            }
            self = .object(object)
        case .array(var elements):
            guard let index = Self.index(token), index < elements.count else { return false }
            if !rest.isEmpty {
                guard elements[index].replace(rest, by: value) else { return false }
            } else if let value {
                elements[index] = value
            } else {
                elements.remove(at: index)
            }
            self = .array(elements)
        default: return false
        }
        return true
    }

    /// The element that a token names: digits without a needless zero (RFC 6901 §4).
    package static func index(_ token: String) -> Int? {
        guard token.utf8.count <= 9, token == "0" || token.utf8.first != UInt8(ascii: "0"),
            token.utf8.allSatisfy({ (0x30...0x39).contains($0) })
        else { return nil }
        return Int(token)
    }
}
