/// What is looked for in the raw bytes before any parser sees them. On Linux `XMLParser` cannot
/// refuse a document type itself, so it must never meet one.
enum XMLGuard {
    /// The bytes without a byte order mark, or the reason why no parser may have them.
    static func check(
        _ bytes: [UInt8], maxBytes: Int
    ) throws(BankFileProblem) -> ArraySlice<UInt8> {
        guard bytes.count <= maxBytes else {
            throw BankFileProblem(.tooLarge(limit: maxBytes))
        }
        let body = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes.dropFirst(3) : bytes[...]
        guard body.contains(where: { !isSpace($0) }) else { throw BankFileProblem(.empty) }
        // UTF-16 and UTF-32 have zero bytes or a mark of 0xFE 0xFF, which UTF-8 never has.
        guard !body.contains(0), String(validating: body, as: UTF8.self) != nil else {
            throw BankFileProblem(.notUTF8)
        }
        // Anywhere, in any case, comments included: no bank writes these words.
        for word in ["<!doctype", "<!entity"] where contains(Array(word.utf8), in: body) {
            throw BankFileProblem(.documentType)
        }
        try checkDeclaration(body)
        return body
    }

    /// `<?xml … encoding="…"?>` names UTF-8 or nothing (XML 1.0 §4.3.3).
    private static func checkDeclaration(_ body: ArraySlice<UInt8>) throws(BankFileProblem) {
        let head = body.drop(while: isSpace)
        guard head.starts(with: Array("<?xml".utf8)) else { return }
        guard let end = head.firstIndex(of: UInt8(ascii: ">")) else { return }
        let declaration = String(decoding: head[..<end], as: UTF8.self).lowercased()
        guard let word = declaration.firstRange(of: "encoding") else { return }
        let value = declaration[word.upperBound...].drop { " \t\r\n=".contains($0) }
        guard let quote = value.first, quote == "\"" || quote == "'" else {
            throw BankFileProblem(.notUTF8, line: 1)
        }
        guard value.dropFirst().prefix(while: { $0 != quote }) == "utf-8" else {
            throw BankFileProblem(.notUTF8, line: 1)
        }
    }

    private static func isSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D
    }

    /// `word` is in lower case.
    private static func contains(_ word: [UInt8], in body: ArraySlice<UInt8>) -> Bool {
        guard let first = word.first else { return false }
        var rest = body
        while let start = rest.firstIndex(of: first) {
            let candidate = rest[start...].prefix(word.count)
            if candidate.map(lowercased) == word { return true }
            rest = rest[(start + 1)...]
        }
        return false
    }

    private static func lowercased(_ byte: UInt8) -> UInt8 {
        (0x41...0x5A).contains(byte) ? byte | 0x20 : byte
    }
}
