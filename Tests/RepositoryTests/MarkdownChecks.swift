/// A document in Markdown: its links and the anchors of its headings.
struct MarkdownDocument {
    struct Link: Equatable {
        let line: Int
        let target: String
    }

    let path: String
    private(set) var links: [Link] = []
    private(set) var anchors: Set<String> = []

    init(_ file: SourceFile) {
        path = file.path
        var fenced = false
        for (number, line) in file.lines.enumerated() {
            if line.drop(while: { $0 == " " }).hasPrefix("```") {
                fenced.toggle()
            } else if !fenced {
                let text = Self.withoutCode(line)
                links += text.matches(of: /\]\(([^)\s]+)\)/).map {
                    Link(line: number + 1, target: String($0.1))
                }
                if let heading = line.wholeMatch(of: /#{1,6} +(.+)/) {
                    addAnchor(heading.1)
                }
            }
        }
    }

    /// The anchor that a heading gets on the common forges: lower case, punctuation dropped,
    /// spaces as hyphens, a number after one that was there before.
    private mutating func addAnchor(_ heading: Substring) {
        let slug = String(
            heading.lowercased().compactMap { character in
                if character == " " { return "-" }
                let kept = character.isLetter || character.isNumber || "-_".contains(character)
                return kept ? character : nil
            })
        var anchor = slug
        var count = 0
        while anchors.contains(anchor) {
            count += 1
            anchor = "\(slug)-\(count)"
        }
        anchors.insert(anchor)
    }

    private static func withoutCode(_ line: Substring) -> String {
        line.split(separator: "`", omittingEmptySubsequences: false).enumerated()
            .map { $0.offset.isMultiple(of: 2) ? String($0.element) : "`" }.joined()
    }

    /// The path from the root that `target` names, and its anchor; nil for an outside address.
    func resolve(_ target: String) -> (path: String, anchor: String?)? {
        guard target.wholeMatch(of: /[a-z]+:.*/) == nil else { return nil }
        let parts = target.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
        let anchor = parts.count == 2 ? String(parts[1]) : nil
        guard let file = parts.first, !file.isEmpty else { return (path, anchor) }
        var steps = file.hasPrefix("/") ? [] : path.split(separator: "/").dropLast()
        for step in file.split(separator: "/") {
            switch step {
            case ".": continue
            case "..": _ = steps.popLast()
            default: steps.append(step)
            }
        }
        return (steps.joined(separator: "/"), anchor)
    }
}

/// Links that lead nowhere. `paths` are all paths of the project, folders with a slash at the end.
func linkFindings(in documents: [MarkdownDocument], paths: Set<String>) -> [Finding] {
    let known = Dictionary(uniqueKeysWithValues: documents.map { ($0.path, $0.anchors) })
    return documents.flatMap { document in
        document.links.compactMap { link -> Finding? in
            guard let (path, anchor) = document.resolve(link.target) else { return nil }
            let message: String
            if !paths.contains(path), !paths.contains(path + "/") {
                message = "\(link.target) is not there"
            } else if let anchor, let anchors = known[path], !anchors.contains(anchor) {
                message = "\(path) has no heading for #\(anchor)"
            } else {
                return nil
            }
            return Finding(path: document.path, line: link.line, message: message)
        }
    }
}

/// Documents that no chain of links from `start` reaches. A link to a folder reaches what is in it.
func unreachable(from start: String, in documents: [MarkdownDocument]) -> [Finding] {
    let byPath = Dictionary(uniqueKeysWithValues: documents.map { ($0.path, $0) })
    var reached: Set<String> = []
    var waiting = [start]
    while let path = waiting.popLast() {
        guard let document = byPath[path], reached.insert(path).inserted else { continue }
        for (target, _) in document.links.compactMap({ document.resolve($0.target) }) {
            waiting.append(target)
            waiting += byPath.keys.filter { $0.hasPrefix(target + "/") }
        }
    }
    return documents.filter { !reached.contains($0.path) }
        .map { Finding(path: $0.path, message: "no link from \(start) leads here") }
}
