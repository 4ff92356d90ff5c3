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
    package private(set) var length: Int64 = 0
    /// The newest hash; empty before the first link.
    package private(set) var head: [UInt8] = []

    package init(of organisation: OrganisationID) {
        self.organisation = organisation
    }

    package mutating func extend(
        with fact: StoredAuditFact, _ seal: AuditSeal
    ) throws(AuditBreach) {
        guard seal.number == length + 1 else {
            throw .number(expected: length + 1, found: seal.number)
        }
        guard fact.organisation == organisation || fact.counterparty == organisation else {
            throw .foreignFact(number: seal.number)
        }
        guard Array(SHA256.hash(data: head + fact.sealedBytes)) == seal.hash else {
            throw .hash(number: seal.number)
        }
        length = seal.number
        head = seal.hash
    }
}

extension StoredAuditFact {
    /// The bytes that a seal covers, as SQL's `audit_bytes` has them: the fields joined by U+001F.
    package var sealedBytes: [UInt8] {
        let fields = [
            String(id), organisation.uuidString, counterparty?.uuidString ?? "",
            credential?.uuidString ?? "", member?.uuidString ?? "", onBehalfOf?.uuidString ?? "",
            operation, subjectKind, EventID(bits: subject).uuidString, facts,
            String(recordedAt.microseconds),
        ]
        return Array(fields.joined(separator: "\u{1f}").utf8)
    }
}
