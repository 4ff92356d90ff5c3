import Foundation
import Testing

/// The fields of a page's form as a browser would send them when nothing is touched, and what
/// somebody types into them.
struct FilledForm {
    private(set) var pairs: [(name: String, value: String)] = []

    /// Of the form with this identifier.
    init(_ page: PageAnswer, id: String) throws {
        let start = try #require(page.body.firstRange(of: "id=\"\(id)\""))
        let rest = page.body[start.upperBound...]
        let end = rest.firstRange(of: "</form>")?.lowerBound ?? rest.endIndex
        let field = /<input ([^>]*)>|<select ([^>]*)>(.*?)<\/select>|<textarea ([^>]*)>\n?([^<]*)</
        for found in rest[..<end].matches(of: field.dotMatchesNewlines()) {
            if let tag = found.1 {
                let type = Self.attribute("type", of: tag)
                if type == "file" || type == "checkbox" && !tag.contains(" checked") { continue }
                add(tag, Self.attribute("value", of: tag) ?? "on")
            } else if let tag = found.2 {
                let options = (found.3 ?? "").matches(of: /<option value="([^"]*)"( selected)?>/)
                let chosen = options.first { $0.2 != nil } ?? options.first
                add(tag, Self.plain(chosen?.1 ?? ""))
            } else if let tag = found.4 {
                add(tag, Self.plain(found.5 ?? ""))
            }
        }
    }

    private mutating func add(_ tag: Substring, _ value: String) {
        if let name = Self.attribute("name", of: tag) { pairs.append((name, value)) }
    }

    private static func attribute(_ name: String, of tag: Substring) -> String? {
        tag.matches(of: /([a-z-]+)="([^"]*)"/).first { $0.1 == name }.map { plain($0.2) }
    }

    private static func plain(_ text: Substring) -> String {
        String(text).replacing("&lt;", with: "<").replacing("&gt;", with: ">")
            .replacing("&quot;", with: "\"").replacing("&#39;", with: "'")
            .replacing("&amp;", with: "&")
    }

    func value(_ name: String) -> String? { pairs.first { $0.name == name }?.value }

    subscript(name: String) -> String? {
        get { value(name) }
        set {
            let place = pairs.firstIndex { $0.name == name }
            pairs.removeAll { $0.name == name }
            if let newValue { pairs.insert((name, newValue), at: place ?? pairs.count) }
        }
    }

    /// Sends it by one of its buttons.
    func send(
        _ browser: Browser, to address: String, by button: String, language: String = "en"
    ) async throws -> PageAnswer {
        var form = self
        form["do"] = button
        let body = form.pairs.map { "\(Self.encoded($0.name))=\(Self.encoded($0.value))" }
        return try await browser.post(
            address, [:], also: body, headers: ["Accept-Language": language])
    }

    private static func encoded(_ text: String) -> String {
        let kept = CharacterSet.alphanumerics.intersection(CharacterSet(charactersIn: "!"..."~"))
        return text.addingPercentEncoding(withAllowedCharacters: kept) ?? ""
    }
}
