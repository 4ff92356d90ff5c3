import Marketplace
import MoneyAndTime
import StrictJSON

extension Visitor {
    /// Every item of a list, page after page.
    func every<Subject>(
        _ list: (Page<ID<Subject>>) async throws -> Answer
    ) async throws -> [JSON] {
        var items: [JSON] = []
        var after: ID<Subject>?
        repeat {
            let page = try await list(Page(after: after, limit: 200)).body
            items += page["items"]?.elements ?? []
            after = try page["next"]?.text.map { try ID(typeID: $0) }
        } while after != nil
        return items
    }

    /// The visitor's bookings that have a place in a block or a group session, in order; `member`
    /// is what a booking calls it.
    func bookings(
        placedIn member: String, _ id: String, during: TimeSlot
    ) async throws -> [JSON] {
        try await every {
            try await market.listBookings(
                asking("listBookings"), state: nil, from: during.start, until: during.end, page: $0)
        }
        .filter {
            $0[member]?.text == id && ["booked", "closed"].contains($0["state"]?.text)
        }
    }
}
