import Marketplace
import MoneyAndTime
import Storage
import StrictJSON

/// One of the visitor's own, whose time is sold, with the clock on the wall of the unit.
struct OwnSpecialist: Sendable {
    let id: SpecialistID
    let label: String
    let isActive: Bool
    let zone: WallClock

    /// All of them by label, the active ones first.
    static func all(_ visitor: Visitor) async throws -> [OwnSpecialist] {
        let zones = try await zones(visitor)
        var own: [OwnSpecialist] = []
        var after: SpecialistID?
        repeat {
            let page = try await visitor.market.listSpecialists(
                visitor.asking("listSpecialists"), page: Page(after: after, limit: 200)
            ).body
            for each in page["items"]?.elements ?? [] {
                own.append(
                    OwnSpecialist(
                        id: try SpecialistID(typeID: each["id"]?.text ?? ""),
                        label: each["label"]?.text ?? "", isActive: each["active"]?.flag == true,
                        zone: try zones[each["unit"]?.text ?? ""] ?? visitor.signedIn.zone))
            }
            after = try page["next"]?.text.map { try SpecialistID(typeID: $0) }
        } while after != nil
        // "Psychiatrist 2" before "Psychiatrist 10"
        return own.sorted {
            ($0.isActive ? 0 : 1, $0.label.count, $0.label)
                < ($1.isActive ? 0 : 1, $1.label.count, $1.label)
        }
    }

    private static func zones(_ visitor: Visitor) async throws -> [String: WallClock] {
        var zones: [String: WallClock] = [:]
        var after: UnitID?
        repeat {
            let page = try await visitor.market.listUnits(
                visitor.asking("listUnits"), page: Page(after: after, limit: 200)
            ).body
            for unit in page["items"]?.elements ?? [] {
                zones[unit["id"]?.text ?? ""] = try WallClock(zone: unit["time_zone"]?.text ?? "")
            }
            after = try page["next"]?.text.map { try UnitID(typeID: $0) }
        } while after != nil
        return zones
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
