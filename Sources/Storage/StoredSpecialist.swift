import MoneyAndTime
import Organisations
import Postgres
import Scheduling

/// A row of `specialist`: time is sold under one specialty each.
package struct StoredSpecialist: Sendable {
    package let specialist: Specialist
    package let unit: UnitID
    /// Time of one who is not is neither found nor booked.
    package let isActive: Bool
    package let limits: WorkingLimits
    package let revision: Int64

    package init(
        specialist: Specialist, unit: UnitID, limits: WorkingLimits = .none,
        isActive: Bool = true, revision: Int64 = 1
    ) {
        self.specialist = specialist
        self.unit = unit
        self.limits = limits
        self.isActive = isActive
        self.revision = revision
    }

    package init(row: Row) throws {
        specialist = try Specialist(
            id: row.decode("id"), organisation: row.decode("organisation"),
            displayLabel: row.decode("label"), profession: row.decode("profession"),
            specialties: [row.decode("specialty")], languages: Set(row["languages", [String].self])
        )
        unit = try row.decode("unit")
        isActive = try row.decode("active")
        limits =
            try WorkingLimits(
                dailyMinutes: row.decode("daily_minutes"),
                weeklyMinutes: row.decode("weekly_minutes")) ?? .none
        revision = try row.decode("revision")
    }

    package var specialty: String { specialist.specialties.sorted().joined(separator: " ") }

    private static let columns: Query = """
        id, organisation, unit, label, profession, specialty, languages, daily_minutes,
            weekly_minutes, active, revision
        """

    /// The active ones, with the clock on the wall of their unit.
    package static let rostered: Query = """
        select s.id, s.label, u.time_zone from specialist s join unit u on u.id = s.unit
        where s.active order by s.id
        """

    package static func zone(of id: SpecialistID) -> Query {
        """
        select u.time_zone from specialist s join unit u on u.id = s.unit where s.id = \(id)
        """
    }

    package static func find(_ id: SpecialistID) -> Query {
        "select \(columns) from specialist where id = \(id)"
    }

    /// The active ones of a unit, by label: "Psychiatrist 2" before "Psychiatrist 10".
    package static func active(of unit: UnitID) -> Query {
        """
        select \(columns) from specialist where unit = \(unit) and active
        order by length(label), label, id
        """
    }

    package static func page(after: SpecialistID?, limit: Int) -> Query {
        """
        select \(columns) from specialist where (\(after)::uuid is null or id > \(after)::uuid)
        order by id limit \(limit)
        """
    }

    package func insert() -> Query {
        """
        insert into specialist (id, organisation, unit, label, profession, specialty, languages,
            daily_minutes, weekly_minutes)
        values (\(specialist.id), \(specialist.organisation), \(unit),
            \(specialist.displayLabel), \(specialist.profession), \(specialty),
            \(specialist.languages.sorted()), \(limits.dailyMinutes), \(limits.weeklyMinutes))
        """
    }

    /// Nothing is returned when the revision is another by now.
    package func update() -> Query {
        """
        update specialist set label = \(specialist.displayLabel),
            profession = \(specialist.profession), specialty = \(specialty),
            languages = \(specialist.languages.sorted()),
            daily_minutes = \(limits.dailyMinutes), weekly_minutes = \(limits.weeklyMinutes),
            active = \(isActive),
            revision = revision + 1
        where id = \(specialist.id) and revision = \(revision) returning \(Self.columns)
        """
    }

    /// The published starts are found by the specialty, which they repeat.
    package func moveStartTimes() -> Query {
        """
        update start_time set specialty = \(specialty)
        where specialist = \(specialist.id) and specialty <> \(specialty)
        """
    }
}

/// A row of `licence`.
package struct StoredLicence: Sendable {
    package let licence: Licence

    package init(_ licence: Licence) {
        self.licence = licence
    }

    package init(row: Row) throws {
        licence = try Licence(
            id: row.decode("id"), specialist: row.decode("specialist"),
            authority: row.decode("authority"), number: row.decode("number"),
            validFrom: row.decode("valid_from"), validThrough: row.decode("valid_through"))
    }

    package static func page(
        of specialist: SpecialistID, after: LicenceID?, limit: Int
    ) -> Query {
        """
        select id, specialist, authority, number, lower(valid) as valid_from,
            upper(valid) - 1 as valid_through
        from licence
        where specialist = \(specialist) and (\(after)::uuid is null or id > \(after)::uuid)
        order by id limit \(limit)
        """
    }

    package func insert(for organisation: OrganisationID) -> Query {
        """
        insert into licence (id, organisation, specialist, authority, number, valid)
        values (\(licence.id), \(organisation), \(licence.specialist), \(licence.authority),
            \(licence.number), daterange(\(licence.validFrom), \(licence.validThrough), '[]'))
        """
    }
}
