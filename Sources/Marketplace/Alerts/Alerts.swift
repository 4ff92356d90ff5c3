import MoneyAndTime
import Organisations
import Postgres
import Storage
import StrictJSON

// What members are told, and that they have read it.

extension Market {
    /// The member's own: what is not read first, then the newest. Refused for who is no member.
    package func listAlerts(
        _ request: Request, onlyUnread: Bool, page: Page<StoredAlert.Place>
    ) async throws -> Answer {
        try await view(request) { transaction, caller in
            try Self.requireMember(caller)
            let rows = try await transaction.query(
                StoredAlert.page(
                    onlyUnread: onlyUnread, after: page.after, limit: page.limit + 1))
            let unread = try await Self.unread(in: transaction)
            let answer = try Answer.page(
                rows.map(StoredAlert.init(row:)), limit: page.limit,
                cursor: { $0.place.text }, item: \.json)
            var members = answer.body.members ?? [:]
            members["unread"] = JSON(unread)
            return Answer(.object(members))
        }
    }

    /// All of them where `alerts` is nil; those of others stay as they are.
    package func markAlertsRead(_ request: Request, _ alerts: [AlertID]?) async throws -> Answer {
        try await change(request) { transaction, caller in
            try Self.requireMember(caller)
            try await transaction.query(StoredAlert.markRead(alerts))
            return Answer(["unread": JSON(try await Self.unread(in: transaction))])
        }
    }

    private static func unread(in transaction: Transaction) async throws -> Int64 {
        try await transaction.query(StoredAlert.unread).only()["unread", Int64.self]
    }

    /// A machine's token has nobody behind it who could be told anything.
    @discardableResult
    static func requireMember(_ caller: Caller) throws -> MemberID {
        guard let member = caller.member else { throw Refusal(.memberMissing) }
        return member
    }

    /// Tells people of what happened since, in its order and once, whichever server is first;
    /// returns how many events there were.
    package func raiseAlerts(most: Int) async throws -> Int {
        let row = try await asRefusals {
            try await database.write([StoredAlert.raise(most: most)]).only()
        }
        return Int(try row["raised", Int32.self])
    }

    package func forgetOldAlerts() async throws {
        _ = try await asRefusals { try await database.write([StoredAlert.forget]) }
    }
}

extension StoredAlert {
    /// As everyone writes it.
    package var subjectID: String {
        SubjectKind.identifier(of: subject.bits, kind: subjectKind)
    }

    var json: JSON {
        [
            "id": JSON(id.description),
            "kind": JSON(kind.rawValue),
            "subject_kind": JSON(subjectKind),
            "subject": JSON(subjectID),
            "counterparty": JSON(counterparty?.description),
            "counterparty_name": JSON(counterpartyName),
            "about": JSON(about?.rfc3339),
            "made_at": JSON(madeAt.rfc3339),
            "read_at": JSON(readAt?.rfc3339),
        ]
    }
}
