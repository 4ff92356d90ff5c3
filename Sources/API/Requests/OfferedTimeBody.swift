import Marketplace
import MoneyAndTime
import Scheduling
import StrictJSON

/// The body of `publishAvailability`: a pattern of time, and how visits may lie in it.
extension Market.OfferedTime {
    package init(fields: inout JSONFields) throws {
        self = try Market.OfferedTime(
            specialist: fields.parsed("specialist", SpecialistID.init(typeID:)),
            pattern: fields.nested("pattern", AvailabilityRule.Pattern.init(fields:)),
            from: fields.parsed("from") { try TimeOfDay($0) },
            to: fields.parsed("to") { try TimeOfDay($0) },
            pauses: fields.optionalArray("pauses", max: AvailabilityRule.mostPauses) {
                try $0.object(AvailabilityRule.Pause.init(fields:))
            } ?? [],
            terms: OfferTerms(fields: &fields))
    }
}

extension AvailabilityTemplate {
    /// The body of `addAvailabilityTemplate`.
    package init(fields: inout JSONFields) throws {
        let weeks = try fields.optionalInteger(
            "interval_weeks", in: 1...Int64(WeeklyPattern.longestIntervalWeeks))
        self = try AvailabilityTemplate(
            name: fields.words("name", max: Self.longestName),
            days: unique(
                fields.array("weekdays", min: 1, max: 7, WeeklyPattern.weekday), in: "weekdays",
                fields),
            intervalWeeks: weeks.map { Int($0) } ?? 1,
            exceptHolidays: fields.optionalBool("except_holidays") ?? false,
            from: fields.parsed("from") { try TimeOfDay($0) },
            to: fields.parsed("to") { try TimeOfDay($0) },
            pauses: fields.optionalArray("pauses", max: AvailabilityRule.mostPauses) {
                try $0.object(AvailabilityRule.Pause.init(fields:))
            } ?? [],
            terms: OfferTerms(fields: &fields))
    }
}

extension AvailabilityRule.Pause {
    fileprivate init(fields: inout JSONFields) throws {
        self = try AvailabilityRule.Pause(
            from: fields.parsed("from") { try TimeOfDay($0) },
            to: fields.parsed("to") { try TimeOfDay($0) })
    }
}

extension AvailabilityRule.Pattern {
    private enum Kind: String, CaseIterable {
        case weekly, once
    }

    fileprivate init(fields: inout JSONFields) throws {
        switch try fields.enumeration("kind", as: Kind.self) {
        case .once: self = .once(try fields.parsed("date", CalendarDate.init(iso:)))
        case .weekly: self = .weekly(try WeeklyPattern(fields: &fields))
        }
    }
}

extension WeeklyPattern {
    fileprivate init(fields: inout JSONFields) throws {
        let days = try unique(
            fields.array("weekdays", min: 1, max: 7, Self.weekday), in: "weekdays", fields)
        let weeks = try fields.optionalInteger(
            "interval_weeks", in: 1...Int64(Self.longestIntervalWeeks))
        let startsOn = try fields.parsed("starts_on", CalendarDate.init(iso:))
        self = try WeeklyPattern(
            days: days, startsOn: startsOn, intervalWeeks: weeks.map { Int($0) } ?? 1,
            end: Self.end(&fields),
            except: Self.dates("exceptions", max: Self.mostExceptions, &fields),
            extra: Self.dates("extra", max: Self.mostExtraDates, &fields),
            exceptHolidays: fields.optionalBool("except_holidays") ?? false)
    }

    private static func end(_ fields: inout JSONFields) throws -> End {
        let until = try fields.optionalParsed("until", CalendarDate.init(iso:))
        let count = try fields.optionalInteger("count", in: 1...Int64(mostOccurrences))
        switch (until, count) {
        case (nil, nil): return .never
        case (let until?, nil): return .until(until)
        case (nil, let count?): return .count(Int(count))
        case (.some, .some):
            throw fields.problem("count", .pattern, "must be left out beside until")
        }
    }

    private static func dates(
        _ key: String, max: Int, _ fields: inout JSONFields
    ) throws -> Set<CalendarDate> {
        let dates = try fields.optionalArray(key, max: max) {
            try $0.parsed(CalendarDate.init(iso:))
        }
        return try unique(dates ?? [], in: key, fields)
    }

    fileprivate static func weekday(_ reader: JSONReader) throws -> Weekday {
        try reader.parsed(Weekday.init(asked:))
    }
}

extension OfferTerms {
    fileprivate init(fields: inout JSONFields) throws {
        let services = try fields.optionalArray("services", min: 1, max: 50) {
            try $0.serviceCode()
        }
        let contracts = try fields.optionalArray("contracts", min: 1, max: Self.mostContracts) {
            try $0.parsed(ContractID.init(typeID:))
        }
        let grid = try fields.integer("grid_minutes")
        guard let grid = StartGrid(rawValue: grid) else {
            throw fields.problem("grid_minutes", .unknownValue, "must be 5, 10, 15, 30 or 60")
        }
        let buffers = 0...Self.longestBufferMinutes
        self = try OfferTerms(
            services: services.map { try unique($0, in: "services", fields) },
            contracts: contracts.map { try unique($0, in: "contracts", fields) }, grid: grid,
            shortestMinutes: fields.integer("shortest_minutes", in: 1...Self.longestVisitMinutes),
            longestMinutes: fields.integer("longest_minutes", in: 1...Self.longestVisitMinutes),
            bufferBeforeMinutes: fields.optionalInteger("buffer_before_minutes", in: buffers) ?? 0,
            bufferAfterMinutes: fields.integer("buffer_after_minutes", in: buffers))
    }
}
