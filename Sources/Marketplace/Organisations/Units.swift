import MoneyAndTime
import Organisations
import Postgres
import Storage
import StrictJSON

// Units of an organisation: a place or a department, with its time zone.

extension Market {
    package func listUnits(_ request: Request, page: Page<UnitID>) async throws -> Answer {
        let rows = try await read(
            request, StoredUnit.page(after: page.after, limit: page.limit + 1))
        return try .page(
            rows.map(StoredUnit.init(row:)), limit: page.limit, cursor: { $0.id.description },
            item: \.json)
    }

    package func unit(_ request: Request, _ id: UnitID) async throws -> Answer {
        guard let row = try await read(request, StoredUnit.find(id)).atMostOne() else {
            throw Refusal(.notFound)
        }
        return try StoredUnit(row: row).answer
    }

    package func createUnit(
        _ request: Request, name: String, timeZone: WallClock, telephone: TelephoneNumber? = nil
    ) async throws -> Answer {
        try await change(request) { transaction, caller in
            let unit = try StoredUnit(newID(), of: caller, name, timeZone, telephone)
            try await transaction.query(
                unit.insert(for: caller.organisation), refusing: .uniqueViolation, as: .nameTaken)
            try await transaction.record(
                .init(.unit, unit.id, "unit.created", revision: 1), by: caller)
            return unit.answer
        }
    }

    package func updateUnit(
        _ request: Request, _ id: UnitID, revision: Int64, name: String, timeZone: WallClock,
        telephone: TelephoneNumber? = nil
    ) async throws -> Answer {
        try await change(request) { transaction, caller in
            guard try await transaction.query(StoredUnit.find(id)).atMostOne() != nil else {
                throw Refusal(.notFound)
            }
            let edited = try StoredUnit(
                id, of: caller, name, timeZone, telephone, revision: revision)
            let rows = try await transaction.query(
                edited.update(), refusing: .uniqueViolation, as: .nameTaken)
            guard let next = try rows.atMostOne()?["revision", Int64.self] else {
                throw Refusal(.revisionDiffers)
            }
            try await transaction.record(
                .init(.unit, id, "unit.updated", revision: next), by: caller)
            return try StoredUnit(
                id, of: caller, name, timeZone, telephone, revision: next
            ).answer
        }
    }
}

extension StoredUnit {
    /// Checked by the rule of the room.
    fileprivate init(
        _ id: UnitID, of caller: Caller, _ name: String, _ zone: WallClock,
        _ telephone: TelephoneNumber?, revision: Int64 = 1
    ) throws {
        let unit = try asInput {
            try Unit(id: id, organisation: caller.organisation, name: name, zone: zone)
        }
        self.init(
            id: id, name: unit.name, timeZone: unit.zone.zone, telephone: telephone?.text,
            revision: revision)
    }

    var json: JSON {
        [
            "id": JSON(id.description),
            "name": JSON(name),
            "time_zone": JSON(timeZone),
            "telephone": JSON(telephone),
            "revision": JSON(revision),
        ]
    }

    var answer: Answer {
        Answer(json, revision: revision, location: "/v1/units/\(id)")
    }
}
