import MoneyAndTime

/// What lets a member's program, or a machine of the organisation, in.
package struct Credential: Hashable, Sendable {
    /// The longest that one credential lives; then a new one is made.
    package static let longestLifeDays: Int64 = 400

    package let id: CredentialID
    package let organisation: OrganisationID
    package let holder: Holder
    package let label: String
    package let roles: Set<Role>
    package let expiresAt: Instant
    package let revokedAt: Instant?

    package enum Holder: Hashable, Sendable {
        /// Never more than the member's own roles.
        case member(MemberID)
        case machine
    }

    /// A credential read back from where it is kept; nothing is checked again.
    package init(
        stored id: CredentialID, organisation: OrganisationID, holder: Holder, label: String,
        roles: Set<Role>, expiresAt: Instant, revokedAt: Instant?
    ) {
        self.id = id
        self.organisation = organisation
        self.holder = holder
        self.label = label
        self.roles = roles
        self.expiresAt = expiresAt
        self.revokedAt = revokedAt
    }

    /// A new credential of a member: its roles are among the member's, its end is in the future.
    package static func issue(
        _ id: CredentialID, to member: Member, label: String, roles: Set<Role>,
        expiresAt: Instant, now: Instant
    ) throws -> Credential {
        let excess = roles.subtracting(member.roles)
        guard excess.isEmpty else { throw OrganisationRefusal.rolesExceedMember(excess) }
        return try issue(
            id, for: member.organisation, holder: .member(member.id), label: label, roles: roles,
            expiresAt: expiresAt, now: now)
    }

    /// A new credential of a machine. Whoever makes it gives no role but its own, and an
    /// administrator any; the maker may be a machine itself.
    package static func issue(
        _ id: CredentialID, toMachineOf organisation: OrganisationID, makerRoles: Set<Role>,
        label: String, roles: Set<Role>, expiresAt: Instant, now: Instant
    ) throws -> Credential {
        let mayGive = makerRoles.contains(.admin) ? Set(Role.allCases) : makerRoles
        let excess = roles.subtracting(mayGive)
        guard excess.isEmpty else { throw OrganisationRefusal.rolesExceedMember(excess) }
        return try issue(
            id, for: organisation, holder: .machine, label: label, roles: roles,
            expiresAt: expiresAt, now: now)
    }

    /// Whether it opens anything at `now`: a revoked or expired one stops the next request.
    package func isLive(at now: Instant) -> Bool {
        if let revokedAt, revokedAt <= now { return false }
        return now < expiresAt
    }

    /// Its roles as they are now: a role that the member has lost is lost to the credential too.
    package func effectiveRoles(of member: Member?) -> Set<Role> {
        switch holder {
        case .machine: roles
        case .member(let id): member?.id == id ? roles.intersection(member?.roles ?? []) : []
        }
    }

    private static func issue(
        _ id: CredentialID, for organisation: OrganisationID, holder: Holder, label: String,
        roles: Set<Role>, expiresAt: Instant, now: Instant
    ) throws -> Credential {
        guard !roles.isEmpty else { throw OrganisationRefusal.rolesMissing }
        guard now < expiresAt else { throw OrganisationRefusal.expiryNotInFuture }
        guard expiresAt <= (try now.adding(seconds: longestLifeDays * 86_400)) else {
            throw OrganisationRefusal.expiryTooFar(limitDays: longestLifeDays)
        }
        return Credential(
            stored: id, organisation: organisation, holder: holder,
            label: try PlainLine.checked(label, .credentialLabel, limit: 120), roles: roles,
            expiresAt: expiresAt, revokedAt: nil)
    }
}
