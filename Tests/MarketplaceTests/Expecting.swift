import Marketplace
import Postgres
import Storage
import TestMarket

/// The word, or the SQLSTATE, with which the database refuses; nil when it does not.
func sqlRefusal(_ body: () async throws -> Void) async -> String? {
    do {
        try await body()
        return nil
    } catch {
        if let refusal = SQLRefusal(error) { return refusal.code }
        return (error as? PostgresError)?.state?.rawValue ?? "\(error)"
    }
}

extension TestOrganisation {
    /// The word with which the database refuses what its owner tries in this organisation's name.
    func refusal(of attack: Query, in test: TestMarket) async -> String? {
        await sqlRefusal {
            try await test.owner.pool.transaction { transaction in
                try await transaction.query(
                    "select set_config('app.organisation', \(id)::text, true)")
                try await transaction.query(attack)
            }
        }
    }
}

extension TestMarket {
    /// What `verify` finds after rows were changed with no rule in force.
    func findings(after changes: [Query]) async throws -> [Finding] {
        try await superuser.pool.transaction { transaction in
            try await transaction.query("set local session_replication_role = replica")
            for change in changes { try await transaction.query(change) }
        }
        return try await Verification.run(on: reader)
    }
}
