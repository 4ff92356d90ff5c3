import Contracts
import Marketplace
import MoneyAndTime
import Organisations
import Storage
import StrictJSON

/// What there is in the demo before a contract: a profile of each seller, a need with two answers
/// that the buyer has not decided on, and a request that a seller has not answered.
struct DemoBeforeContract: Sendable {
    let market: Market

    func make(_ caller: (DemoOrganisation) throws -> DemoCaller) async throws {
        for profile in Self.profiles { try await publish(profile, caller(profile.seller)) }
        let buyer = try caller(.northernCentre)
        let posted = try await market.postNeed(
            buyer.request("postNeed", as: .admin),
            NeedDetails(
                title: "Child psychiatrist for two mornings a week",
                service: Self.service(.childPsychiatry, ["fi"]), regions: [.lapland],
                minutes: 360, per: .week, startsOn: CalendarDate(iso: "2027-04-01"),
                endsOn: CalendarDate(iso: "2028-03-31"),
                words: "Our own child psychiatrist retires. There is a room, and a nurse, on "
                    + "Tuesday and Thursday mornings.",
                answerBy: Instant(rfc3339: "2027-03-24T00:00:00+02:00"), sellers: nil))
        let need = try NeedID(typeID: posted.text("id"))
        for (seller, words, price) in Self.answers {
            _ = try await market.answerNeed(
                caller(seller).request("answerNeed", as: .admin), need, words: words,
                price: price.map { try UnitPrice(decimal: $0) })
        }
        _ = try await market.askForContract(
            caller(.careHome).request("askForContract", as: .admin),
            of: caller(.hospital).id,
            words: "Our nurses need a psychiatrist to ask, about an hour a week.",
            ContractBeginning(
                template: "psychiatrist-professional-consultation",
                firstDay: CalendarDate(iso: "2027-04-01"),
                lastDay: CalendarDate(iso: "2028-03-31"), buyerReference: "CARE-2027"))
    }

    private func publish(_ profile: Profile, _ seller: DemoCaller) async throws {
        _ = try await market.updateProfile(
            seller.request("updateProfile", as: .admin), revision: 0,
            ProfileDetails(
                isPublished: true, description: profile.description,
                services: profile.services.map {
                    try Self.service($0.field, $0.languages, price: $0.price)
                }, regions: profile.regions,
                email: seller.organisation.email("contracts")))
    }

    // MARK: What is said

    /// Codes of the Finnish classification of medical specialties.
    private enum Field: String {
        case generalPractice = "98"
        case geriatrics = "97"
        case psychiatry = "70"
        case childPsychiatry = "75"
        case neurology = "77"
        case dermatology = "60"
    }

    private struct Profile {
        let seller: DemoOrganisation
        let description: [String: String]
        let services: [(field: Field, languages: [String], price: String?)]
        let regions: Set<Region>
    }

    private static let profiles = [
        Profile(
            seller: .hospital,
            description: [
                "fi": "Psykiatrian ja yleislääketieteen etävastaanottoja arkiaamuisin.",
                "sv": "Psykiatri och allmänmedicin på distans vardagsmorgnar.",
                "en": "Remote psychiatry and general practice on weekday mornings.",
            ],
            services: [
                (.psychiatry, ["fi", "sv"], "3.60"), (.childPsychiatry, ["fi"], nil),
                (.generalPractice, ["fi", "sv"], nil),
            ],
            regions: [.wholeCountry]),
        Profile(
            seller: .university,
            description: [
                "fi": "Neurologian ja ihotautien konsultaatioita. Kysykää myös muita aloja.",
                "sv": "Konsultationer i neurologi och hudsjukdomar. Fråga gärna om andra områden.",
            ],
            services: [(.neurology, ["fi", "en"], nil), (.dermatology, ["fi", "sv", "en"], nil)],
            regions: [.pirkanmaa, .kantaHame, .southOstrobothnia, .lapland]),
        Profile(
            seller: .physicians,
            description: [
                "fi": "Yleislääkärin etävastaanotto ja geriatrin etäkierrot hoivakodeille."
            ],
            services: [
                (.generalPractice, ["fi", "sv", "en"], "2.85"), (.geriatrics, ["fi"], nil),
            ],
            regions: [.wholeCountry]),
    ]

    private static let answers: [(DemoOrganisation, String, String?)] = [
        (
            .hospital,
            "Both mornings suit us from April on, with the same physician each time.",
            "3.9500"
        ),
        (
            .university,
            "We can begin in May on Thursday mornings, and in autumn on Tuesdays as well.", nil
        ),
    ]

    /// A visit with a patient by video.
    private static func service(
        _ field: Field, _ languages: [String], price: String? = nil
    ) throws -> ServiceOutline {
        var members: JSONObject = [
            "kind": "patient_visit", "modality": "video",
            "specialty": ["system": "1.2.246.537.6.24", "code": JSON(field.rawValue)],
            "languages": .array(languages.map { JSON($0) }),
        ]
        members["price_per_minute"] = price.map { JSON($0) }
        return try JSONReader(.object(members)).object { fields in
            try ServiceOutline(reading: &fields, hasPrice: true)
        }
    }
}
