import FoundationEssentials

/// A position in a list as callers see it: text that means something to the list only, in
/// base64url (RFC 4648 §5) so that nobody is led to make one.
enum Cursor {
    static func encode(_ position: String) -> String {
        Data(position.utf8).base64EncodedString()
            .replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }

    /// Nil when the text is not what `encode` wrote.
    static func decode(_ text: String) -> String? {
        let standard = text.replacing("-", with: "+").replacing("_", with: "/")
        let padding = String(repeating: "=", count: (4 - standard.utf8.count % 4) % 4)
        guard !text.utf8.contains(UInt8(ascii: "=")),
            let bytes = Data(base64Encoded: standard + padding),
            let position = String(validating: bytes, as: UTF8.self), encode(position) == text
        else { return nil }
        return position
    }
}
