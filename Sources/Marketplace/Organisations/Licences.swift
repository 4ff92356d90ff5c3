import MoneyAndTime
import Organisations
import Postgres
import Storage
import StrictJSON

/// A specialist's right to practise, as an authority gave it.
package struct LicenceDetails: Sendable {
    package let authority: String
    package let number: String
    package let validFrom: CalendarDate
    /// The last day on which it is valid.
    package let validThrough: CalendarDate

    package init(
        authority: String, number: String, validFrom: CalendarDate, validThrough: CalendarDate
    ) {
        self.authority = authority
        self.number = number
        self.validFrom = validFrom
        self.validThrough = validThrough
    }
}

extension Market {
    package func listLicences(
        _ request: Request, of specialist: SpecialistID, page: Page<LicenceID>
    ) async throws -> Answer {
        try await view(request) { transaction, _ in
            try await requireSpecialist(specialist, in: transaction)
            let rows = try await transaction.query(
                StoredLicence.page(of: specialist, after: page.after, limit: page.limit + 1))
            return try .page(
                rows.map(StoredLicence.init(row:)), limit: page.limit,
                cursor: { $0.licence.id.description }, item: \.json)
        }
    }

    /// From now on it counts in search and booking.
    package func addLicence(
        _ request: Request, to specialist: SpecialistID, _ details: LicenceDetails
    ) async throws -> Answer {
        try await change(request) { transaction, caller in
            try await requireSpecialist(specialist, in: transaction)
            let licence = try asInput {
                try Licence(
                    id: newID(), specialist: specialist, authority: details.authority,
                    number: details.number, validFrom: details.validFrom,
                    validThrough: details.validThrough)
            }
            let stored = StoredLicence(licence)
            try await transaction.query(stored.insert(for: caller.organisation))
            try await transaction.record(
                .init(
                    .licence, licence.id, "licence.added", revision: 1,
                    facts: [
                        "specialist": JSON(specialist.description),
                        "valid_from": JSON(licence.validFrom.iso),
                        "valid_through": JSON(licence.validThrough.iso),
                    ]),
                by: caller)
            return Answer(stored.json)
        }
    }

    private func requireSpecialist(
        _ id: SpecialistID, in transaction: Transaction
    ) async throws {
        guard try await transaction.query(StoredSpecialist.find(id)).atMostOne() != nil else {
            throw Refusal(.notFound)
        }
    }
}

extension StoredLicence {
    var json: JSON {
        [
            "id": JSON(licence.id.description),
            "specialist": JSON(licence.specialist.description),
            "authority": JSON(licence.authority),
            "number": JSON(licence.number),
            "valid_from": JSON(licence.validFrom.iso),
            "valid_through": JSON(licence.validThrough.iso),
        ]
    }
}
