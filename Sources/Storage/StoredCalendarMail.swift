import MoneyAndTime
import Postgres

/// A row of `calendar_mailbox`: where a unit, or an organisation, has calendar messages mailed to.
package struct StoredCalendarMailbox: Sendable {
    package let id: CalendarMailboxID
    /// Nil: for the visits of all units that have none of their own.
    package let unit: UnitID?
    package let address: String
    /// `fi`, `sv` or `en`.
    package let language: String
    package let revision: Int64

    package init(row: Row) throws {
        id = try row.decode("id")
        unit = try row.decode("unit")
        address = try row.decode("address")
        language = try row.decode("language")
        revision = try row.decode("revision")
    }

    private static let columns: Query = "id, unit, address, language, revision"

    package static func page(after: CalendarMailboxID?, limit: Int) -> Query {
        """
        select \(columns) from calendar_mailbox
        where (\(after)::uuid is null or id > \(after)::uuid) order by id limit \(limit)
        """
    }

    /// In the place of the one before.
    package static func set(
        _ id: CalendarMailboxID, unit: UnitID?, address: String, language: String,
        for organisation: OrganisationID
    ) -> Query {
        """
        insert into calendar_mailbox (id, organisation, unit, address, language)
        values (\(id), \(organisation), \(unit), \(address), \(language))
        on conflict (organisation, unit) do update set address = excluded.address,
            language = excluded.language, revision = calendar_mailbox.revision + 1
        returning \(columns)
        """
    }

    package static func remove(_ id: CalendarMailboxID) -> Query {
        "delete from calendar_mailbox where id = \(id) returning \(columns)"
    }
}

/// A row of `calendar_mail`, taken by this transaction.
package struct DueCalendarMail: Sendable {
    /// The mailbox, as it is now.
    package struct Mailbox: Sendable {
        package let address: String
        package let language: String
    }

    package let id: Int64
    package let booking: BookingID
    package let organisation: OrganisationID
    /// How much had been said and done.
    package let sequence: Int64
    package let at: Instant
    /// Nil where the organisation wants none any more.
    package let mailbox: Mailbox?
    /// The clock on the wall of the side's unit.
    package let zone: WallClock

    package init(row: Row) throws {
        id = try row.decode("id")
        booking = try row.decode("booking")
        organisation = try row.decode("organisation")
        sequence = try row.decode("sequence")
        at = try row.decode("at")
        let language: String? = try row.decode("language")
        mailbox = try row["address", String?.self].flatMap { address in
            language.map { Mailbox(address: address, language: $0) }
        }
        zone = try WallClock(zone: row.decode("time_zone"))
    }

    /// The next one that is due; this transaction acts as its side from here on.
    package static let take: Query = "select * from take_calendar_mail()"

    package var drop: Query { "delete from calendar_mail where id = \(id)" }

    /// It could not be made, and is tried again.
    package static func postpone(_ id: Int64) -> Query {
        "select postpone_calendar_mail(\(id))"
    }
}
