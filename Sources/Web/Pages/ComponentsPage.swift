import Marketplace

/// The components that pages are made of, for those who maintain them. Only in a demo's database.
enum ComponentsPage {
    static func show(_ visitor: Visitor) async throws -> PageReply {
        _ = try await visitor.market.demoPeople()
        var errors = FieldErrors()
        errors.add("wrong", "error_identity_code")
        let field = TypedField(
            id: "right", label: "find_from", kind: .date, value: "2027-03-01",
            hint: "find_from_hint")
        let wrong = TypedField(
            id: "wrong", label: "patient_reference", kind: .text, value: "131052-308T",
            hint: "time_patient_hint")
        return try visitor.page(
            "components", title: visitor.say("components_title"),
            [
                "is_demo": true, "field": field.fields(visitor, errors),
                "wrong": wrong.fields(visitor, errors),
                "choice": Choice.field(
                    "choice", visitor.say("find_language"),
                    ["fi", "sv", "en"].map { Choice($0, visitor.say("language_\($0)")) },
                    selected: "sv"),
                "steps": [["text": visitor.say("trace_seller_cancelled")]],
            ], errors: errors)
    }
}
