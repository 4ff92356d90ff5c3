/// A form with a file, `multipart/form-data` (RFC 7578, RFC 2046 §5.1): what browsers and the usual
/// clients send, and nothing else. Whatever is not exactly that is refused. A file's own name is
/// not kept, so that it can never become a path.
package struct MultipartForm: Hashable, Sendable {
    package struct Part: Hashable, Sendable {
        /// The field's name: letters, digits, `-` and `_`.
        package let name: String
        package let isFile: Bool
        package let content: [UInt8]

        package init(name: String, isFile: Bool, content: [UInt8]) {
            self.name = name
            self.isFile = isFile
            self.content = content
        }
    }

    /// Why a body is none.
    package enum Problem: Error, Hashable, Sendable {
        /// The content type names no boundary, or one that cannot be.
        case boundary
        /// Between the parts, or after the last, stands something else.
        case delimiter
        case header
        /// No `form-data` with a name of ours.
        case disposition
        case tooManyParts
        case headerTooLong
        case textTooLong
        case notUTF8
    }

    package static let mostParts = 20
    /// Of one part, in bytes: room for a file name of 255 characters, each percent-encoded.
    package static let longestHeader = 4_096
    package static let longestName = 64
    /// Of a field that is no file, in bytes: one may hold a whole document.
    package static let longestText = 1_048_576
    /// RFC 2046 §5.1.1.
    static let longestBoundary = 70

    package let parts: [Part]

    package init(_ body: [UInt8], contentType: String) throws(Problem) {
        guard let boundary = Self.boundary(in: contentType) else { throw .boundary }
        var rest = body[...]
        guard rest.take("--\(boundary)") else { throw .delimiter }
        let delimiter = Array("\r\n--\(boundary)".utf8)
        var parts: [Part] = []
        while !rest.take("--") {
            guard rest.take("\r\n") else { throw .delimiter }
            guard parts.count < Self.mostParts else { throw .tooManyParts }
            guard let end = rest.firstPlace(of: delimiter) else { throw .delimiter }
            var content = rest[..<end]
            let head = try Self.header(&content)
            if !head.isFile {
                guard content.count <= Self.longestText else { throw .textTooLong }
                guard String(validating: content, as: UTF8.self) != nil else { throw .notUTF8 }
            }
            parts.append(Part(name: head.name, isFile: head.isFile, content: Array(content)))
            rest = rest[(end + delimiter.count)...]
        }
        guard rest.isEmpty || rest.elementsEqual("\r\n".utf8) else { throw .delimiter }
        self.parts = parts
    }
}

// MARK: - The content type

extension MultipartForm {
    /// Whether a content type is one that this reads; then it must be well-formed.
    package static func isNamed(in contentType: String) -> Bool {
        let type = contentType.prefix { $0 != ";" }
        return type.trimmed.lowercased() == "multipart/form-data"
    }

    /// The boundary, the one parameter that a content type of a form has (RFC 7578 §4.1).
    private static func boundary(in contentType: String) -> String? {
        let halves = contentType.split(
            separator: ";", maxSplits: 1, omittingEmptySubsequences: false)
        guard halves.count == 2, isNamed(in: contentType) else { return nil }
        let parameter = halves[1].trimmed
        guard parameter.prefix(9).lowercased() == "boundary=" else { return nil }
        var value = parameter.dropFirst(9)
        if value.first == "\"" {
            guard value.count > 1, value.last == "\"" else { return nil }
            value = value.dropFirst().dropLast()
        }
        guard (1...longestBoundary).contains(value.utf8.count),
            value.utf8.allSatisfy(isBoundaryByte)
        else { return nil }
        return String(value)
    }

    private static func isBoundaryByte(_ byte: UInt8) -> Bool {
        isNameByte(byte) || "'()+,./:=?".utf8.contains(byte)
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "-"), UInt8(ascii: "_"):
            true
        default: false
        }
    }
}

// MARK: - The header of a part

extension MultipartForm {
    /// Reads the lines up to the empty one, and leaves what comes after it.
    private static func header(
        _ rest: inout ArraySlice<UInt8>
    ) throws(Problem) -> (name: String, isFile: Bool) {
        let end = Array("\r\n\r\n".utf8)
        let window = rest.prefix(longestHeader + end.count)
        guard let place = window.firstPlace(of: end) else {
            throw rest.count > longestHeader ? .headerTooLong : .header
        }
        let bytes = rest[..<place]
        rest = rest[(place + end.count)...]
        guard let text = String(validating: bytes, as: UTF8.self) else { throw .notUTF8 }
        var found: (name: String, isFile: Bool)?
        for line in text.split(separator: "\r\n", omittingEmptySubsequences: false) {
            guard let mark = line.firstIndex(of: ":"), mark > line.startIndex,
                line[..<mark].utf8.allSatisfy(isNameByte),
                !line.utf8.contains(where: { $0 < 0x20 && $0 != 0x09 || $0 == 0x7F })
            else { throw .header }
            let value = line[line.index(after: mark)...].trimmed
            switch line[..<mark].lowercased() {
            case "content-disposition":
                guard found == nil, let named = disposition(value) else { throw .disposition }
                found = named
            case "content-transfer-encoding":
                // What browsers do not send; any other would have to be decoded (RFC 7578 §4.7).
                guard ["7bit", "8bit", "binary"].contains(value.lowercased()) else {
                    throw .header
                }
            default: break
            }
        }
        guard let found else { throw .disposition }
        return found
    }

    /// `form-data; name="…"`, and then a file name or nothing. What the file name is does not
    /// matter here.
    private static func disposition(_ value: Substring) -> (name: String, isFile: Bool)? {
        let kind = value.prefix { $0 != ";" }
        guard kind.trimmed.lowercased() == "form-data" else { return nil }
        let rest = value.dropFirst(kind.count + 1).trimmed
        guard rest.prefix(6).lowercased() == "name=\"" else { return nil }
        let quoted = rest.dropFirst(6)
        let name = quoted.prefix { $0 != "\"" }
        guard (1...longestName).contains(name.utf8.count), name.utf8.allSatisfy(isNameByte),
            name.endIndex < quoted.endIndex
        else { return nil }
        let more = quoted[name.endIndex...].dropFirst().trimmed
        if more.isEmpty { return (String(name), false) }
        guard more.first == ";" else { return nil }
        let file = more.dropFirst().trimmed.lowercased()
        guard file.hasPrefix("filename=") || file.hasPrefix("filename*=") else { return nil }
        return (String(name), true)
    }
}

extension StringProtocol {
    /// Without the blanks and tabs around it.
    fileprivate var trimmed: SubSequence {
        var text = self[...]
        while let first = text.first, first == " " || first == "\t" { text = text.dropFirst() }
        while let last = text.last, last == " " || last == "\t" { text = text.dropLast() }
        return text
    }
}

extension ArraySlice<UInt8> {
    /// Removes these bytes from the front, where they are.
    fileprivate mutating func take(_ text: String) -> Bool {
        guard starts(with: text.utf8) else { return false }
        self = dropFirst(text.utf8.count)
        return true
    }

    /// Where a sequence of bytes, which begins with a byte that it has once, first stands.
    fileprivate func firstPlace(of wanted: [UInt8]) -> Int? {
        var from = startIndex
        while let place = self[from...].firstIndex(of: wanted[0]) {
            if self[place...].starts(with: wanted) { return place }
            from = place + 1
        }
        return nil
    }
}
