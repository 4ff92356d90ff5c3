import Marketplace
import MoneyAndTime
import Organisations
import StrictJSON

// Units of an organisation.

extension OrganisationHandlers {
    static func listUnits(_ call: Call) async throws -> Reply {
        try await .page(
            call.market.listUnits(call.request, page: call.page(UnitID.init(typeID:))))
    }

    static func createUnit(_ call: Call) async throws -> Reply {
        let (name, timeZone, telephone) = try unit(call)
        return try await .json(
            call.market.createUnit(
                call.request, name: name, timeZone: timeZone, telephone: telephone))
    }

    static func getUnit(_ call: Call) async throws -> Reply {
        try await .json(call.market.unit(call.request, call.id("unit")))
    }

    static func updateUnit(_ call: Call) async throws -> Reply {
        let (name, timeZone, telephone) = try unit(call)
        return try await .json(
            call.market.updateUnit(
                call.request, call.id("unit"), revision: call.ifMatch, name: name,
                timeZone: timeZone, telephone: telephone))
    }

    private static func unit(
        _ call: Call
    ) throws -> (name: String, timeZone: WallClock, telephone: TelephoneNumber?) {
        try call.object { fields in
            try (
                fields.string("name", min: 1, max: 120),
                fields.parsed("time_zone", WallClock.init(zone:)),
                fields.optionalParsed("telephone", TelephoneNumber.init(_:))
            )
        }
    }
}
