import Testing

@Suite("Layering: imports point down only, as docs/architecture.md says")
struct LayeringTests {
    static let architecture = "docs/architecture.md"

    @Test("Package.swift and the import table say the same")
    func manifest() throws {
        let table = ImportTable(document: try Repository.file(Self.architecture).text)
        let manifest = PackageManifest(text: try Repository.file("Package.swift").text)
        let findings = manifestFindings(manifest, table: table)
        #expect(!manifest.targets.isEmpty)
        #expect(findings.isEmpty, "\(report(findings))")
    }

    @Test("every source file imports only what its room may")
    func imports() throws {
        let table = ImportTable(document: try Repository.file(Self.architecture).text)
        let sources = try Repository.files(under: "Sources/", endings: [".swift"])
        let findings = sources.flatMap { importFindings(in: $0, table: table) }
        #expect(!sources.isEmpty)
        #expect(findings.isEmpty, "\(report(findings))")
    }

    @Test("rooms of rules have no way out: no whole Foundation, clock, randomness or files")
    func purity() throws {
        let document = try Repository.file(Self.architecture).text
        let exceptions = foundationExceptions(document: document)
        let findings = try Repository.files(under: "Sources/", endings: [".swift"])
            .flatMap { purityFindings(in: $0, exceptions: exceptions) }
        #expect(findings.isEmpty, "\(report(findings))")
        for path in exceptions.sorted() {
            #expect(
                try Repository.file(path).lines.contains { importedModule($0) == "Foundation" },
                "\(path) is listed in \(Self.architecture) and does not import Foundation")
        }
    }
}

@Suite("The layering checks find what they look for")
struct LayeringCheckTests {
    static let document = """
        | room | may import of ours | of others |
        |---|---|---|
        | Ground | nothing | nothing |
        | Rules | Ground | Crypto |
        | Shell | Ground, Rules | Hummingbird, NIOCore |

        | other | table | here |
        |---|---|---|
        | Loft | Ground | nothing |
        """

    @Test func tableIsRead() {
        let table = ImportTable(document: Self.document)
        #expect(Set(table.rows.keys) == ["Ground", "Rules", "Shell"])
        #expect(table.rows["Ground"] == .init(ours: [], others: []))
        #expect(
            table.rows["Shell"]
                == .init(ours: ["Ground", "Rules"], others: ["Hummingbird", "NIOCore"]))
    }

    @Test(arguments: [
        ("import Rules", "Rules"), ("package import Rules", "Rules"),
        ("@testable import Rules", "Rules"), ("@preconcurrency package import Rules", "Rules"),
        ("import struct Rules.Price", "Rules"), ("import Rules.Inner", "Rules"),
    ])
    func importsAreSeen(line: String, module: String) {
        #expect(importedModule(line[...]) == module[...])
    }

    @Test(arguments: ["// import Rules", "let import = 1", "importantly", "", "import"])
    func otherLinesAreNot(line: String) {
        #expect(importedModule(line[...]) == nil)
    }

    @Test(arguments: [
        ("Sources/Rules/Price.swift", "import Ground\nimport Foundation", []),
        ("Sources/Rules/Price.swift", "import Shell", ["1: Rules may not import Shell"]),
        ("Sources/Rules/Price.swift", "\nimport NIOCore", ["2: Rules may not import NIOCore"]),
        ("Sources/Ground/Money.swift", "import Rules", ["1: Ground may not import Rules"]),
        ("Sources/Loft/Old.swift", "", [" Loft has no row in the import table"]),
    ])
    func forbiddenImports(path: String, text: String, expected: [String]) {
        let findings = importFindings(
            in: SourceFile(path: path, text: text), table: ImportTable(document: Self.document))
        #expect(findings.map(\.description) == expected.map { "\(path):\($0)" })
    }

    static let manifest = """
        let crypto: Target.Dependency = .product(
            name: "Crypto", package: "swift-crypto")
        /// A comment with "Shell" in it.
        let ground: [Target.Dependency] = ["Ground"]
        let lower: [Target.Dependency] = ground + [
            "Rules",
        ]
        func room(_ name: String) -> Target { .target(name: name) }
        let package = Package(
            dependencies: [.package(url: "https://example.org/crypto", from: "1.0.0")],
            targets: [
                room("Ground", []),
                room("Rules", ground + [crypto], resources: [.copy("Shell")]),
                .executableTarget(name: "Shell", dependencies: lower, swiftSettings: []),
            ])
        """

    @Test func manifestIsRead() {
        #expect(
            PackageManifest(text: Self.manifest).targets == [
                .init(name: "Ground", dependencies: []),
                .init(name: "Rules", dependencies: ["Ground", "Crypto"]),
                .init(name: "Shell", dependencies: ["Ground", "Rules"]),
            ])
    }

    @Test(arguments: [
        ("ground + [crypto]", "ground + [crypto]", ""),
        (
            "room(\"Ground\", [])", "room(\"Ground\", [\"Rules\"])",
            "Ground depends on Rules, which the table does not allow"
        ),
        (
            "room(\"Ground\", [])", "room(\"Ground\", [crypto])",
            "Ground depends on Crypto, which the table does not allow"
        ),
        (
            "ground + [crypto]", "[crypto]",
            "Rules does not depend on Ground, which the table allows"
        ),
        (
            "room(\"Ground\", [])", "room(\"Ground\", []), room(\"Cellar\", [])",
            "Cellar has no row in the import table"
        ),
        ("room(\"Ground\", []),", "", "Ground is in the import table and is no target"),
    ])
    func disagreements(with: String, by: String, expected: String) {
        let text = Self.manifest.replacing(with, with: by)
        let findings = manifestFindings(
            PackageManifest(text: text), table: ImportTable(document: Self.document))
        #expect(findings.map(\.message).joined() == expected)
    }

    @Test(arguments: [
        ("let now = Date()", "Date() reads the clock"),
        ("let id = UUID()", "UUID() is random"),
        ("FileManager.default.contents(atPath: path)", "FileManager reads files"),
        ("Int.random(in: 1...6)", ".random(in is random unless a generator is passed"),
        ("import Glibc", "a pure room does not import Glibc"),
        (
            "import Foundation",
            "FoundationEssentials must do, or docs/architecture.md says why not"
        ),
        ("Int.random(in: 1...6, using: &generator)", ""),
        ("// Date() is not read here", ""),
        ("import FoundationEssentials", ""),
    ])
    func waysOut(line: String, expected: String) {
        func findings(_ path: String) -> [Finding] {
            purityFindings(
                in: SourceFile(path: path, text: line),
                exceptions: ["Sources/MoneyAndTime/WallClock.swift"])
        }
        #expect(findings("Sources/Ledger/Entry.swift").map(\.message).joined() == expected)
        #expect(findings("Sources/Aikatori/Serve.swift").isEmpty)
        if line == "import Foundation" || line.contains("FileManager") {
            #expect(findings("Sources/MoneyAndTime/WallClock.swift").isEmpty)
        }
    }

    @Test func commentsBeginOutsideQuotes() {
        let line: Substring = "let a = \"https://example.org\" // Date()"
        #expect(line[commentStart(line)...] == "// Date()")
    }

    @Test func exceptionsAreRead() {
        let document = "| `Sources/A/B.swift` | zones |\n| `docs/x.md` | no |\n`Sources/C.swift`"
        #expect(foundationExceptions(document: document) == ["Sources/A/B.swift"])
    }
}
