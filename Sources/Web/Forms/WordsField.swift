import MoneyAndTime

/// A field for some sentences, as its template reads it.
struct WordsField {
    let id: String
    let label: String
    let value: String
    var hint: String?

    func fields(_ visitor: Visitor, _ errors: FieldErrors) -> [String: Any] {
        var fields: [String: Any] = ["id": id, "label": visitor.say(label), "value": value]
        if let hint { fields["hint"] = visitor.say(hint) }
        if let error = errors.message(of: id) { fields["error"] = ["text": visitor.say(error)] }
        return fields
    }
}

extension FieldErrors {
    /// What was typed for others to read; nil where it is nothing, which is an error if it then is
    /// called missing, and nil with an entry where it is too long or holds what looks like a
    /// personal identity code.
    mutating func words(
        _ field: String, _ typed: String?, max: Int, tooLong: String? = nil,
        missing: String? = nil
    ) -> String? {
        guard let typed else {
            if let missing { add(field, missing) }
            return nil
        }
        if PersonalIdentityCode.looksLike(typed) {
            add(field, "error_words_identity_code")
        } else if typed.count > max {
            add(field, tooLong ?? (max > 200 ? "error_words_long" : "error_line_long"))
        } else {
            return typed
        }
        return nil
    }
}
