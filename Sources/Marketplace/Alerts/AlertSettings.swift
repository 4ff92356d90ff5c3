import MoneyAndTime
import Organisations
import Postgres
import Storage
import StrictJSON

// How each member is told.

extension Market {
    package func alertSettings(_ request: Request) async throws -> Answer {
        try await view(request) { transaction, caller in
            try Self.requireMember(caller)
            // the address and the roles change without it
            return try await Self.alertSettings(in: transaction).answer.withoutRevision
        }
    }

    /// Replaces all of it.
    package func updateAlertSettings(
        _ request: Request, revision: Int64, _ new: AlertChoices
    ) async throws -> Answer {
        try await change(request) { transaction, caller in
            let member = try Self.requireMember(caller)
            let written = StoredAlertSettings.write(new, over: revision)
            guard try await transaction.execute(written) == 1 else {
                throw Refusal(.revisionDiffers)
            }
            try await transaction.note(
                .init(.member, member, "member.alert_settings", revision: revision + 1),
                by: caller)
            return try await Self.alertSettings(in: transaction).answer
        }
    }

    private static func alertSettings(
        in transaction: Transaction
    ) async throws -> StoredAlertSettings {
        try await StoredAlertSettings(row: transaction.query(StoredAlertSettings.own).only())
    }
}

extension StoredAlertSettings {
    /// With the kinds that the member's roles are told of.
    var answer: Answer {
        let kinds = AlertKind.allCases.filter { !$0.roles.isDisjoint(with: roles) }
        return Answer(
            [
                "kinds": .array(
                    kinds.map { kind in
                        let ways = choices.ways(of: kind)
                        return [
                            "kind": JSON(kind.rawValue), "bell": JSON(ways.bell),
                            "mail": JSON(ways.mail),
                        ]
                    }),
                "reminders": .array(choices.reminders.map { JSON($0) }),
                "digest_minutes": JSON(choices.digestMinutes),
                "language": JSON(choices.language),
                "email": JSON(email),
                "email_confirmed": JSON(isConfirmed),
                "revision": JSON(revision),
            ], revision: revision)
    }
}
