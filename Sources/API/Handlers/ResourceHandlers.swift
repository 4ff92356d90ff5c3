import Marketplace
import MoneyAndTime
import Scheduling
import Storage
import StrictJSON

/// Rooms and staff of an organisation's own.
enum ResourceHandlers {
    static func list(_ call: Call) async throws -> Reply {
        try await .page(
            call.market.listResources(
                call.request, unit: call.query.optionalParsed("unit", UnitID.init(typeID:)),
                kind: call.query.optionalEnumeration("kind", as: StoredResource.Kind.self),
                page: call.page(ResourceID.init(typeID:))))
    }

    static func add(_ call: Call) async throws -> Reply {
        let (kind, unit, details) = try call.object { fields in
            try (
                fields.enumeration("kind", as: StoredResource.Kind.self),
                fields.parsed("unit", UnitID.init(typeID:)), read(&fields)
            )
        }
        return try await .json(call.market.addResource(call.request, kind, in: unit, details))
    }

    static func get(_ call: Call) async throws -> Reply {
        try await .json(call.market.resource(call.request, call.id("resource")))
    }

    static func update(_ call: Call) async throws -> Reply {
        let (details, isActive) = try call.object { fields in
            try (read(&fields), fields.bool("active"))
        }
        return try await .json(
            call.market.updateResource(
                call.request, call.id("resource"), revision: call.ifMatch, details,
                isActive: isActive))
    }

    static func calendar(_ call: Call) async throws -> Reply {
        let (from, until) = try SchedulingHandlers.stretch(call)
        return try await .json(
            call.market.resourceCalendar(
                call.request, of: call.id("resource"), from: from, until: until))
    }

    static func close(_ call: Call) async throws -> Reply {
        let (during, reason) = try call.object { fields in
            let from = try fields.parsed("from", Instant.init(rfc3339:))
            let until = try fields.parsed("until", Instant.init(rfc3339:))
            guard from < until else {
                throw InvalidInput(
                    pointer: "/until", code: "order", message: "must be later than from")
            }
            return try (
                TimeSlot(start: from, end: until), fields.words("reason", max: 200)
            )
        }
        return try await .json(
            call.market.closeResource(
                call.request, call.id("resource"), during: during, reason: reason))
    }

    static func reopen(_ call: Call) async throws -> Reply {
        try await .json(
            call.market.reopenResource(
                call.request, call.id("resource"), call.id("closure")))
    }

    static func choose(_ call: Call) async throws -> Reply {
        let chosen = try call.object { fields in
            try unique(fields.array("resources", max: Market.mostResources, identifier), fields)
        }
        return try await .json(
            call.market.chooseResources(call.request, for: call.id("booking"), chosen))
    }

    private static func read(
        _ fields: inout JSONFields
    ) throws -> Market.ResourceDetails {
        try Market.ResourceDetails(
            name: fields.string("name", min: 1, max: Market.ResourceDetails.longestName),
            opening: opening(&fields),
            minuteCost: fields.optionalParsed("cost_per_minute") { try UnitPrice(decimal: $0) })
    }

    private static func opening(_ fields: inout JSONFields) throws -> OpeningHours? {
        let stretches = try fields.optionalArray("hours", min: 1, max: OpeningHours.most) {
            try $0.object { fields in
                try OpeningHours.Stretch(
                    weekday: fields.parsed("weekday", Weekday.init(asked:)),
                    from: fields.parsed("from") { try TimeOfDay($0) },
                    until: fields.parsed("until") { try TimeOfDay($0) })
            }
        }
        do {
            return try stretches.map { try OpeningHours($0) }
        } catch let invalid as OpeningHours.Invalid {
            throw fields.problem("hours", .pattern, invalid.description)
        }
    }

    // MARK: - In the bodies of bookings

    /// Those that are named, each once; nil when the member is not there.
    static func named(_ fields: inout JSONFields) throws -> [ResourceID]? {
        try fields.optionalArray("resources", max: Market.mostResources, identifier)
            .map { try unique($0, fields) }
    }

    private static func identifier(_ reader: JSONReader) throws -> ResourceID {
        try reader.parsed(ResourceID.init(typeID:))
    }

    private static func unique(
        _ resources: [ResourceID], _ fields: JSONFields
    ) throws -> [ResourceID] {
        guard Set(resources).count == resources.count else {
            throw fields.problem("resources", .pattern, "must not name one twice")
        }
        return resources
    }

    /// Of a search: identifiers with commas between them, each once.
    static func asked(_ list: String) throws -> [ResourceID] {
        let resources = try list.split(separator: ",", omittingEmptySubsequences: false).map {
            try ResourceID(typeID: String($0))
        }
        guard resources.count <= Market.mostResources,
            Set(resources).count == resources.count
        else { throw UnlikeResources() }
        return resources
    }

    private struct UnlikeResources: Error, CustomStringConvertible {
        let description = "must be at most \(Market.mostResources), none of them twice"
    }
}
