import Marketplace
import MoneyAndTime
import Organisations
import Storage

/// Finding free time under one's contracts.
enum FindingHandlers {
    static func findTimes(_ call: Call) async throws -> Reply {
        try await .page(
            call.market.findTimes(
                call.request, wish: wish(call),
                page: call.page(FoundTime.Place.init(cursor:))))
    }

    static func findNearestTimes(_ call: Call) async throws -> Reply {
        try await .json(call.market.nearestTimes(call.request, wish: wish(call)))
    }

    static func findTimesByHour(_ call: Call) async throws -> Reply {
        try await .json(call.market.timesByHour(call.request, wish: wish(call)))
    }

    static func findGroupSessions(_ call: Call) async throws -> Reply {
        let (from, until) = try SchedulingHandlers.stretch(call)
        var wish = FoundSession.Wish(from: from, until: until)
        wish.service = try call.query.optionalText("service", max: 64)
        wish.specialty = try call.query.optionalText("specialty", max: 64)
        wish.language = try call.query.optionalParsed("language", Specialist.language(asked:))
        wish.seller = try call.query.optionalParsed("seller", OrganisationID.init(typeID:))
        wish.specialist = try call.query.optionalParsed("specialist", SpecialistID.init(typeID:))
        wish.contract = try call.query.optionalParsed("contract", ContractID.init(typeID:))
        wish.profession = try call.query.optionalText("profession", max: 20)
        wish.weekdays = try call.query.optionalParsed("weekdays", weekdays) ?? []
        wish.hours = try hours(call.query)
        wish.places = try call.query.optionalInteger("places", in: 0...Market.mostPlaces) ?? 1
        return try await .page(
            call.market.findGroupSessions(
                call.request, wish: wish, page: call.page(FoundSession.Place.init(cursor:))))
    }

    private static func wish(_ call: Call) throws -> FoundTime.Wish {
        let (from, until) = try SchedulingHandlers.stretch(call)
        var wish = try FoundTime.Wish(
            from: from, until: until, minutes: call.query.integer("minutes", in: 1...1_440))
        wish.service = try call.query.optionalText("service", max: 64)
        wish.specialty = try call.query.optionalText("specialty", max: 64)
        wish.language = try call.query.optionalParsed("language", Specialist.language(asked:))
        wish.seller = try call.query.optionalParsed("seller", OrganisationID.init(typeID:))
        wish.specialist = try call.query.optionalParsed("specialist", SpecialistID.init(typeID:))
        wish.contract = try call.query.optionalParsed("contract", ContractID.init(typeID:))
        wish.profession = try call.query.optionalText("profession", max: 20)
        wish.weekdays = try call.query.optionalParsed("weekdays", weekdays) ?? []
        wish.hours = try hours(call.query)
        wish.isPresent = try call.query.optionalEnumeration("present", as: Truth.self) == .true
        wish.resources = try call.query.optionalParsed("resources", ResourceHandlers.asked) ?? []
        return wish
    }

    private enum Truth: String, CaseIterable {
        case `true`, `false`
    }

    private static func weekdays(_ list: String) throws -> Set<Weekday> {
        try Set(
            list.split(separator: ",", omittingEmptySubsequences: false).map {
                try Weekday(asked: String($0))
            })
    }

    /// Both, or neither.
    private static func hours(_ query: QueryParameters) throws -> FoundTime.Hours? {
        let from = try query.optionalParsed("hours_from") { try TimeOfDay($0) }
        let until = try query.optionalParsed("hours_until") { try TimeOfDay($0) }
        guard from != nil || until != nil else { return nil }
        guard let from, let until, let hours = FoundTime.Hours(from: from, until: until) else {
            throw Problem(
                .parameterInvalid, "Both hours must be there, the later one last.",
                parameter: from == nil ? "hours_from" : "hours_until")
        }
        return hours
    }
}
