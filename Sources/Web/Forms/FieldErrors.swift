import Organisations

/// What was wrong with a form: each error names a field, or the whole form.
struct FieldErrors: Error {
    struct Entry {
        /// The id of the field on the page; nil where no single field is meant.
        let field: String?
        /// The key of what is said.
        let text: String
    }

    private(set) var entries: [Entry] = []

    var isEmpty: Bool { entries.isEmpty }

    mutating func add(_ field: String?, _ text: String) {
        entries.append(Entry(field: field, text: text))
    }

    /// The value, or an entry and nil.
    mutating func read<Value>(
        _ field: String, _ text: String, _ value: () throws -> Value
    ) -> Value? {
        do {
            return try value()
        } catch {
            add(field, text)
            return nil
        }
    }

    func message(of field: String) -> String? { entries.first { $0.field == field }?.text }
}
