import MoneyAndTime
import Postgres

/// A row of `audit_fact`: who did what, for which organisation, on whose behalf.
package struct StoredAuditFact: Hashable, Sendable {
    package let id: Int64
    package let organisation: OrganisationID
    package let counterparty: OrganisationID?
    package let credential: CredentialID?
    package let member: MemberID?
    package let onBehalfOf: OrganisationID?
    package let operation: String
    package let subjectKind: String
    /// Of the kind that `subjectKind` says.
    package let subject: UInt128
    /// JSON, as the database writes it: the seal covers these very bytes.
    package let facts: String
    package let recordedAt: Instant

    package init(
        id: Int64, organisation: OrganisationID, counterparty: OrganisationID?,
        credential: CredentialID?, member: MemberID?, onBehalfOf: OrganisationID?,
        operation: String, subjectKind: String, subject: UInt128, facts: String,
        recordedAt: Instant
    ) {
        self.id = id
        self.organisation = organisation
        self.counterparty = counterparty
        self.credential = credential
        self.member = member
        self.onBehalfOf = onBehalfOf
        self.operation = operation
        self.subjectKind = subjectKind
        self.subject = subject
        self.facts = facts
        self.recordedAt = recordedAt
    }

    package init(row: Row) throws {
        self.init(
            id: try row.decode("id"), organisation: try row.decode("organisation"),
            counterparty: try row.decode("counterparty"),
            credential: try row.decode("credential"), member: try row.decode("member"),
            onBehalfOf: try row.decode("on_behalf_of"), operation: try row.decode("operation"),
            subjectKind: try row.decode("subject_kind"),
            subject: try row["subject", EventID.self].bits, facts: try row.decode("facts"),
            recordedAt: try row.decode("recorded_at"))
    }

    static let columns: Query = """
        id, organisation, counterparty, credential, member, on_behalf_of, operation, subject_kind,
            subject, facts::text as facts, recorded_at
        """
}

/// An audit fact as one organisation reads it: with its seal in that organisation's own chain.
package struct ListedAuditFact: Sendable {
    package let place: RecordPosition
    package let fact: StoredAuditFact
    /// Nil until the sealer came by.
    package let seal: AuditSeal?

    package init(row: Row) throws {
        place = try RecordPosition(row: row, position: "id")
        fact = try StoredAuditFact(row: row)
        seal = try row["number", Int64?.self] == nil ? nil : AuditSeal(row: row)
    }

    /// The caller's facts below the transaction horizon, oldest first.
    package static func page(after: RecordPosition?, limit: Int) -> Query {
        let facts = RecordPosition.page(
            StoredAuditFact.columns, of: "audit_fact", ordered: "id", after: after,
            limit: limit)
        return """
            select f.*, s.number, s.hash from (\(facts)) f
            left join audit_seal s on s.fact = f.id and s.organisation = current_organisation()
            order by f.xid, f.id
            """
    }
}

extension StoredAuditFact {
    /// A chain after one of its links, each fact with its `number` and `hash`; the caller's own,
    /// unless another is named.
    package static func links(
        of organisation: Query = "current_organisation()", after number: Int64, limit: Int
    ) -> Query {
        """
        select s.number, s.hash, f.* from audit_seal s
        join lateral (select \(columns) from audit_fact where id = s.fact) f on true
        where s.organisation = \(organisation) and s.number > \(number)
        order by s.number limit \(limit)
        """
    }
}

/// A place in an organisation's chain.
package struct AuditSeal: Hashable, Sendable {
    /// From 1, without a gap.
    package let number: Int64
    /// SHA-256 over the hash before (nothing before the first) and the fact's bytes.
    package let hash: [UInt8]

    package init(number: Int64, hash: [UInt8]) {
        self.number = number
        self.hash = hash
    }

    package init(row: Row) throws {
        self.init(number: try row.decode("number"), hash: try row.decode("hash"))
    }

    /// A link of the caller's own chain; no row where there is none of this number.
    package static func find(_ number: Int64) -> Query {
        """
        select number, hash from audit_seal
        where organisation = current_organisation() and number = \(number)
        """
    }

    /// The newest link of the caller's own chain.
    package static let newest: Query = """
        select number, hash from audit_seal where organisation = current_organisation()
        order by number desc limit 1
        """

    /// Numbers and hashes what lies below the transaction horizon, at most so many facts; returns
    /// `sealed`, how many it were. Acts for all organisations.
    package static func sealNext(_ most: Int32) -> Query {
        "select seal_audit(\(most)) as sealed"
    }
}
