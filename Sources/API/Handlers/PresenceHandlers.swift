import Marketplace
import MoneyAndTime
import StrictJSON

/// Specialists who are at hand now.
enum PresenceHandlers {
    static func list(_ call: Call) async throws -> Reply {
        try await .page(
            call.market.listPresentSpecialists(
                call.request, page: call.page(SpecialistID.init(typeID:))))
    }

    static func sayPresent(_ call: Call) async throws -> Reply {
        let minutes = try call.object { try $0.integer("minutes", in: 1...1_440) }
        return try await .json(
            call.market.sayPresent(call.request, call.id("specialist"), minutes: minutes))
    }

    static func sayAbsent(_ call: Call) async throws -> Reply {
        try await .json(call.market.sayAbsent(call.request, call.id("specialist")))
    }
}
