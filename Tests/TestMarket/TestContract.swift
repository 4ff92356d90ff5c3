import Contracts
import MoneyAndTime
import Postgres
import Storage
import StrictJSON

/// Two organisations with a contract that both have signed, made from an example of `contracts/`.
package struct TestContract: Sendable {
    package let test: TestMarket
    package let seller: TestOrganisation
    package let buyer: TestOrganisation
    package let id: ContractID
    package let terms: Terms

    package var clock: WallClock { terms.clock }
}

extension TestMarket {
    /// A contract that rules from the beginning of 2027. `changed` replaces members of the example.
    package func signedContract(
        _ example: String = "psychiatrist-remote-visit", seller: TestOrganisation,
        buyer: TestOrganisation, acceptedInAdvance: Bool = true, changed: JSONObject = [:]
    ) async throws -> TestContract {
        var random = SystemRandomNumberGenerator()
        let id = ContractID(at: Instant(microseconds: 0), using: &random)
        var changed = changed
        changed["handshake"] = [
            "reply_within_minutes": 240, "accepted_in_advance": JSON(acceptedInAdvance),
        ]
        let document = try Self.document(example, seller, buyer, changed)
        try await owner.pool.transaction { transaction in
            try await transaction.query(
                """
                insert into contract (id, seller, buyer, drafted_by, title, state)
                values (\(id), \(seller.id), \(buyer.id), \(seller.id), \(document.terms.title),
                    'active')
                """)
            try await Self.insert(
                document, number: 1, of: id, from: document.terms.validitySlot().start,
                in: transaction)
        }
        return TestContract(
            test: self, seller: seller, buyer: buyer, id: id, terms: document.terms)
    }

    private static func document(
        _ example: String, _ seller: TestOrganisation, _ buyer: TestOrganisation,
        _ changed: JSONObject
    ) throws -> ContractDocument {
        let bytes = try ContractFiles.read("v1/examples/valid/\(example).json")
        var members = try JSON.parse(bytes).members ?? [:]
        members["validity"] = ["first_day": "2027-01-01", "last_day": "2027-12-31"]
        for (key, value) in changed { members[key] = value }
        for (side, organisation) in [("seller", seller), ("buyer", buyer)] {
            var party = members[side]?.members ?? [:]
            party["organisation"] = JSON(organisation.id.description)
            members[side] = .object(party)
        }
        return try ContractDocument(.object(members))
    }

    fileprivate static func insert(
        _ document: ContractDocument, number: Int, of contract: ContractID, from start: Instant,
        signedAt: Instant? = nil, in transaction: Transaction
    ) async throws {
        let terms = document.terms
        let (seller, buyer) = (terms.seller.organisation, terms.buyer.organisation)
        try await transaction.query(
            """
            insert into contract_version (contract, number, seller, buyer, document, digest,
                drafted_by, offered_at, signed_at, effective, time_zone, minimum_notice_minutes,
                horizon_days, hold_minutes, budget_ceiling, quota_visits, quota_minutes,
                accepted_in_advance, reply_within_minutes, rounding)
            values (\(contract), \(number), \(seller), \(buyer), \(document.canonical),
                \(document.digest.bytes), \(seller), '2026-01-01',
                coalesce(\(signedAt)::timestamptz, '2026-01-01'),
                tstzrange(\(start), \(try terms.validitySlot().end)), \(terms.clock.zone),
                \(terms.limits.minimumNoticeMinutes), \(terms.limits.horizonDays),
                \(terms.limits.holdMinutes), \(terms.limits.budgetCeiling),
                \(terms.limits.quota?.visits), \(terms.limits.quota?.minutes),
                \(terms.handshake.acceptedInAdvance),
                \(terms.handshake.replyWithinMinutes), \(terms.rounding.mode.rawValue))
            """)
        let version = Int64(number)
        for query in try CompiledRateCard.insert(terms, number: version, of: contract) {
            try await transaction.query(query)
        }
    }
}

extension TestContract {
    /// A second version, signed by both, that rules from a day on.
    package func amended(from day: CalendarDate, changed: JSONObject) async throws {
        try await test.amended(id, from: day, changed: changed)
    }
}

extension TestMarket {
    /// The same of any contract, at another price of its first service.
    package func amended(
        _ id: ContractID, from day: CalendarDate, signedAt: Instant, pricePerMinute: String
    ) async throws {
        let first = try await owner.read([
            "select document from contract_version where contract = \(id) and number = 1"
        ]).only()
        let document = try JSON.parse(first["document", [UInt8].self])
        var services = document["services"]?.elements ?? []
        var service = services[0].members ?? [:]
        service["price_per_minute"] = JSON(pricePerMinute)
        services[0] = .object(service)
        try await amended(
            id, from: day, signedAt: signedAt, changed: ["services": .array(services)])
    }

    fileprivate func amended(
        _ id: ContractID, from day: CalendarDate, signedAt: Instant? = nil, changed: JSONObject
    ) async throws {
        let example = try await owner.read([
            "select document from contract_version where contract = \(id) and number = 1"
        ]).only()
        var members = try JSON.parse(example["document", [UInt8].self]).members ?? [:]
        members["validity"] = ["first_day": JSON(day.iso), "last_day": "2027-12-31"]
        for (key, value) in changed { members[key] = value }
        let document = try ContractDocument(.object(members))
        let start = try document.terms.validitySlot().start
        try await owner.pool.transaction { transaction in
            try await transaction.query(
                """
                update contract_version set effective = tstzrange(lower(effective), \(start))
                where contract = \(id) and number = 1
                """)
            try await Self.insert(
                document, number: 2, of: id, from: start, signedAt: signedAt, in: transaction)
        }
    }
}
