/// The place of a value in a document (RFC 6901). The whole document is the empty pointer.
package struct JSONPointer: Hashable, Sendable {
    package let text: String

    package static let root = JSONPointer(text: "")

    private init(text: String) { self.text = text }

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
