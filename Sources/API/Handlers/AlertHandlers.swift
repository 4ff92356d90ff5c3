import Marketplace
import MoneyAndTime
import Organisations
import Storage
import StrictJSON

/// What people are told where they are, and what goes out to them.
enum AlertHandlers {
    private enum Wanted: String, CaseIterable {
        case unread
    }

    static func listToDo(_ call: Call) async throws -> Reply {
        try await .json(call.market.listToDo(call.request))
    }

    static func list(_ call: Call) async throws -> Reply {
        let wanted = try call.query.optionalEnumeration("state", as: Wanted.self)
        return try await .page(
            call.market.listAlerts(
                call.request, onlyUnread: wanted == .unread,
                page: call.page(StoredAlert.Place.init(cursor:))))
    }

    static func markRead(_ call: Call) async throws -> Reply {
        let alerts = try call.object { fields in
            try fields.optionalArray("alerts", min: 1, max: 200) { reader in
                try reader.parsed(max: 60) { try AlertID(typeID: $0) }
            }
        }
        return try await .json(call.market.markAlertsRead(call.request, alerts))
    }

    static func getSettings(_ call: Call) async throws -> Reply {
        try await .json(call.market.alertSettings(call.request))
    }

    static func updateSettings(_ call: Call) async throws -> Reply {
        let choices = try call.object { fields in
            let kinds = try fields.array("kinds", max: AlertKind.allCases.count) { reader in
                try reader.object { kind in
                    (
                        try kind.enumeration("kind", as: AlertKind.self),
                        AlertChoices.Ways(
                            bell: try kind.bool("bell"), mail: try kind.bool("mail"))
                    )
                }
            }
            let ways = Dictionary(kinds) { first, _ in first }
            guard ways.count == kinds.count else {
                throw fields.problem("kinds", .pattern, "must name each kind once")
            }
            let leads = try fields.array("reminders", max: AlertChoices.leads.count) { reader in
                let lead = try reader.integer(in: 15...1_440)
                guard AlertChoices.leads.contains(lead) else {
                    throw reader.problem(.unknownValue, "must be 15, 60 or 1440")
                }
                return lead
            }
            guard Set(leads).count == leads.count else {
                throw fields.problem("reminders", .pattern, "must name each once")
            }
            return try AlertChoices(
                ways: ways, reminders: leads.sorted(),
                digestMinutes: fields.integer("digest_minutes", in: AlertChoices.digests),
                language: fields.enumeration("language", as: Tongue.self).rawValue)
        }
        return try await .json(
            call.market.updateAlertSettings(call.request, revision: call.ifMatch, choices))
    }

    /// The languages of mail.
    private enum Tongue: String, CaseIterable {
        case fi, sv, en
    }

    static func listMessages(_ call: Call) async throws -> Reply {
        try await .page(
            call.market.listMessages(
                call.request,
                state: call.query.optionalEnumeration("state", as: ListedMessage.State.self),
                page: call.page(MessageID.init(typeID:))))
    }
}
