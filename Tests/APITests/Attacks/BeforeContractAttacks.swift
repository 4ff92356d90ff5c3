import API
import MoneyAndTime
import Organisations
import StrictJSON
import TestMarket
import TestServer

extension Trade {
    /// What there is before a contract: a lender with a published profile, and needs of the
    /// buyer's that the seller and the lender alone are shown.
    struct BeforeContract: Sendable {
        let lender: TestOrganisation
        let toWithdraw: String
        let toAnswer: String
        /// With an answer of the lender's.
        let toDecide: String
        let answer: String
    }

    var beforeContract: [Attack] {
        let service: JSON = [
            "kind": "patient_visit", "modality": "video", "languages": ["fi", "sv"],
            "specialty": ["system": "1.2.246.537.6.24", "code": "70"],
        ]
        return [
            Attack(operation: .getProfile, outsider: .ownOnly),
            Attack(
                operation: .updateProfile, body: .json(World.profileBody(isPublished: false)),
                revision: "\"0\"",
                outsider: .ownOnly),
            Attack(
                operation: .findProfiles, query: "specialty=70&region=08", outsider: .everyones),
            Attack(
                operation: .readProfile, path: [before.lender.id.description],
                outsider: .everyones),
            Attack(
                operation: .askForContract, by: .buyer,
                body: .json([
                    "seller": JSON(before.lender.id.description), "words": "Two mornings a week.",
                    "template": "psychiatrist-remote-visit", "first_day": "2027-08-01",
                    "last_day": "2028-07-31", "buyer_reference": "4410",
                ]),
                // its entry has the seller's e-invoice address by now
                outsider: .refused(422, "party_data_missing")),
            Attack(operation: .listContractRequests, by: .buyer, outsider: .ownOnly),
            Attack(
                operation: .postNeed, by: .buyer,
                body: .json(World.needBody(service, to: [seller.id])), outsider: .everyones),
            Attack(operation: .listNeeds, outsider: .ownOnly),
            Attack(operation: .getNeed, by: .buyer, path: [before.toAnswer]),
            Attack(operation: .withdrawNeed, by: .buyer, path: [before.toWithdraw]),
            Attack(
                operation: .answerNeed, path: [before.toAnswer],
                body: .json(["words": "On Mondays.", "price_per_minute": "2.4533"])),
            Attack(
                operation: .acceptNeedAnswer, by: .buyer, path: [before.toDecide, before.answer],
                body: .json([
                    "template": "psychiatrist-remote-visit", "first_day": "2027-08-01",
                    "last_day": "2028-07-31", "buyer_reference": "4410",
                ])),
        ]
    }
}

extension World {
    static func profileBody(isPublished: Bool) -> JSON {
        [
            "published": JSON(isPublished),
            "description": [
                "fi": "Etävastaanottoja.", "sv": "Distansmottagning.", "en": "Visits.",
            ],
            "services": [
                [
                    "kind": "patient_visit", "modality": "video", "languages": ["fi", "sv"],
                    "specialty": ["system": "1.2.246.537.6.24", "code": "70"],
                    "price_per_minute": "3.60",
                ]
            ],
            "regions": ["08", "19"], "email": "contracts@hospital.example",
        ]
    }

    /// Answers are taken until the twentieth of July 2027.
    static func needBody(_ service: JSON, to sellers: [OrganisationID]) -> JSON {
        [
            "title": "Psychiatrist for a health centre", "service": service, "regions": ["19"],
            "minutes": 240, "per": "week", "starts_on": "2027-08-01", "ends_on": "2028-07-31",
            "words": "We have none of our own.", "answer_by": "2027-07-20T13:00:00Z",
            "sellers": .array(sellers.map { JSON($0.description) }),
        ]
    }

    func beforeContract() async throws -> Trade.BeforeContract {
        let lender = try await test.addOrganisation("Example Remote Care")
        _ = try await client.send(
            "PUT", "/v1/profile",
            headers: [
                "Authorization": "Bearer \(lender.admin.token.text)",
                "Content-Type": "application/json", "If-Match": "\"0\"",
            ], body: Self.profileBody(isPublished: true).write()
        ).made()
        let service: JSON = [
            "kind": "patient_visit", "modality": "video", "languages": ["sv"],
            "profession": ["system": "2.16.840.1.113883.2.9.6.2.7", "code": "2634"],
        ]
        let body = Self.needBody(service, to: [seller.id, lender.id])
        let toDecide = try await posted(body)
        let answered = try await client.post(
            "/v1/needs/\(toDecide)/answers", ["words": "We can."], as: lender.admin
        ).made()
        return Trade.BeforeContract(
            lender: lender, toWithdraw: try await posted(body), toAnswer: try await posted(body),
            toDecide: toDecide, answer: try answered["answers"].element(0).text("id"))
    }

    private func posted(_ body: JSON) async throws -> String {
        try await client.post("/v1/needs", body, as: buyer.admin).made().text("id")
    }
}
