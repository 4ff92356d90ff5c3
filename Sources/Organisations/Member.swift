import MoneyAndTime

/// A person who acts for an organisation.
package struct Member: Hashable, Sendable {
    package let id: MemberID
    package let organisation: OrganisationID
    /// What colleagues see, such as "Scheduling desk 2".
    package let name: String
    package let email: EmailAddress
    package let roles: Set<Role>
    /// Which of the organisation's specialists this is; nil for all others.
    package let specialist: SpecialistID?

    package init(
        id: MemberID, organisation: OrganisationID, name: String, email: EmailAddress,
        roles: Set<Role>, specialist: SpecialistID? = nil
    ) throws(OrganisationRefusal) {
        guard !roles.isEmpty else { throw .rolesMissing }
        self.id = id
        self.organisation = organisation
        self.name = try PlainLine.checked(name, .memberName, limit: 120)
        self.email = email
        self.roles = roles
        self.specialist = specialist
    }
}
