import Contracts
import Marketplace
import MoneyAndTime
import Organisations
import Storage
import StrictJSON

/// Profiles, requests for a contract, and needs.
enum BeforeContractHandlers {
    static func getProfile(_ call: Call) async throws -> Reply {
        try await .json(call.market.profile(call.request))
    }

    static func updateProfile(_ call: Call) async throws -> Reply {
        let details = try call.object { fields in
            let services = try fields.array("services", min: 1, max: 50) { reader in
                try reader.object { try ServiceOutline.reading(&$0, hasPrice: true) }
            }
            let description = try fields.nested("description") { texts in
                var said: [String: String] = [:]
                for language in ["fi", "sv", "en"] {
                    said[language] = try texts.optionalWords(language, max: 4_000)
                }
                guard !said.isEmpty else {
                    throw texts.problem(nil, .missing, "must be there in one language at least")
                }
                return said
            }
            return try ProfileDetails(
                isPublished: fields.bool("published"), description: description,
                services: services, regions: regions(&fields),
                email: fields.parsed("email", max: 254) { try EmailAddress($0) })
        }
        return try await .json(
            call.market.updateProfile(call.request, revision: call.ifMatch, details))
    }

    static func findProfiles(_ call: Call) async throws -> Reply {
        var search = ProfileSearch()
        search.specialty = try call.query.optionalText("specialty", max: 20)
        search.profession = try call.query.optionalText("profession", max: 20)
        search.language = try call.query.optionalParsed("language", Specialist.language(asked:))
        search.region = try call.query.optionalEnumeration("region")
        search.text = try call.query.optionalText("text", max: 100)
        return try await .page(
            call.market.findProfiles(
                call.request, search, page: call.page(OrganisationID.init(typeID:))))
    }

    static func readProfile(_ call: Call) async throws -> Reply {
        try await .json(call.market.readProfile(call.request, of: call.id("organisation")))
    }

    static func askForContract(_ call: Call) async throws -> Reply {
        let (seller, words, beginning) = try call.object { fields in
            try (
                fields.parsed("seller", OrganisationID.init(typeID:)),
                fields.words("words", max: 4_000), Self.beginning(&fields)
            )
        }
        return try await .json(
            call.market.askForContract(call.request, of: seller, words: words, beginning))
    }

    static func listContractRequests(_ call: Call) async throws -> Reply {
        try await .page(
            call.market.listContractRequests(
                call.request,
                of: call.query.optionalParsed("contract", ContractID.init(typeID:)),
                page: call.page(ContractID.init(typeID:))))
    }

    static func postNeed(_ call: Call) async throws -> Reply {
        let details = try call.object { fields in
            let service = try fields.nested("service") {
                try ServiceOutline.reading(&$0, hasPrice: false)
            }
            let sellers = try fields.optionalArray("sellers", min: 1, max: 50) { reader in
                try reader.parsed(OrganisationID.init(typeID:))
            }
            return try NeedDetails(
                title: fields.words("title", max: 200), service: service,
                regions: regions(&fields), minutes: fields.integer("minutes", in: 1...100_000),
                per: fields.enumeration("per"),
                startsOn: fields.parsed("starts_on", CalendarDate.init(iso:)),
                endsOn: fields.parsed("ends_on", CalendarDate.init(iso:)),
                words: fields.words("words", max: 4_000),
                answerBy: fields.parsed("answer_by", Instant.init(rfc3339:)),
                sellers: sellers.map { try unique($0, in: "sellers", fields).sorted() })
        }
        return try await .json(call.market.postNeed(call.request, details))
    }

    private enum Whose: String, CaseIterable {
        case own, others
    }

    static func listNeeds(_ call: Call) async throws -> Reply {
        let whose = try call.query.optionalEnumeration("whose", as: Whose.self) ?? .others
        return try await .page(
            call.market.listNeeds(
                call.request, own: whose == .own, page: call.page(NeedID.init(typeID:))))
    }

    static func getNeed(_ call: Call) async throws -> Reply {
        try await .json(call.market.need(call.request, call.id("need")))
    }

    static func withdrawNeed(_ call: Call) async throws -> Reply {
        try await .json(call.market.withdrawNeed(call.request, call.id("need")))
    }

    static func answerNeed(_ call: Call) async throws -> Reply {
        let (words, price) = try call.object { fields in
            try (
                fields.words("words", max: 4_000),
                ServiceOutline.readingPrice(&fields)
            )
        }
        return try await .json(
            call.market.answerNeed(call.request, call.id("need"), words: words, price: price))
    }

    static func acceptNeedAnswer(_ call: Call) async throws -> Reply {
        let beginning = try call.object { try Self.beginning(&$0) }
        return try await .json(
            call.market.acceptNeedAnswer(
                call.request, call.id("need"), call.id("answer"), beginning))
    }

    private static func beginning(_ fields: inout JSONFields) throws -> ContractBeginning {
        try ContractBeginning(
            template: fields.string("template", min: 1, max: 200),
            firstDay: fields.parsed("first_day", CalendarDate.init(iso:)),
            lastDay: fields.parsed("last_day", CalendarDate.init(iso:)),
            buyerReference: fields.string("buyer_reference", min: 1, max: 200),
            language: fields.optionalEnumeration("language") ?? .english)
    }

    private static func regions(_ fields: inout JSONFields) throws -> Set<Region> {
        try unique(
            fields.array("regions", min: 1, max: Region.allCases.count) { try $0.enumeration() },
            in: "regions", fields)
    }
}
