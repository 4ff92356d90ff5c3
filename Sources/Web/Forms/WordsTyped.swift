import MoneyAndTime

extension FormFields {
    /// What is typed for people of the other side to read, such as a reason; nil when it is nothing
    /// or may not be said: longer than so many characters (then `tooLong` is the error), or with
    /// what looks like a personal identity code.
    func words(
        _ name: String, max: Int, tooLong: String, _ errors: inout FieldErrors
    ) -> String? {
        guard let words = text(name) else { return nil }
        if PersonalIdentityCode.looksLike(words) {
            errors.add(name, "error_identity_code_in_words")
        } else if words.count > max {
            errors.add(name, tooLong)
        } else {
            return words
        }
        return nil
    }
}
