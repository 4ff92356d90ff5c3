/// One of the answers that a field offers.
struct Choice {
    let value: String
    let text: String

    init(_ value: String, _ text: String) {
        self.value = value
        self.text = text
    }

    /// The field, as its template reads it; `error` is what is wrong, in words.
    static func field(
        _ id: String, _ label: String, _ choices: [Choice], selected: String?,
        error: String? = nil
    ) -> [String: Any] {
        var field: [String: Any] = [
            "id": id, "label": label,
            "choices": choices.map { choice -> [String: Any] in
                var option: [String: Any] = ["value": choice.value, "text": choice.text]
                if choice.value == selected { option["selected"] = true }
                return option
            },
        ]
        if let error { field["error"] = ["text": error] }
        return field
    }
}

/// A field that is typed into, as its template reads it.
struct TypedField {
    enum Kind: String {
        case text, date, time, file, email
    }

    let id: String
    let label: String
    let kind: Kind
    let value: String
    var hint: String?
    /// What browsers and password keepers may fill in (HTML, autofill).
    var autocomplete: String?

    func fields(_ visitor: Visitor, _ errors: FieldErrors) -> [String: Any] {
        var fields: [String: Any] = [
            "id": id, "label": visitor.say(label), "type": kind.rawValue, "value": value,
            "is_text": kind == .text && autocomplete == nil,
        ]
        if let autocomplete { fields["autocomplete"] = ["name": autocomplete] }
        if let hint { fields["hint"] = visitor.say(hint) }
        if let error = errors.message(of: id) { fields["error"] = ["text": visitor.say(error)] }
        return fields
    }
}
