import API
import Marketplace
import MoneyAndTime
import SignIn
import StrictJSON
import TestMarket
import TestServer

extension Trade {
    /// Guests of the visit that can be joined, by links of the buyer's.
    struct Guests: Sendable {
        /// A link by which nobody has come.
        let link: String
        /// Two who wait, by links of their own.
        let toLetIn: String
        let toPutOut: String
    }

    var guestAttacks: [Attack] {
        [
            Attack(
                operation: .issueGuestLink, by: .buyer, path: [bookings.toJoin],
                body: .json(["kind": "patient", "language": "sv"])),
            Attack(operation: .listGuestLinks, path: [bookings.toJoin]),
            Attack(operation: .revokeGuestLink, by: .buyer, path: [guests.link]),
            Attack(
                operation: .letGuestIn, path: [guests.toLetIn],
                body: .json(["identification": "identity_document"])),
            Attack(operation: .putGuestOut, by: .buyer, path: [guests.toPutOut]),
        ]
    }
}

extension World {
    func guests(of booking: String) async throws -> Trade.Guests {
        try await Trade.Guests(
            link: link(to: booking, for: "interpreter").text("id"),
            toLetIn: guest(of: booking, "patient"),
            toPutOut: guest(of: booking, "representative"))
    }

    private func link(to booking: String, for kind: String) async throws -> JSON {
        try await client.post(
            "/v1/bookings/\(booking)/guest-links",
            ["kind": JSON(kind), "language": "fi"], as: buyer.scheduler
        ).made()
    }

    /// Somebody who has come by a new link, and waits.
    private func guest(of booking: String, _ kind: String) async throws -> String {
        let link = try await link(to: booking, for: kind)
        guard let token = try OneTimeSecret(presented: link.text("token")) else {
            throw Unmade(description: "the link has no token")
        }
        var random = SystemRandomNumberGenerator()
        try await test.market.guestComes(by: token, as: OneTimeSecret(using: &random))
        let visit = try await client.get(
            "/v1/bookings/\(booking)/visit", as: buyer.scheduler
        ).made()
        let id = try link.text("id")
        guard
            let guest = visit["guests"]?.elements?.first(where: { $0["link"]?.text == id }),
            let name = guest["id"]?.text
        else { throw Unmade(description: "the guest is not at the door") }
        return name
    }
}
