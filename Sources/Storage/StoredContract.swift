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
    /// While it is suspended, and what an end found so.
    package let suspension: Suspension?
    package let notice: Notice?
    package let endedAt: Instant?
    package let revision: Int64

    /// A stop of new bookings by one side.
    package struct Suspension: Hashable, Sendable {
        package let by: OrganisationID
        package let at: Instant
        package let reason: String
    }

    /// No visit starts at `endsAt` or after it.
    package struct Notice: Hashable, Sendable {
        package let by: OrganisationID
        package let at: Instant
        package let endsAt: Instant
        package let reason: String

        package init(by: OrganisationID, at: Instant, endsAt: Instant, reason: String) {
            self.by = by
            self.at = at
            self.endsAt = endsAt
            self.reason = reason
        }
    }

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
        suspension = try row["suspended_by", OrganisationID?.self].map { organisation in
            Suspension(
                by: organisation, at: try row.decode("suspended_at"),
                reason: try row.decode("suspension_reason"))
        }
        notice = try row["notice_by", OrganisationID?.self].map { organisation in
            Notice(
                by: organisation, at: try row.decode("notice_at"),
                endsAt: try row.decode("ends_at"), reason: try row.decode("notice_reason"))
        }
        endedAt = try row.decode("ended_at")
        revision = try row.decode("revision")
    }

    package func side(of organisation: OrganisationID) -> Side {
        organisation == seller ? .seller : .buyer
    }

    /// As the rule of its life sees it.
    package var standing: ContractLife.Standing {
        ContractLife.Standing(
            state, suspendedBy: (suspension?.by).map(side(of:)), noticeIsGiven: notice != nil)
    }

    package func other(than organisation: OrganisationID) -> OrganisationID {
        organisation == seller ? buyer : seller
    }

    private static let columns: Query = """
        select id, seller, buyer, drafted_by, title, state, created_at, suspended_by, suspended_at,
            suspension_reason, ends_at, notice_by, notice_at, notice_reason, ended_at, revision
        from contract
        """

    /// The state of a contract `c`; while nothing is signed, what became of the last offer:
    /// `offered`, `withdrawn` or `declined`.
    static let stateOrOffer: Query = """
        case when c.state = 'offered' then (
            select case when v.closed_at is null then 'offered'
                when v.closed_by = v.drafted_by then 'withdrawn' else 'declined' end
            from contract_version v
            where v.contract = c.id and v.offered_at is not null
            order by v.number desc limit 1
        ) else c.state end
        """

    /// The contracts whose last offer lies with nobody, and what became of it.
    package static let offersClosed: Query = """
        select id, state from (select c.id, \(stateOrOffer) as state from contract c) as offers
        where state in ('withdrawn', 'declined')
        """

    package static func find(_ id: ContractID) -> Query { "\(columns) where id = \(id)" }

    /// Offering, signing, suspending and ending wait for each other here, and for bookings under
    /// way.
    package static func lock(_ id: ContractID) -> Query {
        "\(columns) where id = \(id) for update"
    }

    /// Keeps it as it is until the transaction is over.
    package static func share(_ id: ContractID) -> Query {
        "\(columns) where id = \(id) for share"
    }

    /// How many of these an organisation sells under.
    package static func count(
        _ contracts: Set<ContractID>, soldBy seller: OrganisationID
    ) -> Query {
        """
        select count(*) as contracts from contract
        where id = any (\(contracts.sorted())) and seller = \(seller)
        """
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

    /// A version of it was shown to the other side.
    package static func offer(_ id: ContractID) -> Query {
        """
        update contract set state = case state when 'draft' then 'offered' else state end,
            revision = revision + 1
        where id = \(id) returning revision
        """
    }

    /// A version of it was signed by both. Who suspended it still has to let it go on.
    package static func activate(_ id: ContractID, title: String) -> Query {
        """
        update contract set state = case state when 'suspended' then state else 'active' end,
            title = \(title), revision = revision + 1
        where id = \(id) returning revision
        """
    }

    package static func suspend(
        _ id: ContractID, by organisation: OrganisationID, at instant: Instant, reason: String
    ) -> Query {
        """
        update contract set state = 'suspended', suspended_by = \(organisation),
            suspended_at = \(instant), suspension_reason = \(reason), revision = revision + 1
        where id = \(id) returning revision
        """
    }

    package static func resume(_ id: ContractID) -> Query {
        """
        update contract set state = 'active', suspended_by = null, suspended_at = null,
            suspension_reason = null, revision = revision + 1
        where id = \(id) returning revision
        """
    }

    /// The notice, and what is due when its time has come.
    package func give(_ notice: Notice) -> [Query] {
        [
            """
            update contract set ends_at = \(notice.endsAt), notice_by = \(notice.by),
                notice_at = \(notice.at), notice_reason = \(notice.reason),
                revision = revision + 1
            where id = \(id) returning revision
            """,
            """
            insert into deadline (due_at, kind, subject, organisation, counterparty)
            values (\(notice.endsAt), \(Deadline.Kind.contractEnd.rawValue), \(id),
                \(notice.by), \(other(than: notice.by)))
            """,
        ]
    }

    /// The booked visits that start at an instant or after it: what a notice leaves.
    package static func booked(_ id: ContractID, from instant: Instant) -> Query {
        """
        select count(*) as visits from booking
        where contract = \(id) and state = 'booked' and lower(planned) >= \(instant)
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
