import ArgumentParser
import Contracts
import Foundation
import MoneyAndTime
import StrictJSON

struct ContractCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "contract", abstract: "Contracts as files.",
        subcommands: [Check.self, ContractPriceCommand.self, Templates.self])

    struct Check: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Checks a contract, and recomputes its worked examples.",
            discussion: """
                Each example is printed with its price and how that comes about. What is wrong is \
                named by its JSON Pointer, and the exit status is then 1.
                """)

        @Argument(help: "A contract as JSON, or a template that was filled in.") var file: String

        func run() throws {
            let document = try ContractCommand.read(file)
            let sheet = ExampleSheet(document)
            for line in sheet.lines { say(line) }
            guard sheet.problems.isEmpty else {
                for problem in sheet.problems { say("\(file): \(problem)") }
                throw ExitCode.failure
            }
        }
    }

    /// The bytes of a file that was named on the command line.
    static func bytes(of file: String) throws -> [UInt8] {
        guard let data = try? Data(contentsOf: URL(filePath: file)) else {
            throw ValidationError("\(file) cannot be read")
        }
        return Array(data)
    }

    /// A contract; what is wrong with it is said, and the exit status is then 1.
    static func read(_ file: String) throws -> ContractDocument {
        let bytes = try bytes(of: file)
        do {
            return try ContractDocument(reading: bytes)
        } catch {
            say("\(file): \(error)")
            throw ExitCode.failure
        }
    }

    struct Templates: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Lists the contracts to start from, or prints one.")

        @Argument(help: "The name of a template.") var name: String?
        @Option(help: "The language of its own texts: fi, sv or en.")
        var language: TemplateLanguage = .english

        func run() throws {
            let templates = try ContractFiles.templates(in: language)
            guard let name else {
                for template in templates { say("\(template.name)  \(template.title)") }
                return
            }
            guard let template = templates.first(where: { $0.name == name }) else {
                let names = templates.map(\.name).joined(separator: ", ")
                throw ValidationError("there is no template \(name); there are \(names)")
            }
            guard language != .english else {
                let bytes = try ContractFiles.read("v1/templates/\(name).json")
                print(String(decoding: bytes, as: UTF8.self), terminator: "")
                return
            }
            print(template.json.indentedText, terminator: "")
        }
    }
}

extension TemplateLanguage: ExpressibleByArgument {}

/// A contract's worked examples, recomputed, for people.
struct ExampleSheet {
    private(set) var lines: [String]
    private(set) var problems: [String] = []

    init(_ document: ContractDocument) {
        let terms = document.terms
        lines = Self.head(of: document)
        for (index, example) in terms.workedExamples.enumerated() {
            lines += ["", "\(index + 1). \(example.title)"]
            do {
                add(try example.recompute(under: terms), at: index)
            } catch {
                add("cannot be priced: \(error)", at: index)
            }
        }
        for pointer in terms.notCarriedOut {
            lines += ["", "\(pointer) is not carried out by this market yet: it cannot be signed."]
        }
        let count = terms.workedExamples.count
        lines += ["", "\(count - problems.count) of \(count) worked examples hold."]
    }

    /// Which contract it is.
    static func head(of document: ContractDocument) -> [String] {
        let terms = document.terms
        return [
            terms.title,
            "  \(terms.seller.name) sells to \(terms.buyer.name)",
            "  from \(terms.validity.firstDay) through \(terms.validity.lastDay)",
            "  SHA-256 \(document.digest)",
        ]
    }

    private mutating func add(_ recomputed: RecomputedExample, at index: Int) {
        lines += recomputed.rated.trace.steps.map { "   \($0.words)" }
        let (computed, expected) = (recomputed.rated.total, recomputed.example.total)
        if recomputed.holds {
            lines.append("   It costs \(computed.decimal), as the contract says.")
        } else {
            lines.append(
                "   It costs \(computed.decimal); the contract says \(expected.decimal).")
            add(
                "expects \(expected.decimal), but the contract makes it \(computed.decimal)",
                at: index)
        }
    }

    private mutating func add(_ problem: String, at index: Int) {
        let rule = ContractRule.exampleDiffers.rawValue
        problems.append("\(rule) at /worked_examples/\(index): \(problem)")
    }
}
