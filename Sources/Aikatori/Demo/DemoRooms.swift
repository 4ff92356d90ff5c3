import Marketplace
import MoneyAndTime
import Organisations
import Scheduling
import Storage
import StrictJSON

// A health centre of the demo has two rooms and a nurse, and some of its visits take them.

extension DemoLoading {
    func addRooms(to buyer: DemoCaller) async throws {
        let hours = try OpeningHours(
            [Weekday.monday, .tuesday, .wednesday, .thursday, .friday].map {
                try .init(weekday: $0, from: TimeOfDay("08:00"), until: TimeOfDay("16:00"))
            })
        for (kind, name, opening, cost) in [
            (StoredResource.Kind.room, "Room 1", nil, "0.12"), (.room, "Room 2", nil, "0.12"),
            (.staff, "Nurse, reception", hours, "0.75"),
        ] {
            _ = try await market.addResource(
                buyer.request("addResource", as: .scheduler, key: name), kind, in: buyer.unit,
                .init(
                    name: name, opening: opening, minuteCost: UnitPrice(decimal: cost)))
        }
    }
}

extension DemoLife {
    /// Where a room is free for a visit that is agreed, it takes it, and the nurse where she is
    /// free, too.
    func takeRooms(_ visits: [DemoVisit]) async throws {
        let wanting = visits.filter {
            $0.agreement.buyer.organisation == .northernCentre && !$0.isProposed
        }
        guard let buyer = wanting.first?.agreement.buyer else { return }
        let listed = try await market.listResources(
            buyer.request("listResources", as: .scheduler), page: Page(after: nil, limit: 50))
        let own = try (listed.body["items"]?.elements ?? []).map {
            try ResourceID(typeID: $0["id"]?.text ?? "")
        }
        guard own.count == 3 else { return }
        for visit in wanting {
            try await take(oneOf: [[own[0], own[2]], [own[0]], [own[1]]], for: visit)
        }
    }

    private func take(oneOf choices: [[ResourceID]], for visit: DemoVisit) async throws {
        for wanted in choices {
            do {
                _ = try await market.chooseResources(
                    visit.agreement.buyer.request("chooseResources", as: .scheduler),
                    for: visit.booking, wanted)
                return
            } catch let refusal as Refusal
                where [.resourceTaken, .resourceClosed].contains(refusal.code)
            {
                continue
            }
        }
    }
}
