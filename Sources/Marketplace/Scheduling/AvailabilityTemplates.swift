import MoneyAndTime
import Postgres
import Scheduling
import Storage
import StrictJSON

// Hours kept by a name, and publishing from them or from another pattern.

extension Market {
    package func listAvailabilityTemplates(
        _ request: Request, page: Page<AvailabilityTemplateID>
    ) async throws -> Answer {
        let rows = try await read(
            request, StoredAvailabilityTemplate.page(after: page.after, limit: page.limit + 1))
        return try .page(
            rows.map(StoredAvailabilityTemplate.init(row:)), limit: page.limit,
            cursor: { $0.id.description }, item: \.json)
    }

    package func addAvailabilityTemplate(
        _ request: Request, _ template: AvailabilityTemplate
    ) async throws -> Answer {
        try await change(request) { transaction, caller in
            let kept = try await transaction.query(StoredAvailabilityTemplate.count)
                .only()["templates", Int64.self]
            guard kept < AvailabilityTemplate.most else {
                throw InvalidInput(
                    pointer: "/name", code: "too_many",
                    message: "remove one of the \(AvailabilityTemplate.most) templates first")
            }
            try await requireOwn(template.terms.contracts, caller, in: transaction)
            let stored = StoredAvailabilityTemplate(id: newID(), template: template)
            try await transaction.query(
                stored.insert(for: caller.organisation), refusing: .uniqueViolation,
                as: .nameTaken)
            try await transaction.record(
                .init(
                    .availabilityTemplate, stored.id, "availability_template.added", revision: 1),
                by: caller)
            return Answer(stored.json)
        }
    }

    /// What was published from it stays.
    package func removeAvailabilityTemplate(
        _ request: Request, _ id: AvailabilityTemplateID
    ) async throws -> Answer {
        try await change(request) { transaction, caller in
            guard
                let row = try await transaction.query(StoredAvailabilityTemplate.find(id))
                    .atMostOne(),
                try await transaction.query(StoredAvailabilityTemplate.remove(id))
                    .atMostOne() != nil
            else { throw Refusal(.notFound) }
            try await transaction.record(
                .init(
                    .availabilityTemplate, id, "availability_template.removed", revision: 2),
                by: caller)
            return Answer(try StoredAvailabilityTemplate(row: row).json)
        }
    }

    /// Publishes a template's hours for a specialist, from a first day on.
    package func publishFromTemplate(
        _ request: Request, _ id: AvailabilityTemplateID, for specialist: SpecialistID,
        startsOn: CalendarDate, until: CalendarDate?
    ) async throws -> Answer {
        try await change(request) { transaction, caller in
            guard
                let row = try await transaction.query(StoredAvailabilityTemplate.find(id))
                    .atMostOne()
            else { throw Refusal(.notFound) }
            let template = try StoredAvailabilityTemplate(row: row).template
            guard let pattern = try? template.pattern(startsOn: startsOn, until: until) else {
                throw InvalidInput(
                    pointer: "/until", code: "out_of_range",
                    message: "must not be before starts_on")
            }
            let offered = OfferedTime(
                specialist: specialist, pattern: pattern, from: template.from, to: template.to,
                pauses: template.pauses, terms: template.terms)
            return try await publish(offered, for: caller, in: transaction, pointingAt: "/until")
        }
    }

    /// Publishes the same pattern for another specialist of the caller's, on the wall clock of that
    /// one's unit.
    package func copyAvailability(
        _ request: Request, _ id: AvailabilityRuleID, for specialist: SpecialistID
    ) async throws -> Answer {
        try await change(request) { transaction, caller in
            guard let row = try await transaction.query(StoredAvailability.find(id)).atMostOne()
            else { throw Refusal(.notFound) }
            let rule = try StoredAvailability(row: row).rule
            let offered = OfferedTime(
                specialist: specialist, pattern: rule.pattern, from: rule.from, to: rule.to,
                pauses: rule.pauses, terms: rule.terms)
            return try await publish(
                offered, for: caller, in: transaction, pointingAt: "/specialist")
        }
    }

    /// What was not written in this body is told of the member that decides it.
    private func publish(
        _ offered: OfferedTime, for caller: Caller, in transaction: Transaction,
        pointingAt pointer: String
    ) async throws -> Answer {
        do {
            return try await publish(offered, for: caller, in: transaction)
        } catch let input as InvalidInput {
            throw InvalidInput(
                input.problems.map {
                    JSONProblem(pointer: pointer, code: $0.code, message: $0.message)
                })
        }
    }
}

extension StoredAvailabilityTemplate {
    var json: JSON {
        [
            "id": JSON(id.description),
            "name": JSON(template.name),
            "weekdays": .array(
                template.days.sorted { $0.rawValue < $1.rawValue }.map { JSON($0.word) }),
            "interval_weeks": JSON(Int64(template.intervalWeeks)),
            "except_holidays": JSON(template.exceptHolidays),
            "from": JSON(template.from.description),
            "to": JSON(template.to.description),
            "pauses": .array(
                template.pauses.map {
                    ["from": JSON($0.from.description), "to": JSON($0.to.description)]
                }),
            "services": template.terms.services.map { .array($0.sorted().map { JSON($0) }) }
                ?? .null,
            "contracts": template.terms.contracts.map {
                .array($0.sorted().map { JSON($0.description) })
            } ?? .null,
            "grid_minutes": JSON(template.terms.grid.rawValue),
            "shortest_minutes": JSON(template.terms.shortestMinutes),
            "longest_minutes": JSON(template.terms.longestMinutes),
            "buffer_before_minutes": JSON(template.terms.bufferBeforeMinutes),
            "buffer_after_minutes": JSON(template.terms.bufferAfterMinutes),
        ]
    }
}
