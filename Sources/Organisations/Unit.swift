import MoneyAndTime

/// A part of an organisation that lives by one clock: a clinic, a ward, a home-care team.
package struct Unit: Sendable {
    package let id: UnitID
    package let organisation: OrganisationID
    package let name: String
    /// The zone in which the unit's people say times.
    package let zone: WallClock

    package init(
        id: UnitID, organisation: OrganisationID, name: String, zone: WallClock
    ) throws(OrganisationRefusal) {
        self.id = id
        self.organisation = organisation
        self.name = try PlainLine.checked(name, .unitName, limit: 120)
        self.zone = zone
    }
}
