import MoneyAndTime
import Postgres
import Scheduling

/// A row of `availability_template`.
package struct StoredAvailabilityTemplate: Sendable {
    package let id: AvailabilityTemplateID
    package let template: AvailabilityTemplate

    package init(id: AvailabilityTemplateID, template: AvailabilityTemplate) {
        self.id = id
        self.template = template
    }

    package init(row: Row) throws {
        id = try row.decode("id")
        let pauses = try row["pauses", [Int64].self].map {
            try TimeOfDay(minuteOfDay: Int($0))
        }
        template = try AvailabilityTemplate(
            name: row.decode("name"),
            days: Set(
                row["weekdays", [Int64].self].compactMap { Weekday(rawValue: Int($0)) }),
            intervalWeeks: Int(row["interval_weeks", Int64.self]),
            exceptHolidays: row.decode("except_holidays"),
            from: TimeOfDay(minuteOfDay: row.decode("from_minute")),
            to: TimeOfDay(minuteOfDay: row.decode("to_minute")),
            pauses: stride(from: 0, to: pauses.count - 1, by: 2).map {
                AvailabilityRule.Pause(from: pauses[$0], to: pauses[$0 + 1])
            },
            terms: OfferTerms(row: row))
    }

    private static let columns: Query = """
        select id, name, weekdays::int8[] as weekdays, interval_weeks, except_holidays,
            from_minute, to_minute, pauses::int8[] as pauses, services, contracts, grid_minutes,
            shortest_minutes, longest_minutes, buffer_before_minutes, buffer_after_minutes
        from availability_template
        """

    package static func find(_ id: AvailabilityTemplateID) -> Query {
        "\(columns) where id = \(id)"
    }

    package static func page(after: AvailabilityTemplateID?, limit: Int) -> Query {
        """
        \(columns) where \(after)::uuid is null or id > \(after)::uuid order by id limit \(limit)
        """
    }

    package static let count: Query = "select count(*) as templates from availability_template"

    package static func remove(_ id: AvailabilityTemplateID) -> Query {
        "delete from availability_template where id = \(id) returning id"
    }

    package func insert(for organisation: OrganisationID) -> Query {
        let terms = template.terms
        let pauses = template.pauses.flatMap { [$0.from.minuteOfDay, $0.to.minuteOfDay] }
        return """
            insert into availability_template (id, organisation, name, weekdays, interval_weeks,
                except_holidays, from_minute, to_minute, pauses, services, contracts,
                grid_minutes, shortest_minutes, longest_minutes, buffer_before_minutes,
                buffer_after_minutes)
            values (\(id), \(organisation), \(template.name),
                \(template.days.map { Int64($0.rawValue) }.sorted()), \(template.intervalWeeks),
                \(template.exceptHolidays), \(template.from.minuteOfDay),
                \(template.to.minuteOfDay), \(pauses), \(terms.services.map { $0.sorted() }),
                \(terms.contracts.map { $0.sorted() }), \(terms.grid.rawValue),
                \(terms.shortestMinutes), \(terms.longestMinutes), \(terms.bufferBeforeMinutes),
                \(terms.bufferAfterMinutes))
            """
    }
}
