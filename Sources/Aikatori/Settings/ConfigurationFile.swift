import Foundation

/// A file of KEY=VALUE lines, strictly read: a key that is no setting is a mistake, and not a
/// thing to overlook.
package struct ConfigurationFile: Sendable {
    package struct Entry: Hashable, Sendable {
        package let value: String
        /// The file and its line, `var/aikatori.conf:3`.
        package let place: String
    }

    package let entries: [String: Entry]

    /// Blank lines and lines that begin with # are left out; a value may stand in quotes.
    package init(path: String, text: String) throws(SettingProblem) {
        var entries: [String: Entry] = [:]
        let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        for (index, line) in lines.enumerated() {
            let place = "\(path):\(index + 1)"
            let line = line.trimmingCharacters(in: .whitespaces)
            if line.isEmpty || line.hasPrefix("#") { continue }
            guard let equals = line.firstIndex(of: "=") else {
                throw SettingProblem("\(place): a line must be KEY=VALUE, or begin with #")
            }
            let key = line[..<equals].trimmingCharacters(in: .whitespaces)
            guard Setting.named(key) != nil else {
                throw SettingProblem(
                    "\(place): \(key) is no setting; `aikatori serve --help` lists them")
            }
            guard entries[key] == nil else {
                throw SettingProblem("\(place): \(key) is there twice")
            }
            let value = line[line.index(after: equals)...].trimmingCharacters(in: .whitespaces)
            entries[key] = Entry(value: Self.unquoted(value), place: place)
        }
        self.entries = entries
    }

    /// The file asked for, which must be there; else the first of the usual ones that is.
    package static func find(
        asked: String?, folder: String
    ) throws(SettingProblem) -> ConfigurationFile? {
        if let asked {
            guard let file = try read(asked) else {
                throw SettingProblem("the configuration file \(asked) cannot be read")
            }
            return file
        }
        for path in ["\(folder)/aikatori.conf", "/etc/aikatori.conf"] {
            if FileManager.default.fileExists(atPath: path) {
                guard let file = try read(path) else {
                    throw SettingProblem("the configuration file \(path) cannot be read")
                }
                return file
            }
        }
        return nil
    }

    /// Nil when there is no such file, or it is no text.
    private static func read(_ path: String) throws(SettingProblem) -> ConfigurationFile? {
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { return nil }
        return try ConfigurationFile(path: path, text: text)
    }

    private static func unquoted(_ value: String) -> String {
        guard value.count >= 2, let first = value.first, first == value.last,
            first == "\"" || first == "'"
        else { return value }
        return String(value.dropFirst().dropLast())
    }
}
