import Mustache

/// The templates of `Templates/`, each known by its name without the ending.
package struct Templates: Sendable {
    package struct Unknown: Error {
        let name: String
    }

    package let names: [String]
    private let library: MustacheLibrary

    package init() throws {
        var templates: [String: MustacheTemplate] = [:]
        for file in try WebFiles.names(in: "Templates") {
            let name = String(file.prefix { $0 != "." })
            templates[name] = try MustacheTemplate(string: WebFiles.read("Templates/\(file)"))
        }
        names = templates.keys.sorted()
        library = MustacheLibrary(templates: templates)
    }

    package func render(_ name: String, _ fields: [String: Any]) throws -> String {
        guard let html = library.render(fields, withTemplate: name) else {
            throw Unknown(name: name)
        }
        return html
    }
}
