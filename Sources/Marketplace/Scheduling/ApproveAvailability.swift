import MoneyAndTime
import Postgres
import Scheduling
import Storage
import StrictJSON

// Where an organisation wants it, what a scheduler publishes waits for a manager's yes: until then
// nothing of it is found or booked. The manager is somebody else than who proposed it: the point is
// a second pair of eyes, and who has none leaves the setting off.

extension Market {
    package func availabilityApproval(_ request: Request) async throws -> Answer {
        let row = try await read(request, StoredApproval.setting).only()
        return try Self.setting(row["required", Bool.self], row["revision", Int64.self])
    }

    /// What was proposed before waits on, whatever the setting becomes.
    package func updateAvailabilityApproval(
        _ request: Request, revision: Int64, required: Bool
    ) async throws -> Answer {
        try await change(request) { transaction, caller in
            guard
                let row = try await transaction.query(
                    StoredApproval.set(required, revision: revision)
                ).atMostOne()
            else { throw Refusal(.revisionDiffers) }
            let next = try row["revision", Int64.self]
            try await transaction.note(
                .init(
                    .organisation, caller.organisation, "organisation.availability_approval",
                    revision: next, facts: ["required": JSON(required)]),
                by: caller)
            return Self.setting(required, next)
        }
    }

    private static func setting(_ required: Bool, _ revision: Int64) -> Answer {
        Answer(
            ["required": JSON(required), "revision": JSON(revision)], revision: revision)
    }

    /// What waits for a manager, and what was decided, oldest first.
    package func listProposedAvailability(
        _ request: Request, state: StoredApproval.State?, page: Page<AvailabilityRuleID>
    ) async throws -> Answer {
        let rows = try await read(
            request,
            StoredAvailability.proposals(state, after: page.after, limit: page.limit + 1))
        return try .page(
            rows.map(StoredAvailability.init(row:)), limit: page.limit,
            cursor: { $0.rule.id.description }, item: \.json)
    }

    /// Puts on sale what waits, or in the place of what it is to replace; all of it, or nothing.
    package func approveAvailability(
        _ request: Request, _ id: AvailabilityRuleID
    ) async throws -> Answer {
        try await change(request) { transaction, caller in
            let proposal = try await waiting(id, in: transaction)
            let revision = try await transaction.query(
                StoredApproval.decide(id, .approved, by: caller)
            ).only()["revision", Int64.self]
            let rule = proposal.rule
            let dates = try Self.expandedDates(rule, now: caller.now)
            try await transaction.query(StoredApproval.expanded(id, until: dates.upperBound))
            let replaces = proposal.approval?.replaces
            var replacement: (old: StoredAvailability, plan: AvailabilityChangePlan)?
            if let replaces {
                let old = try await changeable(replaces.rule, in: transaction, lock: true)
                try await transaction.query(StoredWindow.own(rule.specialist))
                let plan = try await changePlan(
                    of: old, from: replaces.from, as: rule, now: caller.now, in: transaction)
                try await close(old, for: plan, now: caller.now, in: transaction)
                replacement = (old, plan)
            }
            try await expand(
                rule, over: dates, notBefore: caller.now, for: caller.organisation,
                in: transaction)
            if let (old, plan) = replacement {
                try await replace(old, by: plan, for: caller, in: transaction)
            }
            try await transaction.record(
                .init(.availability, id, "availability.approved", revision: revision), by: caller)
            return try await sheet(of: id, caller, in: transaction)
        }
    }

    package func declineAvailability(
        _ request: Request, _ id: AvailabilityRuleID, reason: String
    ) async throws -> Answer {
        try await change(request) { transaction, caller in
            _ = try await waiting(id, in: transaction)
            let revision = try await transaction.query(
                StoredApproval.decide(id, .declined, by: caller, reason: reason)
            ).only()["revision", Int64.self]
            try await transaction.record(
                .init(
                    .availability, id, "availability.declined", revision: revision,
                    facts: ["reason": JSON(reason)]),
                by: caller)
            return try await sheet(of: id, caller, in: transaction)
        }
    }

    func needsApproval(in transaction: Transaction) async throws -> Bool {
        try await transaction.query(StoredApproval.setting).only()["required", Bool.self]
    }

    /// Stores a rule that waits for a manager.
    func propose(
        _ rule: AvailabilityRule, replacing: (AvailabilityRuleID, CalendarDate)? = nil,
        fromRoster: Bool = false, by caller: Caller, in transaction: Transaction
    ) async throws -> StoredAvailability {
        let stored = StoredAvailability(
            rule: rule,
            expandedUntil: try Self.expandedDates(rule, now: caller.now).upperBound,
            approval: StoredApproval(by: caller, replacing: replacing), fromRoster: fromRoster)
        try await transaction.query(stored.insert(for: caller.organisation))
        try await transaction.record(
            .init(.availability, rule.id, "availability.proposed", revision: 1), by: caller)
        guard
            let row = try await transaction.query(StoredAvailability.find(rule.id)).atMostOne()
        else { throw Refusal(.notFound) }
        return try StoredAvailability(row: row)
    }

    private func waiting(
        _ id: AvailabilityRuleID, in transaction: Transaction
    ) async throws -> StoredAvailability {
        guard
            let row = try await transaction.query(StoredAvailability.find(id, lock: true))
                .atMostOne()
        else { throw Refusal(.notFound) }
        let stored = try StoredAvailability(row: row)
        guard stored.withdrawnAt == nil else { throw Refusal(.availabilityWithdrawn) }
        guard stored.approval?.state == .proposed else { throw Refusal(.availabilityDecided) }
        return stored
    }

    private func sheet(
        of id: AvailabilityRuleID, _ caller: Caller, in transaction: Transaction
    ) async throws -> Answer {
        guard let row = try await transaction.query(StoredAvailability.find(id)).atMostOne()
        else { throw Refusal(.notFound) }
        return try await StoredAvailability(row: row).answer(now: caller.now, in: transaction)
    }
}

extension StoredApproval {
    var json: JSON {
        [
            "state": JSON(state.rawValue),
            "proposed_by": JSON(name),
            "proposed_at": JSON(proposedAt.rfc3339),
            "replaces": JSON(replaces?.rule.description),
            "replaces_from": JSON(replaces?.from.iso),
            "decided_at": JSON(decidedAt?.rfc3339),
            "reason": JSON(reason),
        ]
    }
}
