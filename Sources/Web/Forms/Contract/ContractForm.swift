import Contracts
import Marketplace
import MoneyAndTime
import Storage
import StrictJSON

/// One round with the form by which a contract is written. The page holds the whole document, and
/// each of its fields is called by the place in it that it is about (RFC 6901): what is sent is
/// written into the document, and the document is read like every other.
struct ContractForm {
    /// What no form of ours sends.
    struct Malformed: Error {}

    private(set) var visitor: Visitor
    /// Where the form is, and where it is sent.
    let address: String
    var draft: ContractDraft
    var section: ContractSection
    /// The elements of lists whose fields are shown.
    var opened: [String] = []
    /// The place whose first field has the focus.
    var focus: String?
    /// A document that could not be read, as it was typed.
    var pasted: String?
    var errors = FieldErrors()
    /// What is wrong with what was pasted.
    private(set) var problem: Problem?

    /// A rule that is broken, and where.
    typealias Problem = (code: String, pointer: String)

    /// A form that was not sent yet.
    init(_ visitor: Visitor, _ address: String, _ document: JSON) {
        (self.visitor, self.address) = (visitor, address)
        draft = ContractDraft(document, shape: visitor.pages.contractShape)
        section = .parties
    }

    /// What was sent.
    init(sentTo address: String, _ visitor: Visitor) throws {
        let sent = visitor.request.form
        guard !sent.isCut, let text = sent.all("document").first,
            let document = try? JSON.parse(text), document.members != nil
        else { throw Malformed() }
        self.init(visitor, address, document)
        section = sent.text("section").flatMap(ContractSection.init) ?? .parties
        opened = sent.all("opened").filter { JSONPointer(reading: $0) != nil }
        let names = sent.names.filter { $0.hasPrefix("/") }
        do {
            // a text of a contract is one line, however many it was typed in
            let typed = names.map { name in
                (
                    name,
                    sent.all(name).map {
                        $0.split(whereSeparator: \.isNewline).joined(separator: " ")
                    }
                )
            }
            try draft.write(typed, as: Self.text(visitor.language))
        } catch {
            throw Malformed()
        }
        takeDocument()
    }

    /// How figures are written in the visitor's language.
    static func text(_ language: Language) -> FieldText {
        FieldText(hasDecimalComma: language != .english)
    }

    /// A file or a text in place of all that was written; what cannot be read stays as typed.
    private mutating func takeDocument() {
        let request = visitor.request
        let typed = request.form.all("pasted").first
        let file = request.file("file")
        guard let bytes = file ?? typed.map({ Array($0.utf8) }) else { return }
        do throws(ContractProblem) {
            let document = try ContractDraft.document(in: bytes)
            if document != draft.json { draft = draft.replaced(by: document) }
        } catch {
            pasted = file == nil ? typed : String(decoding: bytes, as: UTF8.self)
            problem = (error.rule.rawValue, error.pointer)
            section = .document
        }
    }

    // MARK: What the form's buttons do to it

    /// A button that changes the form and stays on it: a word, and the place that it is about.
    mutating func act(_ word: String, _ place: String) throws {
        do {
            switch word {
            case "section":
                guard let section = ContractSection(rawValue: place) else { throw Malformed() }
                self.section = section
            case "add":
                let added = try draft.add(place)
                opened.append(added)
                focus = added
            case "remove":
                try draft.remove(place)
                // The elements that come after it are now called otherwise.
                let list = place.prefix(upTo: place.lastIndex(of: "/") ?? place.startIndex)
                let isElement = JSON.index(String(place.dropFirst(list.count + 1))) != nil
                opened.removeAll { $0.hasPrefix(isElement ? "\(list)/" : "\(place)/") }
            case "open":
                opened.append(place)
                focus = place
            case "close": opened.removeAll { $0 == place }
            default: throw Malformed()
            }
        } catch is ContractDraft.NoSuchPlace {
            throw Malformed()
        }
    }

    /// The same in another language: what was typed was read in the one before.
    mutating func speak(_ language: Language) { visitor.language = language }

    /// All problems as the page shows them: first those of the part that is shown, each at its
    /// field, then those of others, each with its part. The part stays where it has one itself.
    mutating func show(_ found: [Problem]) {
        let labels = TermLabels(visitor)
        let places = found.map { JSONPointer(reading: $0.pointer)?.tokens ?? [] }
        let parts = places.map(ContractSection.of)
        if pasted == nil, !parts.contains(section), let first = parts.first { section = first }
        var elsewhere: [String] = []
        for ((problem, place), part) in zip(zip(found, places), parts) {
            let words = labels.problem(problem.code, at: problem.pointer, draft.shape)
            if pasted != nil || part == section {
                errors.add(section == .document ? "pasted" : field(of: place), words)
            } else {
                let name = visitor.say("contract_part_\(part.rawValue)")
                elsewhere.append(visitor.say("contract_form_elsewhere", words, name))
            }
        }
        for words in elsewhere { errors.add(nil, words) }
    }

    /// The field in which a place is written: an element of a plain list is written with its list.
    func field(of place: [String]) -> String {
        let list = Array(place.dropLast())
        let isInField = draft.shape.at(place) == nil && draft.shape.at(list)?.isLeaf == true
        return (isInField ? list : place).reduce(JSONPointer.root) { $0.appending($1) }.text
    }
}
