/// The tables that a migration makes.
func tables(in migration: SourceFile) -> [String] {
    migration.lines.compactMap { line in
        line.prefixMatch(of: /\s*create (?:unlogged )?table (?:if not exists )?([a-z_0-9]+)/)
            .map { String($0.1) }
    }
}

/// The names in backticks in the last column of the glossary's tables.
func codeNames(in glossary: SourceFile) -> Set<String> {
    var names: Set<String> = []
    for line in glossary.lines where line.hasPrefix("|") && line.hasSuffix("|") {
        guard let cell = line.dropLast().split(separator: "|").last else { continue }
        names.formUnion(cell.matches(of: /`([^`]+)`/).map { String($0.1) })
    }
    return names
}

/// Tables without a word in the glossary.
func missingWords(_ tables: [String], glossary: SourceFile) -> [Finding] {
    let known = codeNames(in: glossary)
    return tables.filter { !known.contains($0) }
        .map { Finding(path: glossary.path, message: "has no word for the table \($0)") }
}

/// Names that the glossary gives and no source file uses as a word.
func staleWords(glossary: SourceFile, sources: [SourceFile]) -> [Finding] {
    var used: Set<Substring> = []
    for source in sources {
        used.formUnion(source.text.split { !($0.isLetter || $0.isNumber || $0 == "_") })
    }
    return codeNames(in: glossary).sorted().filter { !used.contains($0[...]) }
        .map { Finding(path: glossary.path, message: "\($0) is nowhere in the code") }
}
