import Marketplace
import MoneyAndTime
import Organisations
import Scheduling
import Storage
import StrictJSON

/// The waiting list for time that is sold.
enum WaitingHandlers {
    static func join(_ call: Call) async throws -> Reply {
        let details = try call.object { fields in
            let (contract, service, specialist, minutes) = try (
                fields.parsed("contract", ContractID.init(typeID:)),
                fields.serviceCode("service"),
                fields.optionalParsed("specialist", SpecialistID.init(typeID:)),
                fields.integer("minutes", in: 1...1_440)
            )
            let from = try fields.parsed("from", Instant.init(rfc3339:))
            let until = try fields.parsed("until", Instant.init(rfc3339:))
            guard from < until else {
                throw InvalidInput(
                    pointer: "/until", code: "order", message: "must be later than from")
            }
            let days = try days(&fields)
            return try StoredWaitingEntry.Details(
                contract: contract, service: service, specialist: specialist, minutes: minutes,
                wanted: TimeSlot(start: from, end: until),
                language: fields.optionalParsed("language", Specialist.language(asked:)),
                weekdays: days.weekdays, hours: days.hours,
                handOver: SchedulingHandlers.handOver(&fields))
        }
        return try await .json(call.market.joinWaitingList(call.request, details))
    }

    /// Days of the week, empty for all, and hours of the day: both of them, or neither.
    static func days(
        _ fields: inout JSONFields
    ) throws -> (weekdays: Set<Weekday>, hours: FoundTime.Hours?) {
        let days = try fields.optionalArray("weekdays", min: 1, max: 7) {
            try $0.parsed(Weekday.init(asked:))
        }
        let weekdays = Set(days ?? [])
        let from = try fields.optionalParsed("hours_from") { try TimeOfDay($0) }
        let until = try fields.optionalParsed("hours_until") { try TimeOfDay($0) }
        guard from != nil || until != nil else { return (weekdays, nil) }
        guard let from, let until, let hours = FoundTime.Hours(from: from, until: until) else {
            throw InvalidInput(
                pointer: from == nil ? "/hours_from" : "/hours_until", code: "order",
                message: "both hours must be there, the later one last")
        }
        return (weekdays, hours)
    }

    static func list(_ call: Call) async throws -> Reply {
        try await .page(
            call.market.listWaitingList(
                call.request,
                state: call.query.optionalEnumeration(
                    "state", as: StoredWaitingEntry.State.self),
                page: call.page(WaitingEntryID.init(typeID:))))
    }

    static func get(_ call: Call) async throws -> Reply {
        try await .json(call.market.waitingEntry(call.request, call.id("entry")))
    }

    static func leave(_ call: Call) async throws -> Reply {
        try await .json(call.market.leaveWaitingList(call.request, call.id("entry")))
    }
}
