import MoneyAndTime
import Postgres
import Storage
import StrictJSON

// Who did what, for which organisation, on whose behalf and why (invariant 28).

extension Market {
    /// Oldest first, each with its place in the caller's own chain.
    package func listAuditFacts(
        _ request: Request, page: Page<RecordPosition>
    ) async throws -> Answer {
        let rows = try await read(
            request, ListedAuditFact.page(after: page.after, limit: page.limit + 1))
        return try .records(
            rows.map(ListedAuditFact.init(row:)), page: page, place: \.place,
            item: { try $0.json })
    }

    /// Seals what waits, at most so many facts, for all organisations; returns how many it were.
    /// The worker's: nobody enters.
    package func sealAudit(most: Int32) async throws -> Int {
        try await asRefusals {
            try await database.write([AuditSeal.sealNext(most)]).only()["sealed", Int.self]
        }
    }
}

extension ListedAuditFact {
    fileprivate var json: JSON {
        get throws {
            [
                "fact": JSON(fact.id),
                "operation": JSON(fact.operation),
                "subject_kind": JSON(fact.subjectKind),
                "subject": JSON(
                    SubjectKind.identifier(of: fact.subject, kind: fact.subjectKind)),
                "organisation": JSON(fact.organisation.description),
                "counterparty": JSON(fact.counterparty?.description),
                "credential": JSON(fact.credential?.description),
                "member": JSON(fact.member?.description),
                "on_behalf_of": JSON(fact.onBehalfOf?.description),
                "facts": try JSON.parse(fact.facts),
                "recorded_at": JSON(fact.recordedAt.rfc3339),
                "seal": seal.map { seal in
                    ["number": JSON(seal.number), "hash": JSON(seal.hexadecimal)]
                } ?? .null,
            ]
        }
    }
}

extension AuditSeal {
    /// 64 digits, lower case.
    package var hexadecimal: String { hash.hexadecimal }
}
