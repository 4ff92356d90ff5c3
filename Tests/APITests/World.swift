import Contracts
import MoneyAndTime
import Organisations
import Storage
import StrictJSON
import TestMarket
import TestServer

/// Two organisations that trade, made through the API alone but for their entry into the market,
/// and a third that has no part in what they do.
struct World: Sendable {
    let server: TestServer
    let seller: TestOrganisation
    let buyer: TestOrganisation
    let outsider: TestOrganisation
    /// The contract's text, as it was drafted.
    let document: JSON
    let contract: String
    let digest: String
    let specialist: String
    let availability: String

    var test: TestMarket { server.test }
    var client: TestClient { server.client }

    static let service = "psychiatrist-visit"
    /// When the world begins; the contract rules from the beginning of 2027.
    static let beginning = "2027-02-26T08:00:00Z"

    /// The API did not answer as this world needs it.
    struct Unmade: Error, CustomStringConvertible {
        let description: String
    }

    /// A signed contract and published time.
    init(_ server: TestServer) async throws {
        self.server = server
        let (test, client) = (server.test, server.client)
        try await test.clock.set(to: Instant(rfc3339: Self.beginning))
        let seller = try await test.addOrganisation("Example Hospital")
        let buyer = try await test.addOrganisation("Example Health Centre")
        (self.seller, self.buyer) = (seller, buyer)
        outsider = try await test.addOrganisation("Example Clinic")

        document = try await Self.document(client, seller: seller, buyer: buyer)
        (contract, digest) = try await Self.draft(document, by: seller, client)
        for organisation in [seller, buyer] {
            try await Self.sign(contract, digest, by: organisation, client)
        }
        specialist = try await Self.specialist("Psychiatrist 1", of: seller, client)
        availability = try await client.post(
            "/v1/availability", Self.weekly(of: specialist), as: seller.scheduler
        ).made().text("id")
    }

    /// A document of the contract between two organisations, made from an example.
    static func document(
        _ client: TestClient, example: String = "psychiatrist-remote-visit",
        seller: TestOrganisation, buyer: TestOrganisation, changed: JSONObject = [:]
    ) async throws -> JSON {
        let bytes = try ContractFiles.read("v1/examples/valid/\(example).json")
        var members = try JSON.parse(bytes).members ?? [:]
        for (side, organisation) in [("seller", seller), ("buyer", buyer)] {
            let entry = try await client.get("/v1/organisation", as: organisation.admin).made()
            var party = entry.members ?? [:]
            party["organisation"] = party["id"]
            for key in ["id", "is_example", "revision"] { party[key] = nil }
            if side == "buyer" { party["iban"] = nil }
            members[side] = .object(party)
        }
        var billing = members["billing"]?.members ?? [:]
        billing["netting"] = "many"
        members["billing"] = .object(billing)
        for (key, value) in changed { members[key] = value }
        return .object(members)
    }

    static func draft(
        _ document: JSON, by organisation: TestOrganisation, _ client: TestClient
    ) async throws -> (contract: String, digest: String) {
        let draft = try await client.post(
            "/v1/contracts", document, as: organisation.admin
        ).made()
        return (
            try draft.text("id"), try draft["versions"].element(0).text("digest")
        )
    }

    static func sign(
        _ contract: String, _ digest: String, by organisation: TestOrganisation,
        _ client: TestClient
    ) async throws {
        _ = try await client.post(
            "/v1/contracts/\(contract)/versions/1/signatures", ["digest": JSON(digest)],
            as: organisation[.signatory]
        ).made()
    }

    static func specialist(
        _ label: String, specialty: String = "70", of organisation: TestOrganisation,
        _ client: TestClient
    ) async throws -> String {
        let made = try await client.post(
            "/v1/specialists",
            specialistBody(label, specialty: specialty, unit: organisation.unit),
            as: organisation.scheduler)
        let id = try made.made().text("id")
        _ = try await client.post(
            "/v1/specialists/\(id)/licences", licenceBody, as: organisation.admin
        ).made()
        return id
    }

    static func specialistBody(
        _ label: String, specialty: String = "70", unit: UnitID
    ) -> JSON {
        [
            "unit": JSON(unit.description), "label": JSON(label), "profession": "physician",
            "specialty": JSON(specialty), "languages": ["fi", "sv"],
        ]
    }

    static let licenceBody: JSON = [
        "authority": "Example authority", "number": "L-1", "valid_from": "2020-01-01",
        "valid_through": "2039-12-31",
    ]

    /// Every working day from nine to three, from the first of March.
    static func weekly(of specialist: String) -> JSON {
        [
            "specialist": JSON(specialist),
            "pattern": [
                "kind": "weekly",
                "weekdays": ["monday", "tuesday", "wednesday", "thursday", "friday"],
                "starts_on": "2027-03-01",
            ],
            "from": "09:00", "to": "15:00", "grid_minutes": 15, "shortest_minutes": 10,
            "longest_minutes": 90, "buffer_after_minutes": 5,
        ]
    }
}

// MARK: - What is booked

extension World {
    /// A local time of Helsinki.
    static func instant(_ day: String, at time: String) throws -> Instant {
        try WallClock(zone: "Europe/Helsinki").instant(CalendarDate(iso: day), TimeOfDay(time))
    }

    /// The body that books half an hour at a local time of Helsinki.
    func wanted(
        _ day: String, at time: String = "10:00", hold: Bool = false, under other: String? = nil
    ) throws -> JSON {
        [
            "contract": JSON(other ?? contract), "service": JSON(Self.service),
            "specialist": JSON(specialist),
            "starts": JSON(try Self.instant(day, at: time).rfc3339), "minutes": 30,
            "hold": JSON(hold), "patient_reference": "P-1",
        ]
    }

    func booked(
        _ day: String, at time: String = "10:00", hold: Bool = false, under other: String? = nil
    ) async throws -> String {
        try await client.post(
            "/v1/bookings", wanted(day, at: time, hold: hold, under: other), as: buyer.scheduler
        ).made().text("id")
    }

    /// A visit that the buyer cancels an hour before it starts: its charge is half of the quote.
    func cancelledLate(
        _ day: String, at time: String = "10:00", under other: String? = nil
    ) async throws -> JSON {
        let start = try Self.instant(day, at: time)
        try await test.clock.set(to: start.adding(seconds: -86_400))
        let booking = try await agreed(day, at: time, under: other)
        try await test.clock.set(to: start.adding(seconds: -3_600))
        return try await client.post(
            "/v1/bookings/\(booking)/cancel", ["expected_fee": "54.00"], as: buyer.scheduler
        ).made()
    }
}

// MARK: - Reading what was made

extension Exchange {
    /// The answer's body, when the request succeeded.
    func made() throws -> JSON {
        guard (200...299).contains(status), let json else {
            throw World.Unmade(description: summary)
        }
        return json
    }
}

extension JSON? {
    func element(_ index: Int) throws -> JSON {
        guard let element = self?[index] else {
            throw World.Unmade(description: "no element \(index)")
        }
        return element
    }
}

extension JSON {
    /// The text of a member that is there.
    func text(_ key: String) throws -> String {
        guard let text = self[key]?.text else {
            throw World.Unmade(description: "no text at \(key)")
        }
        return text
    }
}
