import Marketplace
import MoneyAndTime
import Organisations
import Scheduling
import Storage
import StrictJSON

/// Availability, finding time, and bookings.
enum SchedulingHandlers {
    static func listAvailability(_ call: Call) async throws -> Reply {
        try await .page(
            call.market.listAvailability(
                call.request,
                specialist: call.query.optionalParsed("specialist", SpecialistID.init(typeID:)),
                page: call.page(AvailabilityRuleID.init(typeID:))))
    }

    static func publishAvailability(_ call: Call) async throws -> Reply {
        let offered = try call.object { fields in
            try Market.OfferedTime(
                specialist: fields.parsed("specialist", SpecialistID.init(typeID:)),
                pattern: fields.nested("pattern", pattern),
                from: fields.parsed("from") { try TimeOfDay($0) },
                to: fields.parsed("to") { try TimeOfDay($0) },
                terms: offerTerms(&fields))
        }
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

    /// The time that is looked through.
    private static func stretch(_ call: Call) throws -> (from: Instant, until: Instant) {
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

    static func findTimes(_ call: Call) async throws -> Reply {
        let (from, until) = try stretch(call)
        var wish = try FoundTime.Wish(
            from: from, until: until, minutes: call.query.integer("minutes", in: 1...1_440))
        wish.service = try call.query.optionalText("service", max: 64)
        wish.specialty = try call.query.optionalText("specialty", max: 64)
        wish.language = try call.query.optionalText("language", max: 20)
        wish.seller = try call.query.optionalParsed("seller", OrganisationID.init(typeID:))
        wish.specialist = try call.query.optionalParsed("specialist", SpecialistID.init(typeID:))
        return try await .page(
            call.market.findTimes(
                call.request, wish: wish, page: call.page(FoundTime.Place.init(cursor:))))
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
                patientReference: patientReference(&fields),
                recordReference: fields.optionalWords("record_reference", max: 100),
                authorisationReference: fields.optionalWords("authorisation_reference", max: 100),
                diaryReference: fields.optionalWords("diary_reference", max: 100))
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
                specialist: fields.optionalParsed("specialist", SpecialistID.init(typeID:)))
        }
        return try await .json(
            call.market.moveBooking(
                call.request, call.id("booking"), revision: call.ifMatch, to: time))
    }
}

// MARK: - Who the visit is for

extension SchedulingHandlers {
    /// An opaque reference; a personal identity code in its place is refused by name, and the
    /// value is repeated nowhere.
    static func patientReference(
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

// MARK: - The pattern of availability

extension SchedulingHandlers {
    private enum PatternKind: String, CaseIterable {
        case weekly, once
    }

    private static func pattern(
        _ fields: inout JSONFields
    ) throws -> AvailabilityRule.Pattern {
        switch try fields.enumeration("kind", as: PatternKind.self) {
        case .once:
            .once(try fields.parsed("date", CalendarDate.init(iso:)))
        case .weekly:
            .weekly(
                days: try unique(
                    fields.array("weekdays", min: 1, max: 7, weekday), in: "weekdays", fields),
                startsOn: try fields.parsed("starts_on", CalendarDate.init(iso:)),
                until: try fields.optionalParsed("until", CalendarDate.init(iso:)),
                except: try unique(
                    fields.optionalArray("exceptions", max: 1_000) {
                        try $0.parsed(CalendarDate.init(iso:))
                    } ?? [], in: "exceptions", fields))
        }
    }

    private static func weekday(_ reader: JSONReader) throws -> Weekday {
        try reader.parsed { word in
            guard let day = Weekday.allCases.first(where: { $0.word == word }) else {
                throw UnknownWeekday()
            }
            return day
        }
    }

    private struct UnknownWeekday: Error, CustomStringConvertible {
        let description = "must be a day from monday to sunday"
    }

    private static func offerTerms(_ fields: inout JSONFields) throws -> OfferTerms {
        let services = try fields.optionalArray("services", min: 1, max: 50) {
            try $0.serviceCode()
        }
        let grid = try fields.integer("grid_minutes")
        guard let grid = StartGrid(rawValue: grid) else {
            throw fields.problem("grid_minutes", .unknownValue, "must be 5, 10, 15, 30 or 60")
        }
        let (shortest, longest, buffer) = try (
            fields.integer("shortest_minutes", in: 1...1_440),
            fields.integer("longest_minutes", in: 1...1_440),
            fields.integer("buffer_minutes", in: 0...240)
        )
        return try OfferTerms(
            services: services.map { try unique($0, in: "services", fields) }, grid: grid,
            shortestMinutes: shortest,
            longestMinutes: longest, bufferMinutes: buffer)
    }
}
