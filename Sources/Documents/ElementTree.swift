import Foundation
import FoundationXML

/// One element as it was read, with its place in the file for errors.
struct Element {
    let name: String
    let namespace: String
    /// The path from the root; elements of one name are counted from the second on.
    let path: String
    let line: Int
    let attributes: [String: String]
    fileprivate(set) var children: [Element] = []
    fileprivate(set) var text = ""

    /// The first element along a path of names such as `Acct/Id/IBAN`.
    func first(_ path: String) -> Element? {
        var found = self
        for name in path.split(separator: "/") {
            guard let next = found.children.first(where: { $0.name == name }) else { return nil }
            found = next
        }
        return found
    }

    func all(_ name: String) -> [Element] { children.filter { $0.name == name } }

    /// The text at a path without surrounding white space; `nil` when absent or empty.
    func text(_ path: String) -> String? {
        guard let text = first(path)?.trimmed, !text.isEmpty else { return nil }
        return text
    }

    var trimmed: String { Element.trim(text) }

    static func trim(_ text: String) -> String {
        let head = text.drop(while: \.isWhitespace)
        guard let last = head.lastIndex(where: { !$0.isWhitespace }) else { return "" }
        return String(head[...last])
    }

    func problem(_ reason: BankFileProblem.Reason) -> BankFileProblem {
        BankFileProblem(reason, place: path, line: line)
    }
}

/// What is taken out of a document while it is read, so that it is never in memory whole.
struct ElementPortions {
    /// Looks at the root before anything in it is taken.
    let begin: (Element) throws(BankFileProblem) -> Void
    /// The name of the elements that are taken, and how deep they stand; the root is at 1.
    let name: String
    let depth: Int
    /// Takes the next one, and the place of its parent among those of the parent's name, from 1.
    /// It is not in the tree afterwards.
    let take: (Element, Int) throws(BankFileProblem) -> Void
}

/// Reads a document into elements. Only bytes that passed `XMLGuard` may come here.
enum ElementTree {
    static let maxDepth = 64
    /// What one file may make the server hold: so many elements at once, portions that were taken
    /// not counted, each with a path of at most so many bytes.
    static let maxElements = 500_000
    static let maxPath = 500

    static func read(
        _ bytes: ArraySlice<UInt8>, portions: ElementPortions? = nil
    ) throws(BankFileProblem) -> Element {
        let reader = ElementReader(portions)
        let parser = XMLParser(data: Data(bytes))
        parser.shouldProcessNamespaces = true
        parser.shouldResolveExternalEntities = false
        parser.delegate = reader
        let finished = parser.parse()
        if let problem = reader.problem { throw problem }
        // Where more follows the root, the parser says that it finished, and has an error all the
        // same: half of a file must not pass for the whole.
        guard finished, parser.parserError == nil, let root = reader.root else {
            let words = parser.parserError.map { "\($0)" } ?? "no element"
            throw BankFileProblem(
                .malformed(words), place: reader.path, line: max(parser.lineNumber, 0))
        }
        return root
    }
}

/// Builds the tree from the parser's calls.
private final class ElementReader: NSObject, XMLParserDelegate {
    private(set) var root: Element?
    private(set) var problem: BankFileProblem?
    private let portions: ElementPortions?
    private var open: [Element] = []
    /// How many children of each name the open elements have so far.
    private var seen: [[String: Int]] = []
    /// How many elements there were before each open one, and are now.
    private var before: [Int] = []
    private var held = 0

    init(_ portions: ElementPortions?) {
        self.portions = portions
    }

    var path: String { open.last?.path ?? "" }

    func parser(
        _ parser: XMLParser, didStartElement name: String, namespaceURI: String?,
        qualifiedName: String?, attributes: [String: String]
    ) {
        guard open.count < ElementTree.maxDepth else {
            problem = BankFileProblem(
                .tooDeep(limit: ElementTree.maxDepth), place: path, line: parser.lineNumber)
            return parser.abortParsing()
        }
        let step = step(name)
        guard path.utf8.count + step.utf8.count < ElementTree.maxPath,
            held < ElementTree.maxElements
        else {
            problem = BankFileProblem(
                .malformed("more elements, or longer names of them, than a file may have"),
                place: path, line: parser.lineNumber)
            return parser.abortParsing()
        }
        let element = Element(
            name: name, namespace: namespaceURI ?? "",
            path: open.isEmpty ? step : "\(path)/\(step)", line: parser.lineNumber,
            attributes: attributes)
        before.append(held)
        held += 1
        if open.isEmpty, let portions {
            attempt(parser) { () throws(BankFileProblem) in try portions.begin(element) }
        }
        open.append(element)
        seen.append([:])
    }

    private func attempt(_ parser: XMLParser, _ step: () throws(BankFileProblem) -> Void) {
        guard problem == nil else { return }
        do throws(BankFileProblem) { try step() } catch {
            problem = error
            parser.abortParsing()
        }
    }

    /// Counted beside the tree: to count the children again for each is quadratic.
    private func step(_ name: String) -> String {
        guard !seen.isEmpty else { return name }
        let number = seen[seen.count - 1][name, default: 0] + 1
        seen[seen.count - 1][name] = number
        return number == 1 ? name : "\(name)[\(number)]"
    }

    func parser(_ parser: XMLParser, foundCharacters text: String) {
        guard !open.isEmpty else { return }
        open[open.count - 1].text += text
    }

    func parser(_ parser: XMLParser, foundCDATA block: Data) {
        guard !open.isEmpty else { return }
        open[open.count - 1].text += String(decoding: block, as: UTF8.self)
    }

    func parser(
        _ parser: XMLParser, didEndElement name: String, namespaceURI: String?,
        qualifiedName: String?
    ) {
        guard let done = open.popLast(), let earlier = before.popLast() else { return }
        seen.removeLast()
        if open.isEmpty {
            root = done
        } else if let portions, open.count == portions.depth - 1, done.name == portions.name {
            let parent = open[open.count - 1].name
            let place = open.count > 1 ? seen[open.count - 2][parent] ?? 1 : 1
            held = earlier
            attempt(parser) { () throws(BankFileProblem) in try portions.take(done, place) }
        } else {
            open[open.count - 1].children.append(done)
        }
    }
}
