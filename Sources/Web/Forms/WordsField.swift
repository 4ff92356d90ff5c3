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
    /// What was typed, with plain line ends; nil and an entry where it is missing, too long, or
    /// not fit for others to read.
    mutating func words(_ field: String, _ typed: String?, max: Int, missing: String) -> String? {
        guard let typed else {
            add(field, missing)
            return nil
        }
        let text = typed.replacing("\r\n", with: "\n")
        let isPlain = text.unicodeScalars.allSatisfy { scalar in
            switch scalar.value {
            case 0x09, 0x0A: true
            case 0...0x1F, 0x7F...0x9F, 0xFFFE, 0xFFFF: false
            default: true
            }
        }
        if PersonalIdentityCode.looksLike(text) {
            add(field, "error_words_identity_code")
        } else if text.count > max || !isPlain {
            add(field, max > 200 ? "error_words_long" : "error_line_long")
        } else {
            return text
        }
        return nil
    }
}
