import MoneyAndTime

extension FieldErrors {
    /// What was typed for others to read; nil where it is nothing, which is an error if it then is
    /// called missing, and nil with an entry where it is `tooLong` or holds what looks like a
    /// personal identity code.
    mutating func words(
        _ field: String, _ typed: String?, max: Int, tooLong: String, missing: String? = nil
    ) -> String? {
        guard let typed else {
            if let missing { add(field, missing) }
            return nil
        }
        if PersonalIdentityCode.looksLike(typed) {
            add(field, "error_words_identity_code")
        } else if typed.count > max {
            add(field, tooLong)
        } else {
            return typed
        }
        return nil
    }
}
