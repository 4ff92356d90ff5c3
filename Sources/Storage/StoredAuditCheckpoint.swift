import Contracts
import MoneyAndTime
import Postgres
import StrictJSON

/// A row of `audit_checkpoint`: the market's signature of all audit chains, which is anyone's to
/// read.
package struct StoredAuditCheckpoint: Sendable {
    package let signed: SignedAuditCheckpoint

    package init(row: Row) throws {
        guard let checkpoint = AuditCheckpoint(canonical: try row.decode("document")) else {
            throw CellError.malformed("a checkpoint")
        }
        signed = SignedAuditCheckpoint(
            checkpoint,
            try PayloadSignature(json: [
                "protected": JSON(row["protected_header", String.self]),
                "signature": JSON(Base64URL.encode(row["signature", [UInt8].self])),
            ]))
    }

    /// Newest first, those before the number `before`.
    package static func page(before: Int64?, limit: Int) -> Query {
        """
        select document, protected_header, signature from audit_checkpoint
        where \(before)::bigint is null or number < \(before)::bigint
        order by number desc limit \(limit)
        """
    }

    /// The keys that signed, oldest first, each with the time from which another did.
    package static let keys: Query = """
        select public_key, min(made_at) as created_at,
            lead(min(made_at)) over (order by min(made_at)) as retired_at
        from audit_checkpoint group by public_key order by 2
        """

    /// What the next one begins with; no row when it is not due. See SQL's `due_audit_checkpoint`.
    package static func due(everySeconds: Int64) -> Query {
        "select * from due_audit_checkpoint(make_interval(secs => \(everySeconds)))"
    }

    /// Every chain's newest link, in order of the organisations. Acts for all of them.
    package static let heads: Query = "select * from audit_heads()"

    /// Keeps it with the heads under it. Acts for all organisations.
    package static func publish(
        _ signed: SignedAuditCheckpoint, over tree: AuditTree, by key: VerifyingKey, sealedTo: Int64
    ) -> Query {
        let checkpoint = signed.checkpoint
        return """
            select publish_audit_checkpoint(
                row(\(checkpoint.number), \(checkpoint.madeAt), \(sealedTo), \(checkpoint.leaves),
                    \(checkpoint.root), \(checkpoint.canonical), \(signed.digest),
                    \(checkpoint.previous), \(key.bytes), \(signed.signature.protectedHeader),
                    \(signed.signature.bytes))::audit_checkpoint,
                \(tree.heads.map(\.organisation)), \(tree.heads.map(\.seal.number)),
                \(tree.heads.indices.map { tree.path(from: $0).flatMap { $0 } }))
            """
    }
}

extension AuditTree.Head {
    package init(row: Row) throws {
        try self.init(
            organisation: row.decode("organisation"),
            seal: AuditSeal(row: row))
    }
}

/// Where the caller's own chain stood at a checkpoint.
package struct StoredAuditHead: Sendable {
    package let signed: SignedAuditCheckpoint
    package let seal: AuditSeal
    package let place: Int
    package let path: [[UInt8]]

    package init(row: Row) throws {
        signed = try StoredAuditCheckpoint(row: row).signed
        seal = try AuditSeal(row: row)
        place = Int(try row["place", Int32.self])
        let bytes = try row["path", [UInt8].self]
        path = stride(from: 0, to: bytes.count, by: 32).map { Array(bytes[$0..<$0 + 32]) }
    }

    /// The newest whose head is one of these links; no row where there is none.
    package static func newest(among links: ClosedRange<Int64>) -> Query {
        """
        select h.place, h.number, h.path, s.hash, c.document, c.protected_header, c.signature
        from audit_head h
        join audit_seal s on (s.organisation, s.number) = (h.organisation, h.number)
        join audit_checkpoint c on c.number = h.checkpoint
        where h.organisation = current_organisation()
          and h.number between \(links.lowerBound) and \(links.upperBound)
        order by h.checkpoint desc limit 1
        """
    }
}
