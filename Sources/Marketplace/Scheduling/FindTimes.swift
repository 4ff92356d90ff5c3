import MoneyAndTime
import Postgres
import Storage
import StrictJSON

extension Market {
    /// The longest stretch of time that one search looks through.
    package static let longestSearchDays: Int64 = 62

    /// Free time under the asker's contracts, earliest first, each with the price and the terms
    /// in short that its contract gives. Who has no contract finds nothing.
    package func findTimes(
        _ request: Request, wish: FoundTime.Wish, page: Page<FoundTime.Place>
    ) async throws -> Answer {
        try Self.requireSearchable(wish)
        let rows = try await read(
            request, FoundTime.find(wish, after: page.after, limit: page.limit + 1))
        let times = try rows.map(FoundTime.init(row:))
        let terms = try await shortTerms(of: times) { try await read(request, $0) }
        return try .page(
            times, limit: page.limit, cursor: { FoundTime.Place(of: $0).text },
            item: { try $0.json(for: wish.minutes, terms) })
    }

    /// What a search or a calendar looks through.
    static func askedStretch(
        _ from: Instant, _ until: Instant
    ) throws(InvalidInput) -> TimeSlot {
        guard let asked = try? TimeSlot(start: from, end: until),
            asked.seconds <= longestSearchDays * 86_400
        else {
            throw InvalidInput(
                pointer: "/until", code: "out_of_range",
                message: "must be after from, and at most \(longestSearchDays) days after it")
        }
        return asked
    }

    static func requireSearchable(_ wish: FoundTime.Wish) throws {
        _ = try askedStretch(wish.from, wish.until)
    }
}

extension FoundTime.Place {
    init(of time: FoundTime) {
        self.init(
            starts: time.starts, specialist: time.specialist, contract: time.contract,
            service: time.service)
    }

    /// As a cursor holds it.
    var text: String {
        [starts.rfc3339, specialist.description, contract.description, service]
            .joined(separator: " ")
    }

    package init(cursor text: String) throws {
        let parts = try cursorParts(text, 4)
        try self.init(
            starts: Instant(rfc3339: parts[0]), specialist: SpecialistID(typeID: parts[1]),
            contract: ContractID(typeID: parts[2]), service: parts[3])
    }
}

extension FoundTime {
    func json(for minutes: Int64, _ terms: [Version: ShortTerms]) throws -> JSON {
        [
            "starts": JSON(starts.rfc3339),
            "ends": JSON(try starts.adding(seconds: minutes.multiplied(by: 60)).rfc3339),
            "free_until": JSON(freeUntil.rfc3339),
            "specialist": JSON(specialist.description),
            "specialist_label": JSON(specialistLabel),
            "languages": .array(languages.map { JSON($0) }),
            "seller": JSON(seller.description),
            "seller_name": JSON(sellerName),
            "contract": JSON(contract.description),
            "version": JSON(version),
            "service": JSON(service),
            "minutes": JSON(minutes),
            "price": JSON(amount.decimal),
            "currency": JSON(amount.currency.rawValue),
            "terms": try terms[ofVersion]?.json(starts: starts) ?? .null,
        ]
    }
}
