/// A row of a table in which references are typed, one for each column: as fast as typing.
enum ReferenceCells {
    /// The name of a cell's field: the column and which row.
    static func id(_ column: String, _ row: some BinaryInteger) -> String { "\(column)_\(row)" }

    /// What a row's cells hold and what is wrong with them. `beside` says of which row they are.
    static func fields(
        _ columns: [String], row: some BinaryInteger, beside: String, _ visitor: Visitor,
        _ typed: FormFields, _ errors: FieldErrors
    ) -> [[String: Any]] {
        columns.map { column in
            let id = id(column, row)
            var cell: [String: Any] = [
                "id": id, "label": visitor.say(column), "name": "\(visitor.say(column)), \(beside)",
                "value": typed.text(id) ?? "",
            ]
            if let error = errors.message(of: id) { cell["error"] = ["text": visitor.say(error)] }
            return cell
        }
    }
}
