import Marketplace
import MoneyAndTime
import Organisations
import Scheduling
import Storage
import StrictJSON

/// Availability and bookings.
enum SchedulingHandlers {
    static func listAvailability(_ call: Call) async throws -> Reply {
        try await .page(
            call.market.listAvailability(
                call.request,
                specialist: call.query.optionalParsed("specialist", SpecialistID.init(typeID:)),
                page: call.page(AvailabilityRuleID.init(typeID:))))
    }

    static func publishAvailability(_ call: Call) async throws -> Reply {
        let offered = try call.object(Market.OfferedTime.init(fields:))
        return try await .json(call.market.publishAvailability(call.request, offered))
    }

    static func getAvailability(_ call: Call) async throws -> Reply {
        try await .json(call.market.availability(call.request, call.id("availability")))
    }

    static func withdrawAvailability(_ call: Call) async throws -> Reply {
        try await .json(call.market.withdrawAvailability(call.request, call.id("availability")))
    }

    static func getCalendar(_ call: Call) async throws -> Reply {
        let (from, until) = try stretch(call)
        return try await .json(
            call.market.calendar(
                call.request, of: call.id("specialist"), from: from, until: until))
    }

    static func getUnitCalendar(_ call: Call) async throws -> Reply {
        let (from, until) = try stretch(call)
        return try await .json(
            call.market.unitCalendar(call.request, of: call.id("unit"), from: from, until: until))
    }

    /// `from` and `until` of a body.
    static func stretch(_ fields: inout JSONFields) throws -> TimeSlot {
        let from = try fields.parsed("from", Instant.init(rfc3339:))
        let until = try fields.parsed("until", Instant.init(rfc3339:))
        guard let stretch = try? TimeSlot(start: from, end: until) else {
            throw fields.problem("until", .outOfRange, "must be later than from")
        }
        return stretch
    }

    /// The time that is looked through.
    static func stretch(_ call: Call) throws -> (from: Instant, until: Instant) {
        let from = try call.query.parsed("from", Instant.init(rfc3339:))
        let until = try call.query.parsed("until", Instant.init(rfc3339:))
        guard from < until else {
            throw Problem(
                .parameterInvalid, "The value must be later than from.", parameter: "until")
        }
        guard try until.seconds(since: from) <= Market.longestSearchDays * 86_400 else {
            throw Problem(
                .parameterInvalid,
                "The value must be at most \(Market.longestSearchDays) days after from.",
                parameter: "until")
        }
        return (from, until)
    }

    static func listBookings(_ call: Call) async throws -> Reply {
        try await .page(
            call.market.listBookings(
                call.request,
                state: call.query.optionalEnumeration("state", as: BookingLife.Name.self),
                from: call.query.optionalParsed("from", Instant.init(rfc3339:)),
                until: call.query.optionalParsed("until", Instant.init(rfc3339:)),
                series: call.query.optionalParsed("series", SeriesID.init(typeID:)),
                page: call.page(BookingID.init(typeID:))))
    }

    static func bookTime(_ call: Call) async throws -> Reply {
        let wanted = try call.object { fields in
            try Market.WantedTime(
                contract: fields.parsed("contract", ContractID.init(typeID:)),
                service: fields.serviceCode("service"),
                specialist: fields.parsed("specialist", SpecialistID.init(typeID:)),
                starts: fields.parsed("starts", Instant.init(rfc3339:)),
                minutes: fields.integer("minutes", in: 1...1_440),
                hold: fields.optionalBool("hold") ?? false,
                handOver: handOverTaking(&fields))
        }
        return try await .json(call.market.bookTime(call.request, wanted))
    }

    static func getBooking(_ call: Call) async throws -> Reply {
        try await .json(call.market.booking(call.request, call.id("booking")))
    }

    static func confirmBooking(_ call: Call) async throws -> Reply {
        try await .json(call.market.confirmBooking(call.request, call.id("booking")))
    }

    static func releaseBooking(_ call: Call) async throws -> Reply {
        try await .json(call.market.releaseBooking(call.request, call.id("booking")))
    }

    static func getCancellationCost(_ call: Call) async throws -> Reply {
        try await .json(call.market.cancellationCost(call.request, call.id("booking")))
    }

    static func cancelBooking(_ call: Call) async throws -> Reply {
        let (fee, reason) = try call.object { fields in
            try (
                fields.parsed("expected_fee") { try Money(decimal: $0) },
                fields.optionalWords("reason", max: 500)
            )
        }
        return try await .json(
            call.market.cancelBooking(
                call.request, call.id("booking"), expectedFee: fee, reason: reason))
    }
}

extension SchedulingHandlers {
    static func moveBooking(_ call: Call) async throws -> Reply {
        let time = try call.object { fields in
            try Market.NewTime(
                starts: fields.parsed("starts", Instant.init(rfc3339:)),
                specialist: fields.optionalParsed("specialist", SpecialistID.init(typeID:)),
                resources: ResourceHandlers.named(&fields))
        }
        return try await .json(
            call.market.moveBooking(
                call.request, call.id("booking"), revision: call.ifMatch, to: time))
    }
}

// MARK: - Who the visit is for

extension SchedulingHandlers {
    /// What every body that books has besides the time.
    static func handOver(_ fields: inout JSONFields) throws -> HandOver {
        let given = try references(&fields)
        return try HandOver(
            patient: given.patient, record: given.record, authorisation: given.authorisation,
            diary: given.diary,
            unit: fields.optionalParsed("buyer_unit", UnitID.init(typeID:)),
            onBehalfOf: fields.optionalParsed("on_behalf_of", MemberID.init(typeID:)))
    }

    /// The same with the buyer's rooms and staff, where something is booked.
    static func handOverTaking(_ fields: inout JSONFields) throws -> HandOver {
        let given = try handOver(&fields)
        return try given.taking(ResourceHandlers.named(&fields) ?? [])
    }

    /// The references alone.
    static func references(_ fields: inout JSONFields) throws -> HandOver {
        try HandOver(
            patient: patientReference(&fields),
            record: fields.optionalWords("record_reference", max: 100),
            authorisation: fields.optionalWords("authorisation_reference", max: 100),
            diary: fields.optionalWords("diary_reference", max: 100))
    }

    /// An opaque reference; a personal identity code in its place is refused by name, and the
    /// value is repeated nowhere.
    private static func patientReference(
        _ fields: inout JSONFields
    ) throws -> PatientReference? {
        let key = "patient_reference"
        guard let text = try fields.optionalString(key, max: 200) else { return nil }
        do {
            return try PatientReference(text)
        } catch .patientReferenceIsPersonalIdentityCode {
            throw JSONProblem(
                pointer: fields.pointer.appending(key).text,
                code: "patient_reference_is_personal_identity_code",
                message: "looks like a personal identity code; send a reference of your own that "
                    + "says nothing to others")
        } catch {
            throw fields.problem(
                key, .pattern, "must be 1 to 64 characters of A-Z a-z 0-9 . _ : -")
        }
    }
}
