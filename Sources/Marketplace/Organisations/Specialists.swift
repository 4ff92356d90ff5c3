import MoneyAndTime
import Organisations
import Postgres
import Scheduling
import Storage
import StrictJSON

// Those whose time is sold.

/// What a seller says of a specialist: work and a number, never a name.
package struct SpecialistDetails: Sendable {
    package let label: String
    package let profession: String
    package let specialty: String
    package let languages: Set<String>
    package let limits: WorkingLimits

    package init(
        label: String, profession: String, specialty: String, languages: Set<String>,
        limits: WorkingLimits = .none
    ) {
        self.label = label
        self.profession = profession
        self.specialty = specialty
        self.languages = languages
        self.limits = limits
    }

    fileprivate func specialist(
        _ id: SpecialistID, of organisation: OrganisationID
    ) throws -> Specialist {
        do {
            return try Specialist(
                id: id, organisation: organisation, displayLabel: label, profession: profession,
                specialties: [specialty], languages: languages)
        } catch let refusal {
            return try asInput { throw refusal }
        }
    }
}

extension Market {
    package func listSpecialists(
        _ request: Request, page: Page<SpecialistID>
    ) async throws -> Answer {
        let rows = try await read(
            request, StoredSpecialist.page(after: page.after, limit: page.limit + 1))
        return try .page(
            rows.map(StoredSpecialist.init(row:)), limit: page.limit,
            cursor: { $0.specialist.id.description }, item: \.json)
    }

    package func specialist(_ request: Request, _ id: SpecialistID) async throws -> Answer {
        guard let row = try await read(request, StoredSpecialist.find(id)).atMostOne() else {
            throw Refusal(.notFound)
        }
        return try StoredSpecialist(row: row).answer
    }

    package func createSpecialist(
        _ request: Request, unit: UnitID, _ details: SpecialistDetails
    ) async throws -> Answer {
        try await change(request) { transaction, caller in
            guard try await transaction.query(StoredUnit.find(unit)).atMostOne() != nil else {
                throw Refusal(.notFound)
            }
            let id: SpecialistID = newID()
            let specialist = try details.specialist(id, of: caller.organisation)
            let stored = StoredSpecialist(
                specialist: specialist, unit: unit, limits: details.limits)
            try await transaction.query(
                stored.insert(), refusing: .uniqueViolation, as: .nameTaken)
            try await transaction.record(stored.happening("specialist.created"), by: caller)
            return stored.answer
        }
    }

    /// What is published moves along with a new specialty; what is booked stays as it is.
    package func updateSpecialist(
        _ request: Request, _ id: SpecialistID, revision: Int64, _ details: SpecialistDetails,
        isActive: Bool
    ) async throws -> Answer {
        try await change(request) { transaction, caller in
            guard let row = try await transaction.query(StoredSpecialist.find(id)).atMostOne()
            else { throw Refusal(.notFound) }
            let edited = StoredSpecialist(
                specialist: try details.specialist(id, of: caller.organisation),
                unit: try StoredSpecialist(row: row).unit, limits: details.limits,
                isActive: isActive, revision: revision)
            let rows = try await transaction.query(
                edited.update(), refusing: .uniqueViolation, as: .nameTaken)
            guard let row = try rows.atMostOne() else { throw Refusal(.revisionDiffers) }
            let stored = try StoredSpecialist(row: row)
            try await transaction.query(stored.moveStartTimes())
            try await transaction.record(stored.happening("specialist.updated"), by: caller)
            return stored.answer
        }
    }
}

extension StoredSpecialist {
    var json: JSON {
        [
            "id": JSON(specialist.id.description),
            "unit": JSON(unit.description),
            "label": JSON(specialist.displayLabel),
            "profession": JSON(specialist.profession),
            "specialty": JSON(specialty),
            "languages": .array(specialist.languages.sorted().map { JSON($0) }),
            "daily_minutes": limits.dailyMinutes.map { JSON($0) } ?? .null,
            "weekly_minutes": limits.weeklyMinutes.map { JSON($0) } ?? .null,
            "active": JSON(isActive),
            "revision": JSON(revision),
        ]
    }

    var answer: Answer {
        Answer(json, revision: revision, location: "/v1/specialists/\(specialist.id)")
    }

    func happening(_ kind: String) -> Happening {
        Happening(
            .specialist, specialist.id, kind, revision: revision,
            facts: ["active": JSON(isActive)])
    }
}
