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
        let said = try call.object { fields in
            try (
                minutes: fields.integer("minutes", in: 1...1_440),
                services: fields.optionalArray("services", min: 1, max: 50) {
                    try $0.serviceCode()
                }
            )
        }
        return try await .json(
            call.market.sayPresent(
                call.request, call.id("specialist"), minutes: said.minutes,
                services: said.services))
    }

    static func sayAbsent(_ call: Call) async throws -> Reply {
        try await .json(call.market.sayAbsent(call.request, call.id("specialist")))
    }
}
