import MoneyAndTime
import StrictJSON

/// Something came out another way than the demo says: it stops there.
struct NotAsExpected: Error, CustomStringConvertible {
    let what: String
    let expected: String
    let came: String

    var description: String {
        "the demo stopped: \(what)\n  expected: \(expected)\n  came:     \(came)"
    }
}

/// Every figure that is told goes through here before it is told.
func expect<Value: Equatable>(
    _ what: String, _ came: Value, is expected: Value
) throws(NotAsExpected) {
    guard came == expected else {
        throw NotAsExpected(what: what, expected: "\(expected)", came: "\(came)")
    }
}

extension JSON {
    /// The value at an RFC 6901 pointer whose keys need no escapes, such as `/versions/0/digest`.
    func at(_ pointer: String) throws(NotAsExpected) -> JSON {
        var value = self
        for part in pointer.split(separator: "/") {
            let next = Int(part).flatMap { value[$0] } ?? value[String(part)]
            guard let next else {
                throw NotAsExpected(
                    what: "an answer of the API", expected: "a value at \(pointer)",
                    came: compactText)
            }
            value = next
        }
        return value
    }

    func text(at pointer: String) throws(NotAsExpected) -> String {
        try typed(at(pointer).text, pointer, "a text")
    }

    func integer(at pointer: String) throws(NotAsExpected) -> Int64 {
        try typed(at(pointer).integer, pointer, "a whole number")
    }

    func flag(at pointer: String) throws(NotAsExpected) -> Bool {
        try typed(at(pointer).flag, pointer, "true or false")
    }

    func list(at pointer: String) throws(NotAsExpected) -> [JSON] {
        try typed(at(pointer).elements, pointer, "a list")
    }

    func instant(at pointer: String) throws(NotAsExpected) -> Instant {
        try typed(try? Instant(rfc3339: text(at: pointer)), pointer, "an instant")
    }

    func day(at pointer: String) throws(NotAsExpected) -> CalendarDate {
        try typed(try? CalendarDate(iso: text(at: pointer)), pointer, "a date")
    }

    func money(at pointer: String) throws(NotAsExpected) -> Money {
        try typed(try? Money(decimal: text(at: pointer)), pointer, "an amount")
    }

    private func typed<Value>(
        _ value: Value?, _ pointer: String, _ kind: String
    ) throws(NotAsExpected) -> Value {
        guard let value else {
            throw NotAsExpected(
                what: "an answer of the API", expected: "\(kind) at \(pointer)",
                came: compactText)
        }
        return value
    }
}

extension Array where Element == JSON {
    /// The only element whose member of this name has this text.
    func first(_ key: String, _ text: String) throws(NotAsExpected) -> JSON {
        guard let found = first(where: { $0[key]?.text == text }) else {
            throw NotAsExpected(
                what: "an answer of the API", expected: "an item with \(key) \(text)",
                came: JSON.array(self).compactText)
        }
        return found
    }
}
