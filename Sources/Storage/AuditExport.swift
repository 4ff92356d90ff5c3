import MoneyAndTime
import StrictJSON

/// One organisation's audit facts as it takes them home: lines of JSON (a portion of them in each
/// file), from which anyone computes the chain again without the market. `docs/audit.md` has the
/// layout.
package enum AuditExport {
    /// So many facts at most are in one portion.
    package static let mostFacts = 10_000

    /// The first line: whose facts follow, and which link they go on from.
    package static func beginning(
        of organisation: OrganisationID, named name: String, after: AuditSeal?
    ) -> JSON {
        [
            "kind": "organisation", "version": 1, "organisation": JSON(organisation.description),
            "name": JSON(name), "after": JSON(after?.number ?? 0),
            "hash": JSON(after?.hash.hexadecimal),
        ]
    }

    /// A fact, and its link of the chain.
    package static func line(of fact: StoredAuditFact, _ seal: AuditSeal) -> JSON {
        [
            "kind": "fact", "number": JSON(seal.number), "hash": JSON(seal.hash.hexadecimal),
            "fields": .array(fact.sealedFields.map { JSON($0) }),
        ]
    }

    /// That the link before this line is under a published root.
    package static func line(of head: StoredAuditHead) -> JSON {
        [
            "kind": "checkpoint", "number": JSON(head.seal.number), "place": JSON(head.place),
            "path": .array(head.path.map { JSON($0.hexadecimal) }), "jws": head.signed.jws,
        ]
    }
}

/// Why an exported file is not what its organisation's chain was.
package enum AuditExportProblem: Error, Hashable, Sendable, CustomStringConvertible {
    /// Not a line of an export; what was expected.
    case malformed(String)
    /// Facts of another organisation, or after another link, than the lines before.
    case otherChain
    case breach(AuditBreach)
    /// The signed root is not that of the link.
    case notUnderRoot(checkpoint: Int64)

    package var description: String {
        switch self {
        case .malformed(let expected): "not a line of an audit export: \(expected)"
        case .otherChain: "what follows does not go on from the line before"
        case .breach(.number(let expected, let found)):
            "link \(expected) is missing: link \(found) is there"
        case .breach(.hash(let number)): "link \(number), or one before it, was changed"
        case .breach(.foreignFact(let number)):
            "link \(number) is of a fact that does not concern the organisation"
        case .breach(.unsealed(let fact)): "the fact \(fact) is in no link"
        case .notUnderRoot(let number): "checkpoint \(number) does not cover the link before it"
        }
    }
}

/// Reads exported lines, one after the other, and computes the chain again; it keeps only where it
/// stands.
package struct AuditExportReading: Sendable {
    /// A head whose way leads to the root that the market signed.
    package struct Published: Sendable {
        package let seal: AuditSeal
        package let signed: SignedAuditCheckpoint
    }

    package private(set) var name = ""
    /// Nil before the first line.
    package private(set) var chain: AuditChain?
    /// The first link that was there.
    package private(set) var first: Int64 = 0
    package private(set) var published: [Published] = []

    package init() {}

    package mutating func take(_ line: [UInt8]) throws(AuditExportProblem) {
        guard let json = try? JSON.parse(line), let kind = json["kind"]?.text else {
            throw .malformed("an object with a kind")
        }
        switch kind {
        case "organisation": try begin(json)
        case "fact": try extend(json)
        case "checkpoint": try publish(json)
        default: throw .malformed("kind is organisation, fact or checkpoint")
        }
    }

    private mutating func begin(_ json: JSON) throws(AuditExportProblem) {
        guard json["version"]?.integer == 1,
            let organisation = json["organisation"]?.text.flatMap({
                try? OrganisationID(typeID: $0)
            }), let name = json["name"]?.text, let number = json["after"]?.integer, number >= 0
        else { throw .malformed("version 1, an organisation, its name, and after") }
        let hash = json["hash"]?.text.flatMap([UInt8].init(hexadecimal:))
        guard (hash?.count == 32) == (number > 0) else {
            throw .malformed("hash is that of the link named by after")
        }
        if let chain {
            guard chain.organisation == organisation, chain.length == number,
                chain.head == hash ?? []
            else { throw .otherChain }
            return
        }
        self.name = name
        first = number + 1
        chain = AuditChain(
            of: organisation, after: hash.map { AuditSeal(number: number, hash: $0) })
    }

    private mutating func extend(_ json: JSON) throws(AuditExportProblem) {
        guard chain != nil else { throw .malformed("the first line says whose facts these are") }
        let fields = json["fields"]?.elements?.compactMap(\.text)
        guard let number = json["number"]?.integer,
            let hash = json["hash"]?.text.flatMap([UInt8].init(hexadecimal:)),
            let fields, fields.count == 11, json["fields"]?.elements?.count == 11,
            // joined, they could be read in one way only
            !fields.contains(where: { $0.contains("\u{1f}") })
        else { throw .malformed("a fact has number, hash, and eleven fields of text") }
        do throws(AuditBreach) {
            try chain?.extend(with: fields, AuditSeal(number: number, hash: hash))
        } catch {
            throw .breach(error)
        }
    }

    private mutating func publish(_ json: JSON) throws(AuditExportProblem) {
        let elements = json["path"]?.elements
        let path = elements?.compactMap { $0.text.flatMap([UInt8].init(hexadecimal:)) }
        guard let jws = json["jws"], let signed = try? SignedAuditCheckpoint(jws: jws),
            let place = json["place"]?.integer.flatMap(Int.init(exactly:)),
            let path, path.count == elements?.count
        else { throw .malformed("a checkpoint has place, path, and a JWS") }
        guard let chain, let number = json["number"]?.integer, chain.length == number, number > 0
        else { throw .malformed("a checkpoint follows the link that it covers") }
        let seal = AuditSeal(number: number, hash: chain.head)
        let root = AuditTree.root(
            of: AuditTree.Head(organisation: chain.organisation, seal: seal), at: place,
            of: signed.checkpoint.leaves, by: path)
        guard root == signed.checkpoint.root else {
            throw .notUnderRoot(checkpoint: signed.checkpoint.number)
        }
        published.append(Published(seal: seal, signed: signed))
    }
}
