import Marketplace
import MoneyAndTime
import Organisations
import Storage
import StrictJSON

/// Sellers by what they say of themselves, and one of them.
enum SellerPages {
    static func find(_ visitor: Visitor) async throws -> PageReply {
        let query = visitor.request.query
        var search = ProfileSearch()
        if let care = query.text("field").flatMap({ CareField(value: $0) }) {
            search.specialty = care.isSpecialty ? care.code : nil
            search.profession = care.isSpecialty ? nil : care.code
        }
        search.language = query.text("language")
        search.region = query.text("region").flatMap(Region.init(rawValue:))
        search.text = query.text("text").map { String($0.prefix(100)) }
        let after = query.text("after").flatMap { try? OrganisationID(typeID: $0) }
        let page = try await visitor.market.findProfiles(
            visitor.asking("findProfiles"), search, page: Page(after: after, limit: 30)
        ).body
        let items = page["items"]?.elements ?? []
        var fields = visitor.tabsBeforeContract()
        fields["asked"] = asked(visitor)
        if !items.isEmpty { fields["found"] = ["sellers": items.map { card(visitor, $0) }] }
        if let next = page["next"]?.text {
            let kept = ["field", "language", "region", "text"].compactMap { name in
                query.text(name).map { "\(name)=\($0.inQuery)&" }
            }.joined()
            fields["more"] = ["address": "/sellers?\(kept)after=\(next)"]
        }
        return try visitor.page("sellers", title: visitor.say("sellers_title"), fields)
    }

    private static func asked(_ visitor: Visitor) -> [String: Any] {
        let query = visitor.request.query
        func choice(_ id: String, _ label: String, _ choices: [Choice]) -> [String: Any] {
            Choice.field(
                id, visitor.say(label), [Choice("", visitor.say("sellers_any"))] + choices,
                selected: query.text(id) ?? "")
        }
        return [
            "selects": [
                choice("field", "service_field", visitor.fieldChoices),
                choice("language", "language", visitor.languageChoices),
                choice("region", "region", visitor.regionChoices),
            ],
            "words": TypedField(
                id: "text", label: "sellers_text", kind: .text, value: query.text("text") ?? ""
            ).fields(visitor, FieldErrors()),
        ]
    }

    private static func card(_ visitor: Visitor, _ profile: JSON) -> [String: Any] {
        [
            "name": profile["name"]?.text ?? "",
            "address": "/sellers/\(profile["organisation"]?.text ?? "")",
            "description": description(visitor, profile),
            "services": services(visitor, profile),
            "regions": visitor.regions(profile["regions"]),
        ]
    }

    /// In the visitor's language where it is there, else in one that is.
    private static func description(_ visitor: Visitor, _ profile: JSON) -> String {
        let texts = profile["description"]
        return texts?[visitor.language.rawValue]?.text
            ?? Language.allCases.compactMap { texts?[$0.rawValue]?.text }.first ?? ""
    }

    private static func services(_ visitor: Visitor, _ profile: JSON) -> [[String: Any]] {
        (profile["services"]?.elements ?? []).map { service in
            var line: [String: Any] = ["text": visitor.words(of: service)]
            if let price = visitor.pricePerMinute(service["price_per_minute"]) {
                line["priced"] = ["price": price]
            }
            return line
        }
    }

    static func show(_ visitor: Visitor, _ parameter: String) async throws -> PageReply {
        let id = try id(parameter)
        let profile = try await visitor.market.readProfile(
            visitor.asking("readProfile"), of: id
        ).body
        let login = try visitor.signedIn
        var fields = card(visitor, profile)
        fields["email"] = profile["email"]?.text ?? ""
        fields["business_id"] = profile["business_id"]?.text ?? ""
        if id == login.organisation {
            fields["is_own"] = true
        } else if login.roles.contains(.admin) {
            fields["may_ask"] = true
        }
        return try visitor.page("seller", title: profile["name"]?.text ?? "", fields)
    }

    static func id(_ parameter: String) throws(InvalidLink) -> OrganisationID {
        guard let id = try? OrganisationID(typeID: parameter) else { throw InvalidLink() }
        return id
    }
}
