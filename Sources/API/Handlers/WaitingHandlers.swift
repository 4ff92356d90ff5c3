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
            return try StoredWaitingEntry.Details(
                contract: contract, service: service, specialist: specialist, minutes: minutes,
                wanted: TimeSlot(start: from, end: until),
                patientReference: SchedulingHandlers.patientReference(&fields)?.text,
                recordReference: fields.optionalWords("record_reference", max: 100),
                authorisationReference: fields.optionalWords(
                    "authorisation_reference", max: 100),
                diaryReference: fields.optionalWords("diary_reference", max: 100))
        }
        return try await .json(call.market.joinWaitingList(call.request, details))
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
