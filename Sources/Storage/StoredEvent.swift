import MoneyAndTime
import Postgres

/// A row of `event`.
package struct StoredEvent: Sendable {
    package let place: RecordPosition
    package let id: EventID
    package let kind: String
    package let subjectKind: String
    /// Of the kind that `subjectKind` says.
    package let subject: UInt128
    package let revision: Int64
    package let organisation: OrganisationID
    package let counterparty: OrganisationID?
    /// JSON.
    package let data: String
    package let recordedAt: Instant

    package init(row: Row) throws {
        place = try RecordPosition(row: row, position: "position")
        id = try row.decode("id")
        kind = try row.decode("kind")
        subjectKind = try row.decode("subject_kind")
        subject = try row["subject", EventID.self].bits
        revision = try row.decode("revision")
        organisation = try row.decode("organisation")
        counterparty = try row.decode("counterparty")
        data = try row.decode("data")
        recordedAt = try row.decode("recorded_at")
    }

    /// The place of the caller's newest event or alert below the transaction horizon.
    package static let newest: Query = """
        select l.transaction, l.position
        from ((\(RecordPosition.newest(of: "event", ordered: "position")))
            union all (select n.transaction, n.position from newest_alert() n)) l
        order by l.transaction::xid8 desc, l.position desc limit 1
        """

    package static func place(row: Row) throws -> RecordPosition {
        try RecordPosition(row: row, position: "position")
    }

    /// The caller's events below the transaction horizon, oldest first.
    package static func page(after: RecordPosition?, limit: Int) -> Query {
        RecordPosition.page(
            """
            position, id, kind, subject_kind, subject, revision, organisation, counterparty,
                data, recorded_at
            """, of: "event", ordered: "position", after: after, limit: limit)
    }
}
