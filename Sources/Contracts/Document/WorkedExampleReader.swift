import MoneyAndTime
import StrictJSON

extension WorkedExample {
    init(
        reading fields: inout JSONFields, rateCard: RateCard, commitment: Commitment?,
        blocks: [WeeklyBlock], clock: WallClock
    ) throws {
        title = try fields.line("title")
        subject = try Subject(
            reading: &fields, rateCard: rateCard, commitment: commitment, blocks: blocks,
            clock: clock)
        expected = try fields.array("lines", max: 50) { try $0.object { try Line(reading: &$0) } }
        total = try fields.amount("total", signed: true)
    }
}

extension WorkedExample.Subject {
    /// From an object with `service` and `visit`, or with `period`: a line of a file of visits.
    package init(
        reading bytes: some Collection<UInt8>, under terms: Terms
    ) throws(ContractProblem) {
        let json: JSON
        do { json = try JSON.parse(bytes) } catch { throw ContractProblem(error) }
        try self.init(reading: json, under: terms)
    }

    /// The same from what is parsed already.
    package init(reading json: JSON, under terms: Terms) throws(ContractProblem) {
        do {
            self = try JSONReader(json).object {
                try Self(
                    reading: &$0, rateCard: terms.rateCard, commitment: terms.commitment,
                    blocks: terms.blocks, clock: terms.clock)
            }
        } catch let problem as ContractProblem {
            throw problem
        } catch let problem as JSONProblem {
            throw ContractProblem(problem)
        } catch {
            throw ContractProblem(.outOfRange, at: .root, "\(error)")
        }
    }

    init(
        reading fields: inout JSONFields, rateCard: RateCard, commitment: Commitment?,
        blocks: [WeeklyBlock], clock: WallClock
    ) throws {
        let period = try fields.optionalNested("period") { fields in
            if commitment == nil {
                throw fields.breach(.examplePeriod, "the contract has no commitment")
            }
            return Self.period(
                billedSeconds: try fields.billedSeconds("billed_seconds", in: 0...30_000_000))
        }
        if let period {
            self = period
            return
        }
        let service = try fields.slug("service")
        guard let sold = rateCard.service(service) else {
            throw fields.breach("service", .exampleService, "is not a service of the contract")
        }
        let facts = try fields.nested("visit") { fields in
            try VisitFacts(
                reading: &fields, of: sold, blocks: blocks.filter { $0.service == service },
                clock: clock)
        }
        self = .visit(service: service, facts)
    }
}

extension WorkedExample.Line {
    init(reading fields: inout JSONFields) throws {
        let kind = try fields.enumeration("kind", as: ChargeLine.Kind.self)
        guard kind.hasCode == (fields.optional("code") != nil) else {
            throw fields.breach(
                "code", .exampleCode, "is required for a supplement or discount, and only there")
        }
        guard kind.isByMinute == (fields.optional("minutes") != nil) else {
            throw fields.breach(
                "minutes", .exampleMinutes,
                "is required for what is billed by the minute, and only there")
        }
        self.init(
            kind: kind, code: kind.hasCode ? try fields.slug("code") : nil,
            minutes: kind.isByMinute
                ? try fields.form(
                    "minutes", .minutes, "minutes with up to two decimals, such as 12.6", max: 9,
                    Form.minutes) : nil,
            amount: try fields.amount("amount", signed: true))
    }
}
