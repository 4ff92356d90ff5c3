import Contracts
import MoneyAndTime
import Postgres

/// A row of `contract`.
package struct StoredContract: Sendable {
    package let id: ContractID
    package let seller: OrganisationID
    package let buyer: OrganisationID
    package let draftedBy: OrganisationID
    package let title: String
    package let state: ContractLife.State
    package let createdAt: Instant
    package let endedAt: Instant?
    package let revision: Int64

    package init(row: Row) throws {
        id = try row.decode("id")
        seller = try row.decode("seller")
        buyer = try row.decode("buyer")
        draftedBy = try row.decode("drafted_by")
        title = try row.decode("title")
        guard let state = ContractLife.State(rawValue: try row.decode("state")) else {
            throw CellError.malformed("a contract's state")
        }
        self.state = state
        createdAt = try row.decode("created_at")
        endedAt = try row.decode("ended_at")
        revision = try row.decode("revision")
    }

    package func side(of organisation: OrganisationID) -> Side {
        organisation == seller ? .seller : .buyer
    }

    package func other(than organisation: OrganisationID) -> OrganisationID {
        organisation == seller ? buyer : seller
    }

    private static let columns: Query = """
        select id, seller, buyer, drafted_by, title, state, created_at, ended_at, revision
        from contract
        """

    package static func find(_ id: ContractID) -> Query { "\(columns) where id = \(id)" }

    /// Signing, amending and ending wait for each other here, and for bookings under way.
    package static func lock(_ id: ContractID) -> Query {
        "\(columns) where id = \(id) for update"
    }

    package static func page(
        state: ContractLife.State?, after: ContractID?, limit: Int
    ) -> Query {
        """
        \(columns) where (\(state?.rawValue)::text is null or state = \(state?.rawValue)::text)
            and (\(after)::uuid is null or id > \(after)::uuid)
        order by id limit \(limit)
        """
    }

    package static func insert(
        _ id: ContractID, of terms: Terms, draftedBy: OrganisationID
    ) -> Query {
        """
        insert into contract (id, seller, buyer, drafted_by, title)
        values (\(id), \(terms.seller.organisation), \(terms.buyer.organisation), \(draftedBy),
            \(terms.title))
        """
    }

    /// A version of it was signed by both.
    package static func activate(_ id: ContractID, title: String) -> Query {
        """
        update contract set state = 'active', title = \(title), revision = revision + 1
        where id = \(id) returning revision
        """
    }

    package static func end(_ id: ContractID, at instant: Instant) -> Query {
        """
        update contract set state = 'ended', ended_at = \(instant), revision = revision + 1
        where id = \(id) returning revision
        """
    }

    /// Something else of it changed: a version or a signature came.
    package static func touch(_ id: ContractID) -> Query {
        "update contract set revision = revision + 1 where id = \(id) returning revision"
    }
}
