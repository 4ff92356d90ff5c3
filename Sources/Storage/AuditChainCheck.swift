import MoneyAndTime
import Postgres

/// What `verify` says of one organisation's audit chain.
package struct AuditChainCheck: Sendable {
    package let organisation: OrganisationID
    /// How many facts are sealed and were found as they were sealed.
    package let sealed: Int64
    /// How many wait for the sealer.
    package let waiting: Int64
    /// The newest hash that still holds.
    package let head: [UInt8]
    package let breach: AuditBreach?

    /// Computes the whole chain again, from one state of the database, as `aikatori_reader`.
    package static func run(
        of organisation: OrganisationID, on reader: Database, linksAtOnce: Int = 1_000
    ) async throws -> AuditChainCheck {
        let options = TransactionOptions(isolation: .repeatableRead, readOnly: true)
        return try await reader.transaction(options, within: .seconds(3_600)) { transaction in
            try await run(of: organisation, in: transaction, linksAtOnce: linksAtOnce)
        }
    }

    /// The same in a state of the database that others look at, too.
    package static func run(
        of organisation: OrganisationID, in transaction: Transaction, linksAtOnce: Int = 1_000
    ) async throws -> AuditChainCheck {
        var chain = AuditChain(of: organisation)
        let breach = try await follow(&chain, in: transaction, linksAtOnce)
        let missed = try await transaction.query(passedOver(in: organisation)).first
        return AuditChainCheck(
            organisation: organisation, sealed: chain.length,
            waiting: try await transaction.query(waiting(for: organisation)).only().decode(0),
            head: chain.head,
            breach: try breach ?? missed.map { .unsealed(fact: try $0.decode(0)) })
    }

    /// Every organisation that has a fact.
    package static let organisations: Query = "select id from organisation order by id"

    private static func follow(
        _ chain: inout AuditChain, in transaction: Transaction, _ linksAtOnce: Int
    ) async throws -> AuditBreach? {
        while true {
            let rows = try await transaction.query(
                StoredAuditFact.links(
                    of: "\(chain.organisation)", after: chain.length, limit: linksAtOnce))
            for row in rows {
                let fact = try StoredAuditFact(row: row)
                let seal = try AuditSeal(row: row)
                do throws(AuditBreach) {
                    try chain.extend(with: fact, seal)
                } catch {
                    return error
                }
            }
            if rows.count < linksAtOnce { return nil }
        }
    }

    /// Facts before the newest sealed one that have no seal in the organisation's chain.
    private static func passedOver(in organisation: OrganisationID) -> Query {
        """
        with newest as (
            select f.xid, f.id from audit_seal s join audit_fact f on f.id = s.fact
            order by s.position desc limit 1)
        select f.id from audit_fact f, newest n
        where (f.organisation = \(organisation) or f.counterparty = \(organisation))
          and (f.xid, f.id) <= (n.xid, n.id)
          and not exists (select from audit_seal s
              where s.organisation = \(organisation) and s.fact = f.id)
        order by f.xid, f.id limit 1
        """
    }

    private static func waiting(for organisation: OrganisationID) -> Query {
        """
        select count(*) from audit_fact f
        where (f.organisation = \(organisation) or f.counterparty = \(organisation))
          and not exists (select from audit_seal s
              where s.organisation = \(organisation) and s.fact = f.id)
        """
    }
}
