import MoneyAndTime
import Organisations
import Postgres
import StrictJSON

/// A row of `alert`: something that its member is told.
package struct StoredAlert: Sendable {
    /// A place in the list: what is not read comes first, and then the newest.
    package struct Place: Hashable, Sendable {
        package let isRead: Bool
        package let position: Int64

        package init(isRead: Bool, position: Int64) {
            self.isRead = isRead
            self.position = position
        }

        /// Not the text of a place.
        package struct Malformed: Error {}

        package init(cursor text: String) throws(Malformed) {
            let parts = text.split(separator: "-", omittingEmptySubsequences: false)
            guard parts.count == 2, ["new", "read"].contains(parts[0]),
                parts[1].utf8.allSatisfy({ (0x30...0x39).contains($0) }),
                let position = Int64(parts[1])
            else { throw Malformed() }
            self.init(isRead: parts[0] == "read", position: position)
        }

        package var text: String { "\(isRead ? "read" : "new")-\(position)" }
    }

    package let id: AlertID
    package let kind: AlertKind
    package let subjectKind: String
    /// Of the kind that `subjectKind` says.
    package let subject: EventID
    package let counterparty: OrganisationID?
    package let counterpartyName: String?
    /// Of the visit, block or end that it is about.
    package let about: Instant?
    package let madeAt: Instant
    package let readAt: Instant?
    private let position: Int64

    package init(row: Row) throws {
        guard let kind = AlertKind(rawValue: try row.decode("kind")) else {
            throw CellError.malformed("an alert's kind")
        }
        id = try row.decode("id")
        self.kind = kind
        subjectKind = try row.decode("subject_kind")
        subject = try row.decode("subject")
        counterparty = try row.decode("counterparty")
        counterpartyName = try row.decode("counterparty_name")
        about = try row.decode("at")
        madeAt = try row.decode("made_at")
        readAt = try row.decode("read_at")
        position = try row.decode("position")
    }

    package var place: Place { Place(isRead: readAt != nil, position: position) }

    /// The caller's own.
    package static func page(onlyUnread: Bool, after: Place?, limit: Int) -> Query {
        """
        select a.id, a.kind, a.subject_kind, a.subject, a.counterparty,
            o.name as counterparty_name, a.at, a.made_at, a.read_at, a.position
        from alert a
        left join lateral organisation_directory(a.counterparty, null, null, 1) o
            on a.counterparty is not null
        where a.in_bell and a.member = current_member()
            and (not \(onlyUnread) or a.read_at is null)
            and (\(after?.position)::bigint is null
                or (a.read_at is not null, -a.position)
                    > (\(after?.isRead)::boolean, -\(after?.position)::bigint))
        order by a.read_at is not null, a.position desc limit \(limit)
        """
    }

    /// All of them where `alerts` is nil.
    package static func markRead(_ alerts: [AlertID]?) -> Query {
        """
        update alert set read_at = market_now()
        where in_bell and member = current_member() and read_at is null
            and (\(alerts == nil) or id = any (\(alerts ?? [])))
        """
    }

    package static let unread: Query = """
        select count(*) as unread from alert
        where in_bell and member = current_member() and read_at is null
        """

    /// Tells people of at most so many events; `raised` is how many were read.
    package static func raise(most: Int) -> Query {
        "select raise_alerts(\(Int32(clamping: most))) as raised"
    }

    package static let forget: Query = "select forget_alerts()"
}

/// The alerts of one member that go out in one mail.
package struct AlertMail: Sendable {
    package struct Line: Sendable {
        package let alert: AlertID
        package let kind: AlertKind
        package let subjectKind: String
        package let subject: EventID
        package let counterpartyName: String?
        package let about: Instant?
    }

    package let organisation: OrganisationID
    package let organisationName: String
    package let memberName: String
    package let email: EmailAddress
    /// `fi`, `sv` or `en`.
    package let language: String
    /// The clock on the wall of the organisation's first unit.
    package let zone: WallClock
    /// Never empty.
    package let lines: [Line]

    /// Nil of no rows: there is nothing to mail.
    package init?(rows: Rows) throws {
        let all = Array(rows)
        guard let first = all.first else { return nil }
        organisation = try first.decode("organisation")
        organisationName = try first.decode("organisation_name")
        memberName = try first.decode("member_name")
        email = try EmailAddress(first.decode("email"))
        language = try first.decode("language")
        zone = try WallClock(zone: first.decode("time_zone"))
        lines = try all.map { row in
            guard let kind = AlertKind(rawValue: try row.decode("kind")) else {
                throw CellError.malformed("an alert's kind")
            }
            return Line(
                alert: try row.decode("alert"), kind: kind,
                subjectKind: try row.decode("subject_kind"),
                subject: try row.decode("subject"),
                counterpartyName: try row.decode("counterparty_name"),
                about: try row.decode("at"))
        }
    }

    /// The next member's, who are then mailed once this transaction commits.
    package static let take: Query = "select * from take_alert_mail()"
}

/// How a member is told: the row of `alert_setting`, or what holds without one.
package struct StoredAlertSettings: Sendable {
    package let choices: AlertChoices
    package let roles: Set<Role>
    package let email: String
    /// Whether mail can go there: the address has proven to be the member's.
    package let isConfirmed: Bool
    /// 0 before anything was chosen.
    package let revision: Int64

    package init(row: Row) throws {
        let stored = try JSON.parse(row["choices", String.self])
        var ways: [AlertKind: AlertChoices.Ways] = [:]
        for kind in AlertKind.allCases {
            guard let chosen = stored[kind.rawValue] else { continue }
            ways[kind] = AlertChoices.Ways(
                bell: chosen["bell"]?.flag ?? true, mail: chosen["mail"]?.flag ?? kind.isMailed)
        }
        choices = AlertChoices(
            ways: ways, reminders: try row.decode("reminders"),
            digestMinutes: Int64(try row["digest_minutes", Int32.self]),
            language: try row.decode("language"))
        roles = try Set(storedNames: row.decode("roles"))
        email = try row.decode("email")
        isConfirmed = try row.decode("confirmed")
        revision = try row.decode("revision")
    }

    /// The caller's own; no row where the caller is no member.
    package static let own: Query = """
        select m.roles, m.email, lower(m.confirmed_email) = lower(m.email) is true as confirmed,
            coalesce(s.choices, '{}')::text as choices, reminders_of(m)::bigint[] as reminders,
            coalesce(s.digest_minutes, 15) as digest_minutes,
            coalesce(s.language, 'fi') as language,
            coalesce(s.revision, 0) as revision
        from member m left join alert_setting s on s.member = m.id
        where m.id = current_member()
        """

    /// No row is changed when the revision is another by now.
    package static func write(_ new: AlertChoices, over revision: Int64) -> Query {
        let choices = JSON.object(
            JSONObject(
                new.ways.sorted { $0.key.rawValue < $1.key.rawValue }.map { kind, ways in
                    (
                        kind.rawValue,
                        ["bell": JSON(ways.bell), "mail": JSON(ways.mail)] as JSON
                    )
                }))
        return """
            insert into alert_setting as s (member, organisation, choices, reminders,
                digest_minutes, language, revision)
            select current_member(), current_organisation(), \(choices.compactText)::jsonb,
                \(new.reminders)::int[], \(new.digestMinutes)::int, \(new.language),
                \(revision) + 1
            where \(revision) = 0 or exists (
                select from alert_setting where member = current_member())
            on conflict (member) do update set choices = excluded.choices,
                reminders = excluded.reminders, digest_minutes = excluded.digest_minutes,
                language = excluded.language, revision = excluded.revision
                where s.revision = \(revision)
            """
    }
}
