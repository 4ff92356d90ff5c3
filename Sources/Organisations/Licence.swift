import MoneyAndTime

/// The right of a specialist to practise, as an authority gave it.
package struct Licence: Hashable, Sendable {
    package let id: LicenceID
    package let specialist: SpecialistID
    /// Who gave it, such as the national supervisory authority.
    package let authority: String
    /// Its number in the authority's register; opaque here.
    package let number: String
    package let validFrom: CalendarDate
    /// The last day on which it is valid.
    package let validThrough: CalendarDate

    package init(
        id: LicenceID, specialist: SpecialistID, authority: String, number: String,
        validFrom: CalendarDate, validThrough: CalendarDate
    ) throws(OrganisationRefusal) {
        guard validFrom <= validThrough else { throw .validityEmpty }
        self.id = id
        self.specialist = specialist
        self.authority = try PlainLine.checked(authority, .authority, limit: 120)
        self.number = try PlainLine.checked(number, .licenceNumber, limit: 64)
        self.validFrom = validFrom
        self.validThrough = validThrough
    }

    /// Whether a visit on this day (the specialist's local date) may be held under it.
    package func covers(_ date: CalendarDate) -> Bool {
        validFrom <= date && date <= validThrough
    }
}
