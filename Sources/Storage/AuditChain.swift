import Crypto
import MoneyAndTime

/// Why an organisation's audit chain is not what was once sealed.
package enum AuditBreach: Error, Hashable, Sendable {
    /// A link is missing, or is there twice.
    case number(expected: Int64, found: Int64)
    /// The fact, or one before it, was changed.
    case hash(number: Int64)
    /// A fact that concerns other organisations only.
    case foreignFact(number: Int64)
    /// The fact is older than the newest sealed one, and not in the chain.
    case unsealed(fact: Int64)
}

/// The chain of one organisation, checked link by link (invariant 28): the same computation as
/// `seal_audit`, so that what the database sealed is not believed but computed again.
package struct AuditChain: Sendable {
    package let organisation: OrganisationID
    package private(set) var length: Int64
    /// The newest hash; empty before the first link.
    package private(set) var head: [UInt8]

    /// `after` is the link that it goes on from: nil for the beginning.
    package init(of organisation: OrganisationID, after: AuditSeal? = nil) {
        self.organisation = organisation
        length = after?.number ?? 0
        head = after?.hash ?? []
    }

    package mutating func extend(
        with fact: StoredAuditFact, _ seal: AuditSeal
    ) throws(AuditBreach) {
        try extend(with: fact.sealedFields, seal)
    }

    /// `fields` are those of a fact, as `StoredAuditFact.sealedFields` has them.
    package mutating func extend(
        with fields: [String], _ seal: AuditSeal
    ) throws(AuditBreach) {
        guard seal.number == length + 1 else {
            throw .number(expected: length + 1, found: seal.number)
        }
        guard fields.count > 2, fields[1...2].contains(organisation.uuidString) else {
            throw .foreignFact(number: seal.number)
        }
        let bytes = Array(fields.joined(separator: "\u{1f}").utf8)
        guard Array(SHA256.hash(data: head + bytes)) == seal.hash else {
            throw .hash(number: seal.number)
        }
        length = seal.number
        head = seal.hash
    }
}

extension StoredAuditFact {
    /// What a seal covers, as SQL's `audit_bytes` has it once the fields are joined by U+001F: the
    /// second and third are the organisations that the fact concerns.
    package var sealedFields: [String] {
        [
            String(id), organisation.uuidString, counterparty?.uuidString ?? "",
            credential?.uuidString ?? "", member?.uuidString ?? "", onBehalfOf?.uuidString ?? "",
            operation, subjectKind, EventID(bits: subject).uuidString, facts,
            String(recordedAt.microseconds),
        ]
    }
}
