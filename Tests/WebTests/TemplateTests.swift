import Testing

@testable import Web

@Suite("Templates: nothing that was typed breaks out of its place")
struct TemplateTests {
    private static let hostile = "\"'><script>alert(1)</script>&"

    /// The names of a template: those that are shown, and those that open a section.
    private static func names(in source: String) -> (shown: Set<String>, sections: Set<String>) {
        (
            Set(source.matches(of: /\{\{([a-z_]+(?:\.[a-z0-9_]+)?)\}\}/).map { String($0.1) }),
            Set(source.matches(of: /\{\{[#^]([a-z_]+)\}\}/).map { String($0.1) })
        )
    }

    @Test("every variable of every template, as hostile as can be", arguments: [true, false])
    func hostileValues(sectionsAreOpen: Bool) throws {
        let templates = try Templates()
        #expect(templates.names.count > 12)
        var (shown, sections): (Set<String>, Set<String>) = ([], [])
        for name in templates.names {
            let found = Self.names(in: try WebFiles.read("Templates/\(name).mustache"))
            shown.formUnion(found.shown)
            sections.formUnion(found.sections)
        }
        shown.remove("content")
        var fields: [String: Any] = ["content": ""]
        for section in sections { fields[section] = sectionsAreOpen }
        var nested: [String: [String: Any]] = [:]
        for name in shown {
            let parts = name.split(separator: ".").map(String.init)
            if parts.count == 2 {
                nested[parts[0], default: [:]][parts[1]] = Self.hostile
            } else {
                fields[name] = Self.hostile
            }
        }
        for (name, values) in nested { fields[name] = values }
        for name in templates.names {
            let html = try templates.render(name, fields)
            #expect(!html.contains("<script>"), "\(name)")
            #expect(!html.contains("'>"), "\(name)")
            #expect(!html.contains("\"'"), "\(name)")
        }
        let sample = try templates.render("field", fields)
        #expect(sample.contains("&quot;&#39;&gt;&lt;script&gt;"))
    }

    @Test("attributes are quoted wherever a variable stands in a tag")
    func attributesAreQuoted() throws {
        for name in try Templates().names {
            let source = try WebFiles.read("Templates/\(name).mustache")
            #expect(Self.unquoted(in: source) == [], "\(name)")
        }
    }

    @Test(arguments: [
        ("<a href=\"{{address}}\">{{text}}</a>", []),
        ("<a href={{address}}>", ["address"]),
        ("<a href='{{address}}'>", ["address"]),
        ("<option{{#selected}} selected{{/selected}}>", []),
        ("<option {{extra}}>", ["extra"]),
    ])
    func unquotedVariablesAreFound(source: String, expected: [String]) {
        #expect(Self.unquoted(in: source) == expected)
    }

    /// Variables inside a tag that stand outside of double quotes.
    private static func unquoted(in source: String) -> [String] {
        var found: [String] = []
        var (isInTag, isQuoted) = (false, false)
        var rest = source[...]
        while let character = rest.first {
            if rest.hasPrefix("{{"), let end = rest.firstRange(of: "}}") {
                let name = rest[..<end.lowerBound].dropFirst(2)
                let isVariable = name.first.map { !"#/^>!".contains($0) } ?? false
                if isInTag, !isQuoted, isVariable { found.append(String(name)) }
                rest = rest[end.upperBound...]
                continue
            }
            switch character {
            case "<" where !isQuoted: isInTag = true
            case ">" where !isQuoted: isInTag = false
            case "\"" where isInTag: isQuoted.toggle()
            default: break
            }
            rest = rest.dropFirst()
        }
        return found
    }

    @Test("only the frame takes text as it is: what another template made")
    func rawTextIsOurs() throws {
        for name in try Templates().names {
            let source = try WebFiles.read("Templates/\(name).mustache")
            let raw = source.matches(of: /\{\{\{([a-z_]+)\}\}\}|\{\{&/).count
            #expect(raw == (name == "frame" ? 1 : 0), "\(name)")
        }
    }
}
