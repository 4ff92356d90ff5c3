import MoneyAndTime
import StrictJSON

extension ServicePrice {
    /// Of the members of a service.
    init(reading fields: inout JSONFields) throws {
        let perMinute = try fields.unitPrice("price_per_minute")
        self.perMinute = perMinute
        increment = try fields.nested("increment") { fields in
            Increment(
                firstSeconds: try fields.billedSeconds("first_seconds", in: 3...3600),
                nextSeconds: try fields.billedSeconds("next_seconds", in: 3...3600))
        }
        minimumSeconds = try fields.billedSeconds("minimum_seconds", in: 0...14_400)
        startFee = try fields.ifThere("start_fee") { try $0.amount($1) }
        cap = try fields.ifThere("cap") { try $0.amount($1) }
        tiers = try fields.optionalNested("tiers") { try Tiers(reading: &$0) }
        var codes: Set<String> = []
        supplements =
            try fields.optionalArray("supplements", min: 1, max: 20) { reader in
                try reader.object { fields in
                    try Self.requireOnce(&codes, in: &fields)
                    return try Supplement(reading: &fields, perMinute: perMinute)
                }
            } ?? []
        discounts =
            try fields.optionalArray("discounts", min: 1, max: 5) { reader in
                try reader.object { fields in
                    try Self.requireOnce(&codes, in: &fields)
                    return try Discount(reading: &fields)
                }
            } ?? []
        overrun = try fields.optionalNested("overrun") { try ExtraMinutes(reading: &$0) }
        preparation = try fields.optionalNested("preparation") {
            try ExtraMinutes(reading: &$0)
        }
        recordWriting = try fields.optionalNested("record_writing") {
            try ExtraMinutes(reading: &$0)
        }
    }

    private static func requireOnce(
        _ codes: inout Set<String>, in fields: inout JSONFields
    ) throws {
        guard codes.insert(try fields.slug("code")).inserted else {
            throw fields.breach("code", .codeTwice, "is there twice in this service")
        }
    }
}

extension Tiers {
    init(reading fields: inout JSONFields) throws {
        kind = try fields.enumeration("kind")
        var last: Int64 = 0
        steps = try fields.array("steps", min: 1, max: 10) { reader in
            try reader.object { fields in
                let from = try fields.integer("from_minutes", in: 1...500_000)
                guard from > last else {
                    throw fields.breach(
                        "from_minutes", .tiersOrder, "must be more than in the step before")
                }
                last = from
                return Step(
                    fromMinutes: from, perMinute: try fields.unitPrice("price_per_minute"))
            }
        }
    }
}

extension Supplement {
    init(reading fields: inout JSONFields, perMinute whole: UnitPrice) throws {
        code = try fields.slug("code")
        name = try fields.nested("name") { try LocalisedName(reading: &$0) }
        days = Set(
            try fields.uniqueArray("days", min: 1, max: 8) { try $0.enumeration(as: Day.self) })
        (from, until) = try fields.hours()
        addition = try Self.addition(in: &fields)
        perMinute =
            switch addition {
            case .perMinute(let price): price
            case .share(let share): try share.of(whole)
            }
    }

    private static func addition(in fields: inout JSONFields) throws -> Addition {
        let percent = try fields.ifThere("percent") { try $0.percent($1) }
        let price = try fields.ifThere("price_per_minute") { try $0.unitPrice($1) }
        switch (percent, price) {
        case (let percent?, nil): return .share(percent)
        case (nil, let price?): return .perMinute(price)
        case (nil, nil), (_?, _?):
            throw fields.breach(
                .supplementAddition, "must have either percent or price_per_minute")
        }
    }
}

extension Percentage {
    /// A share of a price, rounded to its four decimals, half up.
    fileprivate func of(_ price: UnitPrice) throws -> UnitPrice {
        let exact = Int128(price.tenThousandths) * Int128(basisPoints)
        return try UnitPrice(tenThousandths: try Rounding.halfUp.divide(exact, by: 10_000))
    }
}

extension Discount {
    init(reading fields: inout JSONFields) throws {
        code = try fields.slug("code")
        name = try fields.nested("name") { try LocalisedName(reading: &$0) }
        percent = try fields.percent("percent")
        firstDay = try fields.ifThere("first_day") { try $0.date($1) }
        lastDay = try fields.ifThere("last_day") { try $0.date($1) }
        if let firstDay, let lastDay, lastDay < firstDay {
            throw fields.breach("last_day", .discountDays, "is before the first day")
        }
    }
}

extension ExtraMinutes {
    init(reading fields: inout JSONFields) throws {
        perMinute = try fields.unitPrice("price_per_minute")
        maximumMinutes = try fields.integer("maximum_minutes", in: 1...480)
    }
}
