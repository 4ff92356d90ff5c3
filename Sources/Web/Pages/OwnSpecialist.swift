import Marketplace
import MoneyAndTime
import Storage
import StrictJSON

/// One of the visitor's own, whose time is sold, with the clock on the wall of the unit.
struct OwnSpecialist: Sendable {
    let id: SpecialistID
    let label: String
    let specialty: String
    let isActive: Bool
    let unit: String
    let zone: WallClock

    /// All of them by label, the active ones first.
    static func all(_ visitor: Visitor) async throws -> [OwnSpecialist] {
        let zones = try await zones(visitor)
        let own = try await visitor.every {
            try await visitor.market.listSpecialists(visitor.asking("listSpecialists"), page: $0)
        }.map { each in
            OwnSpecialist(
                id: try SpecialistID(typeID: each["id"]?.text ?? ""),
                label: each["label"]?.text ?? "", specialty: each["specialty"]?.text ?? "",
                isActive: each["active"]?.flag == true, unit: each["unit"]?.text ?? "",
                zone: try zones[each["unit"]?.text ?? ""] ?? visitor.signedIn.zone)
        }
        // "Psychiatrist 2" before "Psychiatrist 10"
        return own.sorted {
            ($0.isActive ? 0 : 1, $0.label.count, $0.label)
                < ($1.isActive ? 0 : 1, $1.label.count, $1.label)
        }
    }

    private static func zones(_ visitor: Visitor) async throws -> [String: WallClock] {
        let units = try await visitor.every {
            try await visitor.market.listUnits(visitor.asking("listUnits"), page: $0)
        }
        return try units.reduce(into: [:]) { zones, unit in
            zones[unit["id"]?.text ?? ""] = try WallClock(zone: unit["time_zone"]?.text ?? "")
        }
    }
}

extension [OwnSpecialist] {
    /// The one whom an address or a form names, or the first where it names none; another's is not
    /// there.
    func chosen(by id: String?) throws(InvalidLink) -> OwnSpecialist? {
        guard let id else { return first }
        guard let chosen = first(where: { $0.id.description == id }) else { throw InvalidLink() }
        return chosen
    }

    var choices: [Choice] { map { Choice($0.id.description, $0.label) } }
}
