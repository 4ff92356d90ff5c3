import Marketplace
import MoneyAndTime
import Scheduling
import StrictJSON

/// Changing and copying published time, and the templates that it is published from.
enum AvailabilityHandlers {
    static func previewChange(_ call: Call) async throws -> Reply {
        let change = try call.object(Market.ChangedTime.init(fields:))
        return try await .json(
            call.market.previewAvailabilityChange(call.request, call.id("availability"), change))
    }

    static func change(_ call: Call) async throws -> Reply {
        let (digest, change) = try call.object { fields in
            try (fields.digest("digest"), Market.ChangedTime(fields: &fields))
        }
        return try await .json(
            call.market.changeAvailability(
                call.request, call.id("availability"), change, digest: digest))
    }

    static func copy(_ call: Call) async throws -> Reply {
        let specialist = try call.object { fields in
            try fields.parsed("specialist", SpecialistID.init(typeID:))
        }
        return try await .json(
            call.market.copyAvailability(
                call.request, call.id("availability"), for: specialist))
    }

    static func listTemplates(_ call: Call) async throws -> Reply {
        try await .page(
            call.market.listAvailabilityTemplates(
                call.request, page: call.page(AvailabilityTemplateID.init(typeID:))))
    }

    static func addTemplate(_ call: Call) async throws -> Reply {
        let template = try call.object(AvailabilityTemplate.init(fields:))
        return try await .json(call.market.addAvailabilityTemplate(call.request, template))
    }

    static func removeTemplate(_ call: Call) async throws -> Reply {
        try await .json(
            call.market.removeAvailabilityTemplate(
                call.request, call.id("availability_template")))
    }

    static func publishFromTemplate(_ call: Call) async throws -> Reply {
        let (specialist, startsOn, until) = try call.object { fields in
            try (
                fields.parsed("specialist", SpecialistID.init(typeID:)),
                fields.parsed("starts_on", CalendarDate.init(iso:)),
                fields.optionalParsed("until", CalendarDate.init(iso:))
            )
        }
        return try await .json(
            call.market.publishFromTemplate(
                call.request, call.id("availability_template"), for: specialist,
                startsOn: startsOn, until: until))
    }
}

extension Market.ChangedTime {
    fileprivate init(fields: inout JSONFields) throws {
        self = try Market.ChangedTime(
            from: fields.parsed("change_from", CalendarDate.init(iso:)),
            offered: Market.OfferedTime(fields: &fields))
    }
}

extension JSONFields {
    /// A SHA-256 as people copy it.
    mutating func digest(_ key: String) throws -> String {
        let digest = try string(key, min: 64, max: 64)
        guard digest.utf8.allSatisfy({ "0123456789abcdef".utf8.contains($0) }) else {
            throw problem(key, .pattern, "must be 64 lower-case hex digits")
        }
        return digest
    }
}
