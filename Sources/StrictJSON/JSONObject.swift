/// The members of an object, in order, with unique keys. Order takes no part in equality.
/// Keys are compared as Swift compares strings, so two that differ only in Unicode
/// normalisation are one key: strictly read, they are duplicates.
package struct JSONObject: Hashable, Sendable {
    private var order: [String] = []
    private var values: [String: JSON] = [:]

    package init() {}

    /// Of two equal keys the later value is kept, at the earlier place.
    package init(_ members: [(String, JSON)]) {
        order.reserveCapacity(members.count)
        values.reserveCapacity(members.count)
        for (key, value) in members { self[key] = value }
    }

    package var keys: [String] { order }
    package var count: Int { order.count }
    package var isEmpty: Bool { order.isEmpty }

    /// Adding nil removes the member; a new key goes to the end.
    package subscript(key: String) -> JSON? {
        get { values[key] }
        set {
            let isNew = values.updateOrRemove(newValue, for: key)
            if newValue == nil {
                order.removeAll { $0 == key }
            } else if isNew {
                order.append(key)
            }
        }
    }

    package static func == (left: JSONObject, right: JSONObject) -> Bool {
        left.values == right.values
    }

    package func hash(into hasher: inout Hasher) { hasher.combine(values) }
}

extension JSONObject: Sequence {
    package func makeIterator() -> some IteratorProtocol<(key: String, value: JSON)> {
        order.lazy.compactMap { key in values[key].map { (key: key, value: $0) } }.makeIterator()
    }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
    package init(dictionaryLiteral members: (String, JSON)...) { self.init(members) }
}

extension Dictionary {
    /// Whether the key was absent before.
    fileprivate mutating func updateOrRemove(_ value: Value?, for key: Key) -> Bool {
        guard let value else {
            removeValue(forKey: key)
            return false
        }
        return updateValue(value, forKey: key) == nil
    }
}
