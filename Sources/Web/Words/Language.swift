import Contracts

/// The languages of the pages.
package enum Language: String, Hashable, Sendable, CaseIterable {
    case finnish = "fi"
    case swedish = "sv"
    case english = "en"

    /// Its own name, by which those who read it find it.
    package var ownName: String {
        switch self {
        case .finnish: "Suomi"
        case .swedish: "Svenska"
        case .english: "English"
        }
    }

    /// In which a contract begins that is begun on a page.
    var ofTemplates: TemplateLanguage {
        switch self {
        case .finnish: .finnish
        case .swedish: .swedish
        case .english: .english
        }
    }

    /// What was chosen by link, else the best of `Accept-Language` (RFC 9110 §12.5.4), else
    /// Finnish.
    package static func of(chosen: String?, acceptLanguage: String?) -> Language {
        if let chosen = chosen.flatMap(Language.init(rawValue:)) { return chosen }
        var best: (language: Language, quality: Double)?
        for part in (acceptLanguage ?? "").split(separator: ",").prefix(20) {
            let pieces = part.split(separator: ";").map(trimmed)
            guard let tag = pieces.first,
                let language = Language(rawValue: String(tag.prefix(2)).lowercased()),
                tag.count == 2 || tag.dropFirst(2).first == "-"
            else { continue }
            let weight = pieces.dropFirst().first { $0.hasPrefix("q=") }
            let quality = weight.map { Double($0.dropFirst(2)) ?? 0 } ?? 1
            if quality > best?.quality ?? 0 { best = (language, quality) }
        }
        return best?.language ?? .finnish
    }

    private static func trimmed(_ text: Substring) -> Substring {
        var text = text
        while text.first == " " { text.removeFirst() }
        while text.last == " " { text.removeLast() }
        return text
    }
}
