import Foundation
import MoneyAndTime

/// The fields of a form, or of a query: `application/x-www-form-urlencoded`, as the URL standard
/// of WHATWG (§5) reads it. It has no description, so that nothing typed reaches a log.
package struct FormFields: Sendable {
    /// More fields than any form of ours has.
    static let most = 2_000

    private let values: [String: [String]]
    /// Whether there were more than are read.
    let isCut: Bool

    package init(_ bytes: some Sequence<UInt8>) {
        var values: [String: [String]] = [:]
        let pairs = Array(bytes).split(separator: UInt8(ascii: "&"))
        isCut = pairs.count > Self.most
        for pair in pairs.prefix(Self.most) {
            let halves = pair.split(
                separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            guard let key = halves.first.flatMap(Self.decode),
                let value = Self.decode(halves.count > 1 ? halves[1] : [])
            else { continue }
            values[key, default: []].append(value)
        }
        self.values = values
    }

    /// What a form would send that is filled in already.
    init(filled values: [String: [String]]) {
        self.values = values
        isCut = false
    }

    /// The fields of a form with a file; the files are not among them.
    init(_ form: MultipartForm) {
        var values: [String: [String]] = [:]
        for part in form.parts where !part.isFile {
            values[part.name, default: []].append(String(decoding: part.content, as: UTF8.self))
        }
        self.values = values
        isCut = false
    }

    /// What was typed, without the white space around it; nil when it is nothing. Lines end as
    /// they do elsewhere, and what no key types and nobody sees, such as a form feed of something
    /// pasted, is left out.
    package func text(_ name: String) -> String? {
        guard let value = values[name]?.first else { return nil }
        let seen = value.replacing("\r\n", with: "\n").unicodeScalars.filter(\.isReadable)
        let trimmed = String(String.UnicodeScalarView(seen))
            .trimmingCharacters(in: .whitespacesAndNewlines)
        return trimmed.isEmpty ? nil : trimmed
    }

    /// Every value of a name that may come more than once, as of check boxes.
    package func all(_ name: String) -> [String] { values[name, default: []] }

    /// In no order.
    var names: some Sequence<String> { values.keys }

    private static func decode(_ bytes: ArraySlice<UInt8>) -> String? {
        let spaced = bytes.map { $0 == UInt8(ascii: "+") ? UInt8(ascii: " ") : $0 }
        return String(validating: spaced, as: UTF8.self)?.removingPercentEncoding
    }
}
