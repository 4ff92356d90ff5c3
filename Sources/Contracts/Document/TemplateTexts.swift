import StrictJSON

/// The languages in which the templates are there.
package enum TemplateLanguage: String, Hashable, Sendable, CaseIterable {
    case finnish = "fi"
    case swedish = "sv"
    case english = "en"
}

/// The texts of the templates in one language: by the template's name, and there by the place of
/// the English text (JSON Pointer, RFC 6901).
package struct TemplateTexts: Hashable, Sendable {
    private let texts: [String: [JSONPointer: String]]

    /// Reads `{"psychologist-series": {"/title": "Psykologin käyntisarja", …}, …}`.
    package init(reading bytes: some Collection<UInt8>) throws(ContractProblem) {
        let json: JSON
        do { json = try JSON.parse(bytes) } catch { throw ContractProblem(error) }
        var texts: [String: [JSONPointer: String]] = [:]
        for (name, places) in json.members ?? [:] {
            for (place, text) in places.members ?? [:] {
                guard let pointer = JSONPointer(reading: place), let text = text.text else {
                    throw ContractProblem(
                        .wrongType, at: .root.appending(name).appending(place),
                        "must be a text under its pointer")
                }
                texts[name, default: [:]][pointer] = text
            }
        }
        self.texts = texts
    }

    package var templates: Set<String> { Set(texts.keys) }

    /// Empty for a template that has none.
    package func of(_ template: String) -> [JSONPointer: String] { texts[template] ?? [:] }
}

extension ContractTemplate {
    /// The same terms in other words: each text put in the place of the one that stands there. A
    /// text for a place that holds none is refused.
    package func written(
        with texts: [JSONPointer: String]
    ) throws(ContractProblem) -> ContractTemplate {
        var json = json
        for (pointer, text) in texts {
            let place = pointer.tokens
            guard json[place: place]?.text != nil, json.replace(place[...], by: JSON(text)) else {
                throw ContractProblem(.missing, at: pointer, "no text stands here")
            }
        }
        return try ContractTemplate(json)
    }
}
