import Foundation

/// The files of `contracts/`, which travel with the program as resources of this target. The
/// one place of this room that reads files.
package enum ContractFiles {
    /// A file that should be there and is not, or cannot be read.
    package struct Unreadable: Error, Hashable, CustomStringConvertible {
        package let path: String

        package var description: String { "the resource contracts/\(path) cannot be read" }
    }

    /// The ready-made contracts, by name.
    package static func templates(
        in language: TemplateLanguage = .english
    ) throws -> [ContractTemplate] {
        switch language {
        case .english: try english.get()
        case .finnish: try finnish.get()
        case .swedish: try swedish.get()
        }
    }

    // Each once: they come with the program.
    private static let english = Result {
        try names(in: "v1/templates").map { name in
            try ContractTemplate(reading: try read("v1/templates/\(name)"))
        }
    }
    private static let finnish = Result { try written(in: .finnish) }
    private static let swedish = Result { try written(in: .swedish) }

    private static func written(in language: TemplateLanguage) throws -> [ContractTemplate] {
        let texts = try TemplateTexts(reading: read("v1/templates/texts/\(language.rawValue).json"))
        return try english.get().map { try $0.written(with: texts.of($0.name)) }
    }

    /// Nil if there is no template of this name.
    package static func template(
        _ name: String, in language: TemplateLanguage = .english
    ) throws -> ContractTemplate? {
        try templates(in: language).first { $0.name == name }
    }

    /// The bytes of a file, such as `v1/contract.schema.json`.
    package static func read(_ path: String) throws -> [UInt8] {
        guard let data = try? Data(contentsOf: folder.appending(path: path)) else {
            throw Unreadable(path: path)
        }
        return Array(data)
    }

    /// The names of the JSON files in a folder, such as `v1/templates`, in order.
    package static func names(in path: String) throws -> [String] {
        let all = try? FileManager.default.contentsOfDirectory(
            atPath: folder.appending(path: path).path(percentEncoded: false))
        guard let all else { throw Unreadable(path: path) }
        return all.filter { $0.hasSuffix(".json") }.sorted()
    }

    private static let folder = Bundle.module.bundleURL.appending(path: "contracts")
}
