import Contracts
import Crypto
import MoneyAndTime
import Postgres
import Storage
import StrictJSON

// The heads of all audit chains, signed and published, and one organisation's chain to take home
// (invariant 28).

extension Market {
    /// Signs where all chains stand, if the last time was `every` ago and something was sealed
    /// since; returns whether it did. The worker's: nobody enters.
    package func publishAuditCheckpoint(every: Duration) async throws -> Bool {
        let key = try auditKey()
        return try await asRefusals {
            try await database.transaction { transaction in
                let due = try await transaction.query(
                    StoredAuditCheckpoint.due(everySeconds: every.components.seconds)
                ).atMostOne()
                guard let due else { return false }
                let heads = try await transaction.query(StoredAuditCheckpoint.heads)
                guard let tree = AuditTree(try heads.map(AuditTree.Head.init(row:))) else {
                    return false
                }
                let signed = try SignedAuditCheckpoint(
                    AuditCheckpoint(
                        number: due.decode("number"), madeAt: due.decode("made_at"),
                        leaves: tree.heads.count, root: tree.root,
                        previous: due.decode("previous")),
                    by: key)
                try await transaction.query(
                    StoredAuditCheckpoint.publish(
                        signed, over: tree, by: key.verifyingKey,
                        sealedTo: due.decode("sealed_to")))
                return true
            }
        }
    }

    /// Newest first. They are anyone's to read, so nobody enters.
    package func listAuditCheckpoints(page: Page<CheckpointNumber>) async throws -> Answer {
        try await asRefusals {
            let rows = try await database.read([
                StoredAuditCheckpoint.page(before: page.after?.number, limit: page.limit + 1)
            ])
            return try .page(
                rows.map(StoredAuditCheckpoint.init(row:)), limit: page.limit,
                cursor: { String($0.signed.checkpoint.number) }, item: { $0.signed.json })
        }
    }

    /// A portion of the caller's own chain as lines of JSON: the facts after a link, and the newest
    /// checkpoint that covers one of them.
    package func exportAudit(
        _ request: Request, after number: Int64, limit: Int
    ) async throws -> Document {
        try await view(request) { transaction, caller in
            let before = try await transaction.query(AuditSeal.find(number)).atMostOne()
                .map(AuditSeal.init(row:))
            guard number == 0 || before != nil else { throw Refusal(.notFound) }
            let own = try await transaction.query(StoredOrganisation.own).only()
            var lines = [
                AuditExport.beginning(
                    of: caller.organisation, named: try own.decode("name"), after: before)
            ]
            let rows = try await transaction.query(
                StoredAuditFact.links(after: number, limit: limit))
            let facts = try rows.map { (try StoredAuditFact(row: $0), try AuditSeal(row: $0)) }
            let last = facts.last?.1.number ?? number
            let head = try await newestHead(from: number + 1, to: last, in: transaction)
            for (fact, seal) in facts {
                lines.append(AuditExport.line(of: fact, seal))
                if let head, head.seal.number == seal.number {
                    lines.append(AuditExport.line(of: head))
                }
            }
            return Document(
                bytes: Array(lines.map { $0.write() + [0x0a] }.joined()),
                mediaType: "application/x-ndjson", fileName: "audit-\(number + 1)-\(last).ndjson")
        }
    }

    /// How far the caller's own chain goes, and what of it is published.
    package func auditStanding(_ request: Request) async throws -> AuditStanding {
        try await view(request) { transaction, _ in
            let newest = try await transaction.query(AuditSeal.newest).atMostOne()
                .map { try $0["number", Int64.self] }
            return AuditStanding(
                sealed: newest ?? 0,
                published: try await newestHead(from: 1, to: newest ?? 0, in: transaction))
        }
    }

    private func newestHead(
        from first: Int64, to last: Int64, in transaction: Transaction
    ) async throws -> StoredAuditHead? {
        guard first <= last else { return nil }
        return try await transaction.query(StoredAuditHead.newest(among: first...last))
            .atMostOne().map(StoredAuditHead.init(row:))
    }

    private func auditKey() throws -> SigningKey {
        try SigningKey(seed: keys.audit.withUnsafeBytes { Array($0) })
    }
}

package struct AuditStanding: Sendable {
    /// How many facts are in the chain.
    package let sealed: Int64
    /// The newest published head; nil before the first.
    package let published: StoredAuditHead?
}

/// A place in the list of checkpoints.
package struct CheckpointNumber: Hashable, Sendable {
    package let number: Int64

    package init(cursor text: String) throws {
        guard let number = Int64(text), String(number) == text else {
            throw InvalidInput(
                pointer: "/cursor", code: "pattern", message: "not a cursor of this list")
        }
        self.number = number
    }
}

extension SignedAuditCheckpoint {
    fileprivate var json: JSON {
        [
            "number": JSON(checkpoint.number), "made_at": JSON(checkpoint.madeAt.rfc3339),
            "leaves": JSON(checkpoint.leaves), "root": JSON(checkpoint.root.hexadecimal),
            "digest": JSON(digest.hexadecimal), "jws": jws,
        ]
    }
}
