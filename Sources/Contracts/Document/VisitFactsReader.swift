import MoneyAndTime
import StrictJSON

extension VisitFacts {
    /// `blocks` are those of the service.
    init(
        reading fields: inout JSONFields, of service: SoldService, blocks: [WeeklyBlock],
        clock: WallClock
    ) throws {
        starts = try fields.localTime("starts", clock)
        if starts.secondsSince1970 % 60 != 0 {
            throw fields.breach(
                "starts", .startNotWholeMinute, "must be at a whole minute: 09:00 or 09:00:00")
        }
        plannedMinutes = try fields.integer("planned_minutes", in: 1...480)
        secondsBefore =
            try fields.ifThere("seconds_before") {
                try $0.billedSeconds($1, in: 0...30_000_000)
            } ?? 0
        outcome = try Outcome(reading: &fields, of: service, clock: clock)
        share = try fields.optionalNested("share") {
            try GroupShare(reading: &$0, of: service)
        }
        if share != nil, outcome == .unused {
            throw fields.breach(
                "share", .exampleOutcome, "belongs to a visit, and not to unused time")
        }
        if outcome == .unused {
            let stretch = try planned()
            guard blocks.contains(where: { $0.holds(stretch, on: clock) }) else {
                throw fields.breach("unused", .exampleBlock, "is not within a block of the service")
            }
        } else if !service.plannedLengths.contains(plannedMinutes) {
            throw fields.breach(
                "planned_minutes", .exampleLength, "is not a length of this service")
        }
    }
}

extension VisitFacts.Outcome {
    /// Whether several places share what it costs.
    init(reading fields: inout JSONFields, of service: SoldService, clock: WallClock) throws {
        var outcomes: [Self] = []
        if let held = try HeldVisit(reading: &fields, of: service) {
            outcomes.append(.held(held))
        }
        if let seconds = try fields.optionalInteger("failed_after_seconds", in: 0...86_400) {
            outcomes.append(.failed(afterSeconds: seconds))
        }
        let noShow = try fields.optionalNested("no_show") { fields in
            Self.noShow(
                by: try fields.enumeration("by"),
                waitedSeconds: try fields.integer("waited_seconds", in: 0...86_400))
        }
        let cancelled = try fields.optionalNested("cancelled") {
            try Self.cancelled(in: &$0, clock)
        }
        outcomes += [noShow, cancelled].compactMap { $0 }
        if try fields.optionalBool("unused") == true { outcomes.append(.unused) }
        guard let first = outcomes.first, outcomes.count == 1 else {
            throw fields.breach(
                .exampleOutcome,
                "must have one of billable_seconds, failed_after_seconds, no_show, cancelled and "
                    + "unused")
        }
        self = first
    }

    private static func cancelled(
        in fields: inout JSONFields, _ clock: WallClock
    ) throws -> Self {
        enum Cause: String, CaseIterable {
            case suddenAbsence = "sudden_absence"
            case declined, expired
        }
        let side = try fields.enumeration("by", as: Side.self)
        let instant = try fields.localTime("at", clock)
        let cause: CancellationCause =
            switch try fields.optionalEnumeration("cause", as: Cause.self) {
            case nil: .ordinary
            case .suddenAbsence: .suddenAbsence
            case .declined: .declined
            case .expired: .expired
            }
        if cause == .suddenAbsence, side == .buyer {
            throw fields.breach("by", .exampleAbsence, "only the seller's specialist falls ill")
        }
        return .cancelled(by: side, at: instant, cause: cause)
    }
}

extension HeldVisit {
    /// Nil where the visit was not held.
    init?(reading fields: inout JSONFields, of service: SoldService) throws {
        let seconds = try fields.optionalInteger("billable_seconds", in: 0...86_400)
        let waited = try fields.optionalNested("waited") { fields in
            Waiting(
                by: try fields.enumeration("by"),
                seconds: try fields.integer("seconds", in: 0...86_400))
        }
        let overrun = try fields.optionalBool("overrun_agreed")
        let preparation = try fields.optionalInteger("preparation_minutes", in: 0...1440)
        let writing = try fields.optionalInteger("record_writing_minutes", in: 0...1440)
        guard let seconds else {
            let further: [Any?] = [waited, overrun, preparation, writing]
            if further.contains(where: { $0 != nil }) {
                throw fields.breach(
                    .exampleOutcome, "has what only a visit with billable_seconds can have")
            }
            return nil
        }
        self.init(billableSeconds: seconds)
        waiting = waited
        overrunAgreed = overrun ?? false
        preparationMinutes = preparation ?? 0
        recordWritingMinutes = writing ?? 0
    }
}

extension GroupShare {
    init(reading fields: inout JSONFields, of service: SoldService) throws {
        places = try fields.integer("places", in: 1...100)
        placesBefore = try fields.integer("places_before", in: 0...99)
        placesInAll = try fields.integer("places_in_all", in: 1...100)
        guard let capacity = service.capacity, placesInAll <= capacity,
            placesBefore + places <= placesInAll
        else {
            throw fields.breach(
                .exampleShare,
                "must be places of a group session, within all that were taken and its capacity")
        }
    }
}
