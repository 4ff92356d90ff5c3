import MoneyAndTime
import StrictJSON

extension WorkedExample {
    init(reading fields: inout JSONFields, rateCard: RateCard, clock: WallClock) throws {
        title = try fields.line("title")
        service = try fields.slug("service")
        guard let sold = rateCard.service(service) else {
            throw fields.breach("service", .exampleService, "is not a service of the contract")
        }
        facts = try fields.nested("visit") { fields in
            let facts = try VisitFacts(reading: &fields, clock: clock)
            guard sold.plannedLengths.contains(facts.plannedMinutes) else {
                throw fields.breach(
                    "planned_minutes", .exampleLength, "is not a length of this service")
            }
            return facts
        }
        expected = try fields.array("lines", max: 10) { try $0.object { try Line(reading: &$0) } }
        total = try fields.amount("total")
    }
}

extension WorkedExample.Line {
    init(reading fields: inout JSONFields) throws {
        kind = try fields.enumeration("kind")
        let isTime = kind == .visit
        guard isTime == (fields.optional("minutes") != nil) else {
            throw fields.breach(
                "minutes", .exampleMinutes, "is required for a visit, and only there")
        }
        minutes =
            isTime
            ? try fields.form(
                "minutes", .minutes, "minutes with up to two decimals, such as 12.6", max: 9,
                Form.minutes)
            : nil
        amount = try fields.amount("amount")
    }
}

extension VisitFacts {
    init(reading fields: inout JSONFields, clock: WallClock) throws {
        starts = try fields.localTime("starts", clock)
        plannedMinutes = try fields.integer("planned_minutes", in: 1...480)
        let seconds = try fields.optionalInteger("billable_seconds", in: 0...86_400)
        let cancelled = try fields.optionalNested("cancelled") { fields in
            Outcome.cancelled(
                by: try fields.enumeration("by"), at: try fields.localTime("at", clock))
        }
        switch (seconds, cancelled) {
        case (let seconds?, nil): outcome = .held(billableSeconds: seconds)
        case (nil, let cancelled?): outcome = cancelled
        case (nil, nil), (_?, _?):
            throw fields.breach(
                .exampleOutcome, "must have either billable_seconds or cancelled")
        }
    }
}
