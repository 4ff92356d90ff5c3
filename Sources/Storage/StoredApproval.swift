import MoneyAndTime
import Postgres

/// What becomes of time that a manager has to approve before it is on sale: columns of
/// `availability_rule`.
package struct StoredApproval: Sendable {
    package enum State: String, Hashable, Sendable, CaseIterable {
        case proposed, approved, declined
    }

    package let state: State
    /// Who proposed it.
    package let credential: CredentialID
    package let member: MemberID?
    /// The member's name; nil before it is stored.
    package let name: String?
    package let proposedAt: Instant
    /// The pattern in whose place it is to stand, from a day on.
    package let replaces: (rule: AvailabilityRuleID, from: CalendarDate)?
    package let decidedAt: Instant?
    package let reason: String?

    /// Proposed now.
    package init(by caller: Caller, replacing: (AvailabilityRuleID, CalendarDate)?) {
        state = .proposed
        credential = caller.credential
        member = caller.member
        name = nil
        proposedAt = caller.now
        replaces = replacing.map { (rule: $0.0, from: $0.1) }
        (decidedAt, reason) = (nil, nil)
    }

    /// Nil where nobody had to say yes.
    init?(row: Row) throws {
        guard let text = try row["approval", String?.self] else { return nil }
        guard let state = State(rawValue: text) else { throw CellError.malformed("an approval") }
        self.state = state
        credential = try row.decode("proposed_credential")
        member = try row.decode("proposed_member")
        name = try row.decode("proposed_name")
        proposedAt = try row.decode("created_at")
        if let rule = try row["replaces", AvailabilityRuleID?.self],
            let from = try row["replaces_from", CalendarDate?.self]
        {
            replaces = (rule, from)
        } else {
            replaces = nil
        }
        decidedAt = try row.decode("decided_at")
        reason = try row.decode("decline_reason")
    }

    /// Whether a manager has to say yes, and the revision of that setting: 0 before it was made.
    package static let setting: Query = """
        select coalesce(bool_or(required), false) as required,
            coalesce(max(revision), 0) as revision
        from availability_approval where organisation = current_organisation()
        """

    /// Writes the setting where `revision` is still the newest; returns the new one.
    package static func set(_ required: Bool, revision: Int64) -> Query {
        revision == 0
            ? """
            insert into availability_approval (organisation, required)
            values (current_organisation(), \(required)) on conflict do nothing
            returning revision
            """
            : """
            update availability_approval set required = \(required), revision = revision + 1
            where organisation = current_organisation() and revision = \(revision)
            returning revision
            """
    }

    /// A manager's word on what is proposed. Only what waits, and of somebody else, is decided on;
    /// the trigger refuses the rest.
    package static func decide(
        _ id: AvailabilityRuleID, _ state: State, by caller: Caller, reason: String? = nil
    ) -> Query {
        """
        update availability_rule set approval = \(state.rawValue), decided_at = \(caller.now),
            decided_credential = \(caller.credential), decided_member = \(caller.member),
            decline_reason = \(reason), revision = revision + 1
        where id = \(id) returning revision
        """
    }

    package static func expanded(_ id: AvailabilityRuleID, until day: CalendarDate) -> Query {
        "update availability_rule set expanded_until = \(day) where id = \(id)"
    }
}
