import Marketplace
import MoneyAndTime
import Organisations
import Storage
import StrictJSON
import Visits

/// Blocks of time that are sold whole.
enum BlockHandlers {
    static func make(_ call: Call) async throws -> Reply {
        let wanted = try call.object { fields in
            let (contract, term, specialist, from, through) = try (
                fields.parsed("contract", ContractID.init(typeID:)),
                fields.integer("block", in: 0...49),
                fields.parsed("specialist", SpecialistID.init(typeID:)),
                fields.parsed("from", CalendarDate.init(iso:)),
                fields.parsed("through", CalendarDate.init(iso:))
            )
            guard from <= through else {
                throw InvalidInput(
                    pointer: "/through", code: "order", message: "must not be before from")
            }
            return Market.WantedBlocks(
                contract: contract, term: term, specialist: specialist, from: from,
                through: through)
        }
        return try await .json(call.market.makeBlocks(call.request, wanted))
    }

    static func list(_ call: Call) async throws -> Reply {
        try await .page(
            call.market.listBlocks(
                call.request,
                contract: call.query.optionalParsed("contract", ContractID.init(typeID:)),
                from: call.query.optionalParsed("from", Instant.init(rfc3339:)),
                until: call.query.optionalParsed("until", Instant.init(rfc3339:)),
                page: call.page(BlockID.init(typeID:))))
    }

    static func get(_ call: Call) async throws -> Reply {
        try await .json(call.market.block(call.request, call.id("block")))
    }

    static func place(_ call: Call) async throws -> Reply {
        let visits = try call.object { fields in
            try fields.array("visits", min: 1, max: Market.mostPlaced) { reader in
                try reader.object { fields in
                    try Market.WantedPlace(
                        starts: fields.parsed("starts", Instant.init(rfc3339:)),
                        minutes: fields.integer("minutes", in: 1...1_440),
                        handOver: SchedulingHandlers.references(&fields)
                            .taking(ResourceHandlers.named(&fields) ?? []))
                }
            }
        }
        return try await .json(
            call.market.placeVisits(call.request, in: call.id("block"), visits))
    }

    static func giveBack(_ call: Call) async throws -> Reply {
        let cost = try call.object { fields in
            try fields.parsed("expected_cost") { try Money(decimal: $0) }
        }
        return try await .json(
            call.market.giveBackBlock(call.request, call.id("block"), expectedCost: cost))
    }

    static func ready(_ call: Call) async throws -> Reply {
        let checks = try call.object { fields in
            try fields.nested("checks") { try ReadyChecks(&$0) }
        }
        return try await .json(
            call.market.sayBlockReady(call.request, call.id("block"), checks))
    }

    static func withdraw(_ call: Call) async throws -> Reply {
        try await .json(call.market.withdrawBlock(call.request, call.id("block")))
    }
}
