/// Boxes of which any may be checked, as their template reads them.
enum CheckBoxes {
    /// The first box has the group's own id, so that the error summary leads there.
    static func fields(
        _ id: String, _ legend: String, _ choices: [Choice], chosen: Set<String>,
        error: String? = nil
    ) -> [String: Any] {
        var fields: [String: Any] = [
            "group": id, "legend": legend,
            "boxes": choices.enumerated().map { index, choice -> [String: Any] in
                [
                    "box": index == 0 ? id : "\(id)-\(choice.value)", "value": choice.value,
                    "text": choice.text, "checked": chosen.contains(choice.value),
                ]
            },
        ]
        if let error { fields["group_error"] = ["text": error] }
        return fields
    }
}
