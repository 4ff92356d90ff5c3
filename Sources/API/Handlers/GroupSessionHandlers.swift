import Marketplace
import MoneyAndTime
import Organisations
import StrictJSON

/// Sessions in which several buyers have places.
enum GroupSessionHandlers {
    static func open(_ call: Call) async throws -> Reply {
        let wanted = try call.object { fields in
            try Market.WantedSession(
                specialist: fields.parsed("specialist", SpecialistID.init(typeID:)),
                service: fields.serviceCode("service"),
                starts: fields.parsed("starts", Instant.init(rfc3339:)),
                minutes: fields.integer("minutes", in: 1...1_440),
                places: fields.integer("places", in: 1...Market.mostPlaces),
                contracts: fields.optionalArray("contracts", min: 1, max: 100) {
                    try $0.parsed(ContractID.init(typeID:))
                },
                bookUntil: fields.parsed("book_until", Instant.init(rfc3339:)))
        }
        return try await .json(call.market.openGroupSession(call.request, wanted))
    }

    static func list(_ call: Call) async throws -> Reply {
        try await .page(
            call.market.listGroupSessions(
                call.request,
                contract: call.query.optionalParsed("contract", ContractID.init(typeID:)),
                from: call.query.optionalParsed("from", Instant.init(rfc3339:)),
                until: call.query.optionalParsed("until", Instant.init(rfc3339:)),
                page: call.page(GroupSessionID.init(typeID:))))
    }

    static func get(_ call: Call) async throws -> Reply {
        try await .json(call.market.groupSession(call.request, call.id("group_session")))
    }

    static func book(_ call: Call) async throws -> Reply {
        let (contract, patients) = try call.object { fields in
            try (
                fields.parsed("contract", ContractID.init(typeID:)),
                fields.array("patients", min: 1, max: Int(Market.mostPlaces)) { reader in
                    try reader.object { try SchedulingHandlers.handOverTaking(&$0) }
                }
            )
        }
        return try await .json(
            call.market.bookPlaces(
                call.request, in: call.id("group_session"), under: contract, patients))
    }

    static func wait(_ call: Call) async throws -> Reply {
        let (contract, handOver) = try call.object { fields in
            try (
                fields.parsed("contract", ContractID.init(typeID:)),
                SchedulingHandlers.handOver(&fields)
            )
        }
        return try await .json(
            call.market.waitForPlace(
                call.request, in: call.id("group_session"), under: contract, handOver))
    }

    static func substitute(_ call: Call) async throws -> Reply {
        let specialist = try call.object { fields in
            try fields.parsed("specialist", SpecialistID.init(typeID:))
        }
        return try await .json(
            call.market.substituteGroupSession(
                call.request, call.id("group_session"), by: specialist))
    }

    static func withdraw(_ call: Call) async throws -> Reply {
        let (cost, reason) = try call.object { fields in
            try (
                fields.parsed("expected_cost") { try Money(decimal: $0) },
                fields.optionalWords("reason", max: 500)
            )
        }
        return try await .json(
            call.market.withdrawGroupSession(
                call.request, call.id("group_session"), expectedCost: cost, reason: reason))
    }
}
