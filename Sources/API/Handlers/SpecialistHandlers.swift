import Marketplace
import MoneyAndTime
import Scheduling
import StrictJSON

extension OrganisationHandlers {
    static func listSpecialists(_ call: Call) async throws -> Reply {
        try await .page(
            call.market.listSpecialists(
                call.request, page: call.page(SpecialistID.init(typeID:))))
    }

    static func createSpecialist(_ call: Call) async throws -> Reply {
        let (unit, details) = try call.object { fields in
            try (fields.parsed("unit", UnitID.init(typeID:)), specialist(&fields))
        }
        return try await .json(
            call.market.createSpecialist(call.request, unit: unit, details))
    }

    static func getSpecialist(_ call: Call) async throws -> Reply {
        try await .json(call.market.specialist(call.request, call.id("specialist")))
    }

    static func updateSpecialist(_ call: Call) async throws -> Reply {
        let (details, isActive) = try call.object { fields in
            try (specialist(&fields), fields.bool("active"))
        }
        return try await .json(
            call.market.updateSpecialist(
                call.request, call.id("specialist"), revision: call.ifMatch, details,
                isActive: isActive))
    }

    static func listLicences(_ call: Call) async throws -> Reply {
        try await .page(
            call.market.listLicences(
                call.request, of: call.id("specialist"), page: call.page(LicenceID.init(typeID:))))
    }

    static func addLicence(_ call: Call) async throws -> Reply {
        let details = try call.object { fields in
            try LicenceDetails(
                authority: fields.string("authority", min: 1, max: 120),
                number: fields.string("number", min: 1, max: 64),
                validFrom: fields.parsed("valid_from") { try CalendarDate(iso: $0) },
                validThrough: fields.parsed("valid_through") { try CalendarDate(iso: $0) })
        }
        return try await .json(
            call.market.addLicence(call.request, to: call.id("specialist"), details))
    }

    private static func specialist(_ fields: inout JSONFields) throws -> SpecialistDetails {
        let listed = { (fields: inout JSONFields) in
            try fields.array("languages", min: 1, max: 20) { try $0.string(min: 2, max: 6) }
        }
        return try SpecialistDetails(
            label: fields.string("label", min: 1, max: 80),
            profession: fields.string("profession", min: 1, max: 80),
            specialty: fields.string("specialty", min: 1, max: 32),
            languages: unique(listed(&fields), in: "languages", fields),
            limits: WorkingLimits(
                dailyMinutes: fields.optionalInteger(
                    "daily_minutes", in: 1...WorkingLimits.longestDay),
                weeklyMinutes: fields.optionalInteger(
                    "weekly_minutes", in: 1...WorkingLimits.longestWeek)) ?? .none)
    }
}
