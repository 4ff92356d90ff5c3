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
        name = try fields.nested("name") { try LocalisedName(reading: &$0) }
        lengthGuidance = try fields.optionalNested("length_guidance") {
            try LocalisedName(reading: &$0)
        }
        preparationInstructions = try fields.optionalNested("preparation_instructions") {
            try LocalisedName(reading: &$0, max: 1_000)
        }
        kind = try fields.enumeration("kind")
        modality = try fields.enumeration("modality")
        specialty = try fields.optionalNested("specialty") { try CodedValue(reading: &$0) }
        profession = try fields.optionalNested("profession") { try CodedValue(reading: &$0) }
        guard let field = specialty ?? profession else {
            throw fields.breach(.serviceField, "needs a specialty or a profession")
        }
        self.field = field
        languages = try Self.languages(in: &fields)
        capacity = try fields.optionalInteger("capacity", in: 2...100)
        if (kind == .groupSession) != (capacity != nil) {
            throw fields.breach(
                "capacity", .capacity, "is required for a group session, and only there")
        }
        plannedLengths = try fields.nested("planned_minutes") {
            try PlannedLengths(reading: &$0)
        }
        price = try ServicePrice(reading: &fields)
    }

    static func languages(in fields: inout JSONFields) throws -> [String] {
        try fields.uniqueArray("languages", min: 1, max: 20, twice: .languageTwice) { reader in
            let language = try reader.string(max: 64)
            guard Form.language(language) else {
                throw ContractProblem(
                    .language, at: reader.pointer, "must be a language code such as fi")
            }
            return language
        }
    }
}

extension LocalisedName {
    init(reading fields: inout JSONFields, max: Int = 200) throws {
        finnish = try fields.line("fi", max: max)
        swedish = try fields.line("sv", max: max)
        english = try fields.line("en", max: max)
    }
}

extension CodedValue {
    init(reading fields: inout JSONFields) throws {
        system = try fields.form(
            "system", .specialty, "an OID such as 1.2.246.537.6.24", max: 64,
            Form.objectIdentifier)
        code = try fields.form("code", .specialty, "a code such as 70", max: 20, Form.code)
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
