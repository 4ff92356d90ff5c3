import MoneyAndTime
import StrictJSON

extension RateCard {
    init(reading fields: inout JSONFields) throws {
        var codes: Set<String> = []
        services = try fields.array("services", min: 1, max: 50) { reader in
            try reader.object { fields in
                let service = try SoldService(reading: &fields)
                guard codes.insert(service.code).inserted else {
                    throw fields.breach("code", .serviceTwice, "is the code of two services")
                }
                return service
            }
        }
    }
}

extension SoldService {
    init(reading fields: inout JSONFields) throws {
        code = try fields.slug("code")
        name = try fields.nested("name") { fields in
            LocalisedName(
                finnish: try fields.line("fi"), swedish: try fields.line("sv"),
                english: try fields.line("en"))
        }
        specialty = try fields.nested("specialty") { fields in
            SpecialtyCode(
                system: try fields.form(
                    "system", .specialty, "an OID such as 1.2.246.537.6.24", max: 64,
                    Form.objectIdentifier),
                code: try fields.form(
                    "code", .specialty, "a code such as 70", max: 20, Form.code))
        }
        languages = try Self.languages(in: &fields)
        let price = try fields.form(
            "price_per_minute", .price, "euros with up to four decimals, such as 2.4533",
            max: 10, Form.price)
        pricePerMinute = try UnitPrice(decimal: price)
        increment = try fields.nested("increment") { fields in
            Increment(
                firstSeconds: try fields.billedSeconds("first_seconds", in: 3...3600),
                nextSeconds: try fields.billedSeconds("next_seconds", in: 3...3600))
        }
        minimumSeconds = try fields.billedSeconds("minimum_seconds", in: 0...14_400)
        plannedLengths = try fields.nested("planned_minutes") {
            try PlannedLengths(reading: &$0)
        }
    }

    private static func languages(in fields: inout JSONFields) throws -> [String] {
        var known: Set<String> = []
        return try fields.array("languages", min: 1, max: 20) { reader in
            let language = try reader.string(max: 64)
            guard Form.language(language) else {
                throw ContractProblem(
                    .language, at: reader.pointer, "must be a language code such as fi")
            }
            guard known.insert(language).inserted else {
                throw ContractProblem(.languageTwice, at: reader.pointer, "is there twice")
            }
            return language
        }
    }
}

extension PlannedLengths {
    init(reading fields: inout JSONFields) throws {
        minimum = try fields.integer("minimum", in: 1...480)
        maximum = try fields.integer("maximum", in: 1...480)
        step = try fields.integer("step", in: 1...480)
        guard contains(maximum) else {
            throw fields.breach(
                .plannedMinutes, "the maximum must be the minimum and a whole number of steps")
        }
    }
}
