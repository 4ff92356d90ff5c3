import Marketplace
import MoneyAndTime
import Organisations
import Storage
import StrictJSON

/// Several specialists who begin at the same instant.
enum TogetherHandlers {
    static func findTimes(_ call: Call) async throws -> Reply {
        let wishes = try call.object { fields in
            let from = try fields.parsed("from", Instant.init(rfc3339:))
            let until = try fields.parsed("until", Instant.init(rfc3339:))
            let (weekdays, hours) = try WaitingHandlers.days(&fields)
            let resources = try ResourceHandlers.named(&fields) ?? []
            return try fields.array("visits", min: 2, max: Market.mostTogether) { reader in
                try reader.object { fields in
                    var wish = FoundTime.Wish(
                        from: from, until: until,
                        minutes: try fields.integer("minutes", in: 1...1_440))
                    (wish.weekdays, wish.hours) = (weekdays, hours)
                    wish.resources = resources
                    try read(&wish, &fields)
                    return wish
                }
            }
        }
        return try await .page(
            call.market.findTimesTogether(
                call.request, wishes: wishes, page: call.page(Instant.init(rfc3339:))))
    }

    private static func read(_ wish: inout FoundTime.Wish, _ fields: inout JSONFields) throws {
        wish.service = try fields.optionalString("service", min: 1, max: 64)
        wish.specialty = try fields.optionalString("specialty", min: 1, max: 64)
        wish.profession = try fields.optionalString("profession", min: 1, max: 20)
        wish.language = try fields.optionalParsed("language", Specialist.language(asked:))
        wish.seller = try fields.optionalParsed("seller", OrganisationID.init(typeID:))
        wish.specialist = try fields.optionalParsed("specialist", SpecialistID.init(typeID:))
        wish.contract = try fields.optionalParsed("contract", ContractID.init(typeID:))
    }

    static func book(_ call: Call) async throws -> Reply {
        let (starts, visits) = try call.object { fields in
            let starts = try fields.parsed("starts", Instant.init(rfc3339:))
            let handOver = try SchedulingHandlers.handOverTaking(&fields)
            let visits = try fields.array("visits", min: 2, max: Market.mostTogether) { reader in
                try reader.object { fields in
                    try Market.WantedTime(
                        contract: fields.parsed("contract", ContractID.init(typeID:)),
                        service: fields.serviceCode("service"),
                        specialist: fields.parsed("specialist", SpecialistID.init(typeID:)),
                        starts: starts, minutes: fields.integer("minutes", in: 1...1_440),
                        hold: false, handOver: handOver)
                }
            }
            return (starts, visits)
        }
        return try await .json(call.market.bookTogether(call.request, at: starts, visits))
    }
}
