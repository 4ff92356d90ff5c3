/// The place of a value in a document (RFC 6901). The whole document is the empty pointer.
package struct JSONPointer: Hashable, Sendable {
    package let text: String

    package static let root = JSONPointer(text: "")

    private init(text: String) { self.text = text }

    /// Nil for a text that is no pointer (§3): one that does not begin with `/`, or that has a `~`
    /// with neither 0 nor 1 after it.
    package init?(reading text: String) {
        guard text.isEmpty || text.utf8.first == UInt8(ascii: "/") else { return nil }
        let parts = text.split(separator: "~", omittingEmptySubsequences: false).dropFirst()
        guard parts.allSatisfy({ $0.first == "0" || $0.first == "1" }) else { return nil }
        self.text = text
    }

    /// The members and elements on the way from the whole document, as they are called there (§4).
    package var tokens: [String] {
        text.split(separator: "/", omittingEmptySubsequences: false).dropFirst().map {
            String($0.replacing("~1", with: "/").replacing("~0", with: "~"))
        }
    }

    /// The member of this object: `~` is written `~0`, and `/` is written `~1` (§3).
    package func appending(_ key: String) -> JSONPointer {
        var escaped = ""
        for scalar in key.unicodeScalars {
            switch scalar {
            case "~": escaped += "~0"
            case "/": escaped += "~1"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return JSONPointer(text: "\(text)/\(escaped)")
    }

    /// The element of this array.
    package func appending(_ index: Int) -> JSONPointer { JSONPointer(text: "\(text)/\(index)") }
}

extension JSONPointer: CustomStringConvertible {
    package var description: String { text }
}
