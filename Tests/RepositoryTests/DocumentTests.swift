import Testing

@Suite("Documents: links resolve, nothing is out of reach, words are explained")
struct DocumentTests {
    static let documents: [MarkdownDocument] = {
        let files = (try? Repository.files(endings: [".md"])) ?? []
        return files.map(MarkdownDocument.init)
    }()

    @Test("every relative link and anchor leads somewhere")
    func links() {
        let findings = linkFindings(in: Self.documents, paths: Set(Repository.paths))
        #expect(!Self.documents.isEmpty)
        #expect(findings.isEmpty, "\(report(findings))")
    }

    @Test("every document is reached from README.md")
    func reach() {
        let findings = unreachable(from: "README.md", in: Self.documents)
        #expect(findings.isEmpty, "\(report(findings))")
    }

    @Test("every table has its word in the glossary, and every word is in use")
    func glossary() throws {
        let glossary = try Repository.file("docs/glossary.md")
        let migrations = try Repository.files(
            under: "Sources/Storage/Migrations/", endings: ["up.sql"])
        let sources = try Repository.files(under: "Sources/", endings: [".swift", ".sql"])
        let found = migrations.flatMap(tables)
        #expect(!found.isEmpty)
        let findings =
            missingWords(found, glossary: glossary)
            + staleWords(glossary: glossary, sources: sources)
        #expect(findings.isEmpty, "\(report(findings))")
    }
}

@Suite("The document checks find what they look for")
struct DocumentCheckTests {
    static func document(_ path: String, _ text: String) -> MarkdownDocument {
        MarkdownDocument(SourceFile(path: path, text: text))
    }

    @Test func linksAreReadOutsideCode() {
        let text = """
            See [one](a.md) and [two](b.md#part), not `[three](c.md)`.
            ```
            [four](d.md)
            ```
            ![picture](e.svg)
            """
        #expect(
            Self.document("x.md", text).links == [
                .init(line: 1, target: "a.md"), .init(line: 1, target: "b.md#part"),
                .init(line: 5, target: "e.svg"),
            ])
    }

    @Test func anchors() {
        let text = "# Where do I find…\n## The `enter` rule\n## Ö, too\n# Twice\n# Twice\n#no"
        #expect(
            Self.document("x.md", text).anchors
                == ["where-do-i-find", "the-enter-rule", "ö-too", "twice", "twice-1"])
    }

    @Test(arguments: [
        ("[a](b.md)", ""), ("[a](../README.md)", ""), ("[a](decisions/)", ""),
        ("[a](decisions)", ""), ("[a](#here)\n# Here", ""), ("[a](b.md#there)", ""),
        ("[a](https://example.org/nowhere)", ""),
        ("[a](c.md)", "docs/a.md:1: c.md is not there"),
        ("[a](README.md)", "docs/a.md:1: README.md is not there"),
        ("[a](#here)", "docs/a.md:1: docs/a.md has no heading for #here"),
        ("\n[a](b.md#where)", "docs/a.md:2: docs/b.md has no heading for #where"),
    ])
    func deadLinks(text: String, expected: String) {
        let documents = [
            Self.document("docs/a.md", text), Self.document("docs/b.md", "# There"),
        ]
        let paths: Set = ["README.md", "docs/a.md", "docs/b.md", "docs/decisions/"]
        #expect(report(linkFindings(in: documents, paths: paths)) == expected)
    }

    @Test func documentsOutOfReach() {
        let documents = [
            Self.document("README.md", "[a](docs/a.md)"),
            Self.document("docs/a.md", "[all](decisions/) [back](../README.md)"),
            Self.document("docs/decisions/0001.md", ""),
            Self.document("docs/lost.md", "[a](a.md)"),
        ]
        #expect(
            unreachable(from: "README.md", in: documents).map(\.path) == ["docs/lost.md"])
        #expect(unreachable(from: "MISSING.md", in: documents).count == 4)
    }

    static let glossary = SourceFile(
        path: "docs/glossary.md",
        text: """
            | term | meaning | in code |
            |---|---|---|
            | Booking | a `word` | `Booking`, `booking` |
            """)

    @Test func tablesAreRead() {
        let text = """
            create table booking (
            create unlogged table if not exists start_time (
            -- create table is said in a comment
            create table_like
            """
        #expect(
            tables(in: SourceFile(path: "up.sql", text: text)) == ["booking", "start_time"])
    }

    @Test func wordsAreCompared() {
        #expect(codeNames(in: Self.glossary) == ["Booking", "booking"])
        #expect(
            missingWords(["booking", "charge"], glossary: Self.glossary).map(\.message)
                == ["has no word for the table charge"])
        let source = SourceFile(path: "A.swift", text: "struct Booking {}\n// bookings")
        #expect(
            staleWords(glossary: Self.glossary, sources: [source]).map(\.message)
                == ["booking is nowhere in the code"])
    }
}
