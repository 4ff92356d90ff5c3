extension JSON {
    /// For people to read: each member and element on a line of its own, indented by two blanks,
    /// and lists of plain values in one line. It reads back as the same value.
    package var indentedText: String {
        var text = ""
        indent(into: &text, by: "")
        return text + "\n"
    }

    private func indent(into text: inout String, by blanks: String) {
        let inner = blanks + "  "
        switch self {
        case .array(let elements) where elements.contains { $0.isContainer }:
            text += "["
            for (index, element) in elements.enumerated() {
                text += index == 0 ? "\n\(inner)" : ",\n\(inner)"
                element.indent(into: &text, by: inner)
            }
            text += "\n\(blanks)]"
        case .object(let object) where !object.isEmpty:
            text += "{"
            for (index, member) in object.enumerated() {
                text += index == 0 ? "\n\(inner)" : ",\n\(inner)"
                text += "\(JSON(member.key).compactText): "
                member.value.indent(into: &text, by: inner)
            }
            text += "\n\(blanks)}"
        default: text += compactText
        }
    }

    private var isContainer: Bool { elements != nil || members != nil }
}
