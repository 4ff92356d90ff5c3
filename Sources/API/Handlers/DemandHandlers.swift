import Billing
import Marketplace
import MoneyAndTime
import Organisations
import Scheduling
import Storage
import StrictJSON

/// Someone at once: asking, accepting, and how long it takes.
enum DemandHandlers {
    static func ask(_ call: Call) async throws -> Reply {
        let wanted = try call.object { fields in
            let asks = try fields.array("asked", min: 1, max: Market.mostAsked) { each in
                try each.object { ask in
                    try (
                        contract: ask.parsed("contract", ContractID.init(typeID:)),
                        service: ask.serviceCode("service")
                    )
                }
            }
            return try StoredDemand.Wanted(
                asks: asks, minutes: fields.integer("minutes", in: 1...1_440),
                answerMinutes: fields.integer("answer_minutes", in: Market.answerMinutes),
                language: fields.optionalParsed("language", Specialist.language(asked:)),
                handOver: SchedulingHandlers.handOver(&fields))
        }
        return try await .json(call.market.askNow(call.request, wanted))
    }

    static func list(_ call: Call) async throws -> Reply {
        try await .page(
            call.market.listDemands(
                call.request,
                state: call.query.optionalEnumeration("state", as: StoredDemand.State.self),
                page: call.page(DemandID.init(typeID:))))
    }

    static func get(_ call: Call) async throws -> Reply {
        try await .json(call.market.demand(call.request, call.id("demand")))
    }

    static func accept(_ call: Call) async throws -> Reply {
        let id: DemandID = try call.id("demand")
        let specialist = try call.object {
            try $0.parsed("specialist", SpecialistID.init(typeID:))
        }
        return try await .json(call.market.acceptDemand(call.request, id, by: specialist))
    }

    static func withdraw(_ call: Call) async throws -> Reply {
        try await .json(call.market.withdrawDemand(call.request, call.id("demand")))
    }

    static func responseTimes(_ call: Call) async throws -> Reply {
        let month = try call.query.parsed("month", StatementPeriod.init(key:))
        return try await .json(
            call.market.responseTimes(call.request, of: call.id("contract"), in: month))
    }

    static func responseTimesTable(_ call: Call) async throws -> Reply {
        let month = try call.query.parsed("month", StatementPeriod.init(key:))
        return try await .file(
            call.market.responseTimesTable(call.request, of: call.id("contract"), in: month))
    }
}
