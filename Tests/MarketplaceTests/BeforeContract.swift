import Contracts
import Marketplace
import MoneyAndTime
import Organisations
import Storage
import StrictJSON
import TestMarket

/// A buyer, and sellers of whom only the first offers psychiatry in Finnish.
struct BeforeContract: Sendable {
    let test: TestMarket
    let buyer: TestOrganisation
    let sellers: [TestOrganisation]
    var market: Market { test.market }

    static let beginning = "2027-02-01T08:00:00Z"

    init(_ test: TestMarket) async throws {
        try await test.clock.set(to: Instant(rfc3339: Self.beginning))
        self.test = test
        buyer = try await test.addOrganisation("Buyer")
        sellers = [
            try await test.addOrganisation("Seller One"),
            try await test.addOrganisation("Seller Two"),
        ]
        let offered = [
            try Self.profile([Self.service("70", ["fi", "en"], price: "3.60")]),
            try Self.profile([Self.service("75", ["sv"])], in: [.lapland]),
        ]
        for (seller, profile) in zip(sellers, offered) {
            _ = try await test.market.updateProfile(
                seller.admin.request("updateProfile"), revision: 0, profile)
        }
    }

    func posted(_ details: NeedDetails) async throws -> NeedID {
        try await NeedID(
            typeID: market.postNeed(buyer.admin.request("postNeed"), details)
                .body["id"]?.text ?? "")
    }

    @discardableResult
    func answer(_ need: NeedID, by seller: TestOrganisation) async throws -> JSON {
        try await market.answerNeed(
            seller.admin.request("answerNeed"), need, words: "We can.",
            price: UnitPrice(decimal: "3.4533")
        ).body
    }

    func seen(_ need: NeedID, by organisation: TestOrganisation) async throws -> JSON {
        try await market.need(organisation.admin.request("getNeed"), need).body
    }
}

extension BeforeContract {
    static func service(
        _ specialty: String = "70", _ languages: [String] = ["fi"], price: String? = nil
    ) throws -> ServiceOutline {
        var members: JSONObject = [
            "kind": "patient_visit", "modality": "video",
            "languages": .array(languages.map { JSON($0) }),
            "specialty": ["system": "1.2.246.537.6.24", "code": JSON(specialty)],
        ]
        members["price_per_minute"] = price.map { JSON($0) }
        return try JSONReader(.object(members)).object { fields in
            try ServiceOutline(reading: &fields, hasPrice: true)
        }
    }

    static func profile(
        _ services: [ServiceOutline], in regions: Set<Region> = [.wholeCountry],
        isPublished: Bool = true
    ) throws -> ProfileDetails {
        ProfileDetails(
            isPublished: isPublished, description: ["fi": "Etävastaanottoja aamuisin."],
            services: services, regions: regions, email: try EmailAddress("desk@example.org"))
    }

    static func contract(
        _ template: String = "psychiatrist-remote-visit", reference: String = "4410"
    ) throws -> ContractBeginning {
        ContractBeginning(
            template: template, firstDay: try CalendarDate(iso: "2027-03-01"),
            lastDay: try CalendarDate(iso: "2027-12-31"), buyerReference: reference)
    }

    static func need(
        _ service: ServiceOutline, by deadline: String = "2027-02-10T22:00:00Z",
        to sellers: [OrganisationID]? = nil
    ) throws -> NeedDetails {
        NeedDetails(
            title: "Psychiatrist", service: service, regions: [.kainuu], minutes: 240, per: .week,
            startsOn: try CalendarDate(iso: "2027-03-01"),
            endsOn: try CalendarDate(iso: "2027-12-31"), words: "We have none of our own.",
            answerBy: try Instant(rfc3339: deadline), sellers: sellers)
    }
}
