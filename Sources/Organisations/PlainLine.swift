/// One line of text that people read: 1 to `limit` characters, without control characters and
/// without blanks at its ends, so that what is stored is what is shown.
enum PlainLine {
    static func checked(
        _ text: String, _ field: OrganisationRefusal.Field, limit: Int
    ) throws(OrganisationRefusal) -> String {
        guard let first = text.first, let last = text.last else { throw .textMissing(field) }
        guard text.count <= limit, text.utf8.count <= 4 * limit else {
            throw .textTooLong(field, limit: limit)
        }
        let hasControl = text.unicodeScalars.contains { scalar in
            switch scalar.properties.generalCategory {
            case .control, .lineSeparator, .paragraphSeparator, .surrogate, .unassigned: true
            default: false
            }
        }
        guard !hasControl, !first.isWhitespace, !last.isWhitespace else {
            throw .textNotPlain(field)
        }
        return text
    }
}
