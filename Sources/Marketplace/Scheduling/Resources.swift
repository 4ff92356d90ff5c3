import MoneyAndTime
import Postgres
import Scheduling
import Storage
import StrictJSON

// Rooms and staff of an organisation's own, which the visits that it buys take where the patient
// is. Nobody else sees them.

extension Market {
    /// So many of them go with one visit at most.
    package static let mostResources = 3

    /// What may be said of a room or of staff, and changed later.
    package struct ResourceDetails: Sendable {
        package static let longestName = 80

        package let name: String
        /// Nil is always.
        package let opening: OpeningHours?
        /// What a minute of it costs, below 100 000 euros; nil is not known.
        package let minuteCost: UnitPrice?

        /// `name` is one line of 1 to 80 characters, and for staff what they do.
        package init(
            name: String, opening: OpeningHours?, minuteCost: UnitPrice? = nil
        ) throws {
            let isLine = name.unicodeScalars.allSatisfy {
                $0.isReadable && $0 != "\n" && $0 != "\t"
            }
            guard (1...Self.longestName).contains(name.count), isLine,
                name.first?.isWhitespace == false, name.last?.isWhitespace == false
            else {
                throw InvalidInput(
                    pointer: "/name", code: "pattern",
                    message: "must be one line of 1 to \(Self.longestName) characters")
            }
            guard !PersonalIdentityCode.looksLike(name) else {
                throw InvalidInput(
                    pointer: "/name", code: "personal_identity_code",
                    message: "holds what looks like a personal identity code; say it without")
            }
            self.name = name
            if let minuteCost, minuteCost.tenThousandths >= 1_000_000_000 {
                throw InvalidInput(
                    pointer: "/cost_per_minute", code: "maximum",
                    message: "must be below 100000 euros")
            }
            self.opening = opening
            self.minuteCost = minuteCost
        }
    }

    package func listResources(
        _ request: Request, unit: UnitID? = nil, kind: StoredResource.Kind? = nil,
        page: Page<ResourceID>
    ) async throws -> Answer {
        let rows = try await read(
            request,
            StoredResource.page(
                unit: unit, kind: kind, after: page.after, limit: page.limit + 1))
        return try .page(
            rows.map(StoredResource.init(row:)), limit: page.limit,
            cursor: { $0.id.description }, item: \.json)
    }

    package func resource(_ request: Request, _ id: ResourceID) async throws -> Answer {
        guard let row = try await read(request, StoredResource.find(id)).atMostOne() else {
            throw Refusal(.notFound)
        }
        return try StoredResource(row: row).answer
    }

    package func addResource(
        _ request: Request, _ kind: StoredResource.Kind, in unit: UnitID,
        _ details: ResourceDetails
    ) async throws -> Answer {
        try await change(request) { transaction, caller in
            guard try await transaction.query(StoredUnit.find(unit)).atMostOne() != nil else {
                throw Refusal(.notFound)
            }
            let resource = StoredResource(
                id: newID(), unit: unit, kind: kind, name: details.name,
                opening: details.opening, minuteCost: details.minuteCost)
            try await transaction.query(
                resource.insert(for: caller.organisation), refusing: .uniqueViolation,
                as: .nameTaken)
            try await transaction.record(
                .init(.resource, resource.id, "resource.added", revision: 1), by: caller)
            return resource.answer
        }
    }

    /// Where it is booked already it stays, also when it is made inactive or its hours change.
    package func updateResource(
        _ request: Request, _ id: ResourceID, revision: Int64, _ details: ResourceDetails,
        isActive: Bool
    ) async throws -> Answer {
        try await change(request) { transaction, caller in
            let before = try await own(id, in: transaction)
            func edited(_ revision: Int64) -> StoredResource {
                StoredResource(
                    id: id, unit: before.unit, kind: before.kind, name: details.name,
                    opening: details.opening, minuteCost: details.minuteCost, isActive: isActive,
                    revision: revision)
            }
            let rows = try await transaction.query(
                edited(revision).update(), refusing: .uniqueViolation, as: .nameTaken)
            guard let next = try rows.atMostOne()?["revision", Int64.self] else {
                throw Refusal(.revisionDiffers)
            }
            try await transaction.record(
                .init(.resource, id, "resource.updated", revision: next), by: caller)
            return edited(next).answer
        }
    }

    /// The booking takes these rooms and staff from now on, and no others. Its seller is told
    /// nothing.
    package func chooseResources(
        _ request: Request, for booking: BookingID, _ resources: [ResourceID]
    ) async throws -> Answer {
        try await change(request) { transaction, caller in
            try await transaction.query(StoredResource.choose(resources, for: booking))
            try await transaction.note(
                .init(.booking, booking, "booking.resources_chosen", revision: 0), by: caller)
            let row = try await transaction.query(StoredBooking.find(booking)).only()
            return try BookingSheet(StoredBooking(row: row), for: caller.organisation).answer
        }
    }

    func own(_ id: ResourceID, in transaction: Transaction) async throws -> StoredResource {
        guard let row = try await transaction.query(StoredResource.find(id)).atMostOne() else {
            throw Refusal(.notFound)
        }
        return try StoredResource(row: row)
    }
}

extension StoredResource {
    var json: JSON {
        let hours: JSON =
            opening.map { opening in
                .array(
                    opening.stretches.map { stretch in
                        [
                            "weekday": JSON(stretch.weekday.word),
                            "from": JSON(stretch.from.description),
                            "until": JSON(stretch.until.description),
                        ]
                    })
            } ?? .null
        return [
            "id": JSON(id.description),
            "unit": JSON(unit.description),
            "kind": JSON(kind.rawValue),
            "name": JSON(name),
            "hours": hours,
            "cost_per_minute": JSON(minuteCost?.decimal),
            "active": JSON(isActive),
            "revision": JSON(revision),
        ]
    }

    var answer: Answer {
        Answer(json, revision: revision, location: "/v1/resources/\(id)")
    }
}

extension StoredResource.Named {
    /// As a booking shows it.
    var json: JSON {
        ["id": JSON(id.description), "kind": JSON(kind.rawValue), "name": JSON(name)]
    }
}
