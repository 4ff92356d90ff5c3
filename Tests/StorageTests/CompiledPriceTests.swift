import Contracts
import MoneyAndTime
import Postgres
import Storage
import StrictJSON
import TestMarket
import Testing

/// The quotes that search and booking work out in SQL are those that rating gives.
@Suite struct CompiledPriceTests {
    @Test(arguments: Seeds.first(2)) func areTheQuotes(_ seed: UInt64) async throws {
        var random = Seeded(3_000 + seed)
        try await TestMarket.withMarket { test in
            let contract = try await test.signedContract(
                seller: test.addOrganisation("Seller"), buyer: test.addOrganisation("Buyer"))
            let stored: [UInt8] = try await test.owner.read([
                "select document from contract_version"
            ]).only().decode(0)
            let example = try JSON.parse(stored)
            for number in 0..<20 {
                let document = try Self.document(example, &random)
                let id: ContractID = newID()
                try await test.owner.pool.transaction { transaction in
                    try await transaction.query(
                        StoredContract.insert(id, of: document.terms, draftedBy: contract.seller.id)
                    )
                    try await transaction.each(
                        StoredContractVersion.insert(
                            document, number: 1, of: id, draftedBy: contract.seller.id))
                }
                for question in Self.questions(document.terms, &random) {
                    let quote = try Rating.quote(
                        document.terms, service: question.service, starts: question.starts,
                        plannedMinutes: question.minutes)
                    let amount: Int64 = try await test.owner.read([
                        """
                        select quote_at(\(id), 1, \(question.service), \(question.starts),
                            \(question.minutes)::int)
                        """
                    ]).only().decode(0)
                    #expect(
                        amount == quote.total.minorUnits,
                        "seed \(seed), contract \(number), \(question)")
                }
            }
        }
    }

    /// A search may ask for a contract with another one's service, and then leaves the pair out.
    @Test func whatIsNotSoldHasNoQuote() async throws {
        try await TestMarket.withMarket { test in
            let contract = try await test.signedContract(
                seller: test.addOrganisation("Seller"), buyer: test.addOrganisation("Buyer"))
            let row = try await test.owner.read([
                """
                with sold as (
                    select s.service, s.maximum_minutes, p.minutes
                    from contract_service s join price p using (contract, number, service)
                    where s.contract = \(contract.id) limit 1)
                select quote_at(\(contract.id), 1, service, now(), minutes) is null as sold,
                    quote_at(\(contract.id), 2, service, now(), minutes) is null as version,
                    quote_at(\(contract.id), 1, 'another', now(), minutes) is null as service,
                    quote_at(\(contract.id), 1, service, now(), maximum_minutes + 1) is null
                        as length
                from sold
                """
            ]).only()
            #expect(try !row["sold", Bool.self])
            for column in ["version", "service", "length"] {
                #expect(try row[column, Bool.self], "\(column)")
            }
        }
    }

    @Test func holidaysAreThoseOfTheCalendar() async throws {
        try await TestMarket.withMarket { test in
            let rows = try await test.owner.read([
                """
                select day::date as day from generate_series(
                    date '2020-01-01', date '2060-12-31', interval '1 day') as day
                where is_holiday(day::date) order by day
                """
            ]).map { try $0["day", CalendarDate.self] }
            let holidays = try (2020...2060).flatMap { year in
                try FinnishHolidays.holidays(of: year).map(\.date)
            }
            #expect(rows == holidays)
            #expect(rows.count > 41 * 12)
        }
    }

    @Test(arguments: Rounding.allCases) func centsAreRoundedAlike(_ mode: Rounding) async throws {
        try await TestMarket.withMarket { test in
            for numerator: Int64 in -60...60 {
                for denominator: Int64 in [1, 2, 8, 100] {
                    let cents: Int64 = try await test.owner.read([
                        """
                        select in_cents(\(numerator)::numeric, \(denominator)::numeric,
                            \(mode.rawValue))
                        """
                    ]).only().decode(0)
                    let swift = try mode.divide(Int128(numerator), by: Int128(denominator))
                    #expect(cents == swift, "\(numerator)/\(denominator)")
                }
            }
        }
    }

    private typealias Question = (service: String, starts: Instant, minutes: Int64)

    /// Starts near midnights, the nights of daylight saving, holidays and the edges of
    /// supplements.
    private static func questions(_ terms: Terms, _ random: inout Seeded) -> [Question] {
        let days: [Int64] = [
            // 2027: New Year, Epiphany, Good Friday, both nights of daylight saving, May Day,
            // Midsummer, a Sunday before an ordinary Monday
            1_798_754_400, 1_799_186_400, 1_806_012_000, 1_806_098_400, 1_806_184_800,
            1_809_118_800, 1_813_957_200, 1_824_843_600, 1_824_930_000, 1_830_031_200,
        ]
        return terms.rateCard.services.flatMap { service in
            (0..<6).compactMap { _ -> Question? in
                guard let day = days.randomElement(using: &random),
                    let minutes = Array(service.plannedLengths.all).randomElement(using: &random)
                else { return nil }
                let offset = random.among(-300...1_740) * 60
                return (
                    service.code, Instant(microseconds: (day + offset) * 1_000_000), minutes
                )
            }
        }
    }

    /// The example with other services: prices, increments, minimums and lengths at random.
    private static func document(
        _ example: JSON, _ random: inout Seeded
    ) throws -> ContractDocument {
        var members = example.members ?? [:]
        let model = example["services"]?[0]?.members ?? [:]
        var services: [JSON] = []
        for number in 1...random.among(1...3) {
            let shortest = random.among(1...40)
            let step = random.among(1...15)
            let fraction = String(10_000 + random.among(0...9_999)).dropFirst()
            var service = model
            service["code"] = JSON("service-\(number)")
            service["price_per_minute"] = JSON("\(random.among(0...20)).\(fraction)")
            service["increment"] = [
                "first_seconds": JSON(3 * random.among(1...100)),
                "next_seconds": JSON(3 * random.among(1...100)),
            ]
            service["minimum_seconds"] = JSON(3 * random.among(0...600))
            service["planned_minutes"] = [
                "minimum": JSON(shortest), "maximum": JSON(shortest + step * random.among(1...12)),
                "step": JSON(step),
            ]
            decorate(&service, &random)
            services.append(.object(service))
        }
        members["services"] = .array(services)
        members["rounding"] = [
            "mode": random.among(0...1) == 0 ? "half_up" : "half_even", "level": "visit",
        ]
        members["worked_examples"] = [
            [
                "title": "Nobody comes", "service": "service-1",
                "visit": [
                    "starts": "2027-03-09T09:00",
                    "planned_minutes": services[0]["planned_minutes"]?["minimum"] ?? .null,
                    "billable_seconds": 0,
                ],
                "lines": [], "total": "0.00",
            ]
        ]
        return try ContractDocument(.object(members))
    }

    /// Start fee, cap, supplements and discounts, each perhaps.
    private static func decorate(_ service: inout JSONObject, _ random: inout Seeded) {
        if random.among(0...1) == 0 {
            service["start_fee"] = JSON("\(random.among(0...30)).50")
        }
        if random.among(0...2) == 0 { service["cap"] = JSON("\(random.among(0...400)).99") }
        let days: [JSON] = [
            "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "holiday",
        ]
        let supplements = (0..<random.among(0...3)).map { number -> JSON in
            let from = random.among(0...22)
            let until = random.among((from + 1)...24)
            let hour = { (hour: Int64) in JSON(hour < 10 ? "0\(hour):00" : "\(hour):00") }
            var chosen = days.filter { _ in random.among(0...1) == 0 }
            if chosen.isEmpty { chosen = ["holiday"] }
            return [
                "code": JSON("supplement-\(number)"), "name": ["fi": "a", "sv": "b", "en": "c"],
                "days": .array(chosen), "from": hour(from), "until": hour(until),
                "percent": JSON("\(random.among(0...100))"),
            ]
        }
        if !supplements.isEmpty { service["supplements"] = .array(supplements) }
        let discounts = (0..<random.among(0...2)).map { number -> JSON in
            var discount: JSONObject = [
                "code": JSON("discount-\(number)"), "name": ["fi": "a", "sv": "b", "en": "c"],
                "percent": JSON("\(random.among(0...100)).5"),
            ]
            if discount["percent"] == "100.5" { discount["percent"] = "100" }
            if random.among(0...1) == 0 { discount["first_day"] = "2027-03-28" }
            return .object(discount)
        }
        if !discounts.isEmpty { service["discounts"] = .array(discounts) }
    }
}
