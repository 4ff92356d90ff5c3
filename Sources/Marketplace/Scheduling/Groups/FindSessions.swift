import Contracts
import MoneyAndTime
import Postgres
import Storage
import StrictJSON

extension Market {
    /// Sessions in which places are left under the asker's contracts, earliest first, each with the
    /// price that its contract gives. Who has no contract finds nothing.
    package func findGroupSessions(
        _ request: Request, wish: FoundSession.Wish, page: Page<FoundSession.Place>
    ) async throws -> Answer {
        _ = try Self.askedStretch(wish.from, wish.until)
        let rows = try await read(
            request, FoundSession.find(wish, after: page.after, limit: page.limit + 1))
        return try .page(
            rows.map(FoundSession.init(row:)), limit: page.limit,
            cursor: { FoundSession.Place(of: $0).text }, item: { try $0.json() })
    }
}

extension FoundSession.Place {
    fileprivate init(of found: FoundSession) {
        self.init(starts: found.during.start, session: found.id, contract: found.contract)
    }

    /// As a cursor holds it.
    fileprivate var text: String {
        [starts.rfc3339, session.description, contract.description].joined(separator: " ")
    }

    package init(cursor text: String) throws {
        let parts = try cursorParts(text, 3)
        try self.init(
            starts: Instant(rfc3339: parts[0]), session: GroupSessionID(typeID: parts[1]),
            contract: ContractID(typeID: parts[2]))
    }
}

extension FoundSession {
    /// What one place more comes to with those that are taken; of a full session, one that comes
    /// free.
    private func share() throws -> Money {
        let inAll = min(taken + 1, places)
        return try GroupShare(places: 1, placesBefore: inAll - 1, placesInAll: inAll).of(price)
    }

    fileprivate func json() throws -> JSON {
        [
            "group_session": JSON(id.description),
            "starts": JSON(during.start.rfc3339),
            "ends": JSON(during.end.rfc3339),
            "book_until": JSON(bookUntil.rfc3339),
            "places": JSON(places),
            "free": JSON(places - taken),
            "own": JSON(own),
            "specialist": JSON(specialist.description),
            "specialist_label": JSON(specialistLabel),
            "languages": .array(languages.map { JSON($0) }),
            "seller": JSON(seller.description),
            "seller_name": JSON(sellerName),
            "contract": JSON(contract.description),
            "version": JSON(version),
            "service": JSON(service),
            "price": JSON(price.decimal),
            "share": JSON(try share().decimal),
            "currency": JSON(price.currency.rawValue),
        ]
    }
}
