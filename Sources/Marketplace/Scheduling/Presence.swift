import MoneyAndTime
import Postgres
import Storage
import StrictJSON

// Specialists who are at hand now, so that who needs someone at once finds them.

extension Market {
    package func listPresentSpecialists(
        _ request: Request, page: Page<SpecialistID>
    ) async throws -> Answer {
        let rows = try await read(
            request, PresentSpecialist.page(after: page.after, limit: page.limit + 1))
        return try .page(
            rows.map(PresentSpecialist.init(row:)), limit: page.limit,
            cursor: { $0.specialist.description }, item: \.json)
    }

    /// For so many minutes from now, whatever was said before; for these services, or for all that
    /// the specialist's field gives. Who does not say it again is not at hand any more.
    package func sayPresent(
        _ request: Request, _ id: SpecialistID, minutes: Int64, services: [String]? = nil
    ) async throws -> Answer {
        try await change(request) { transaction, caller in
            let until = try await transaction.now().adding(seconds: minutes * 60)
            guard let known = try await transaction.query(PresentSpecialist.find(id)).atMostOne()
            else { throw Refusal(.notFound) }
            if let services,
                let unsold = try await transaction.query(PresentSpecialist.notSold(id, services))
                    .first
            {
                throw Refusal(
                    .serviceNotInContract,
                    figures: ["service": JSON(try unsold["service", String.self])])
            }
            try await transaction.query(
                PresentSpecialist.come(
                    known.decode("specialist"), of: caller.organisation, until: until,
                    services: services))
            return try await presence(
                of: id, "specialist.present", ["until": JSON(until.rfc3339)], by: caller,
                in: transaction)
        }
    }

    package func sayAbsent(_ request: Request, _ id: SpecialistID) async throws -> Answer {
        try await change(request) { transaction, caller in
            try await transaction.query(PresentSpecialist.go(id))
            return try await presence(
                of: id, "specialist.away", .object([:]), by: caller, in: transaction)
        }
    }

    /// Noted, and told to nobody: a search finds it.
    private func presence(
        of id: SpecialistID, _ kind: String, _ facts: JSON, by caller: Caller,
        in transaction: Transaction
    ) async throws -> Answer {
        guard let row = try await transaction.query(PresentSpecialist.find(id)).atMostOne()
        else { throw Refusal(.notFound) }
        try await transaction.note(
            .init(.specialist, id, kind, revision: 0, facts: facts), by: caller)
        return try Answer(PresentSpecialist(row: row).json)
    }
}

extension PresentSpecialist {
    fileprivate var json: JSON {
        [
            "specialist": JSON(specialist.description),
            "label": JSON(label),
            "until": JSON(until?.rfc3339),
            "services": services.map { .array($0.map { JSON($0) }) } ?? .null,
        ]
    }
}
