import Marketplace
import MoneyAndTime
import Organisations
import Storage
import StrictJSON

/// The keys that sign an organisation's contracts: the one in use, and those before it.
enum KeyPages {
    static func show(_ visitor: Visitor) async throws -> PageReply {
        let login = try visitor.signedIn
        try visitor.require([.admin, .auditor])
        let keys =
            try await visitor.market.organisationKeys(
                visitor.asking("listOrganisationKeys"), of: login.organisation
            ).body["keys"]?.elements ?? []
        let retired = keys.filter { $0["retired_at"]?.text != nil }
        var fields: [String: Any] = [
            "retired": try retired.reversed().map { key in
                try describe(key, visitor)
                    .merging(["retired_at": visitor.moment(key["retired_at"])]) { $1 }
            }
        ]
        if let inUse = keys.first(where: { $0["retired_at"]?.text == nil }) {
            fields["in_use"] = try describe(inUse, visitor)
        }
        if login.roles.contains(.admin) { fields["may_change"] = true }
        if let done = visitor.request.query.text("done"), ["made", "retired"].contains(done) {
            fields["done"] = ["text": visitor.say("keys_done_\(done)")]
        }
        return try visitor.page("keys", title: visitor.say("keys_title"), fields)
    }

    private static func describe(_ key: JSON, _ visitor: Visitor) throws -> [String: Any] {
        [
            "thumbprint": key["kid"]?.text ?? "",
            "made": try visitor.moment(key["created_at"]),
            "holder": visitor.say("keys_held_by_\(key["held_by"]?.text ?? "")"),
        ]
    }

    static func make(_ visitor: Visitor) async throws -> PageReply {
        _ = try await visitor.market.addOrganisationKey(
            visitor.asking("addOrganisationKey"), own: nil)
        return .see("/settings/keys?done=made")
    }

    static func retire(_ visitor: Visitor) async throws -> PageReply {
        guard let key = visitor.request.form.text("key_id") else { throw InvalidLink() }
        _ = try await visitor.market.retireOrganisationKey(
            visitor.asking("retireOrganisationKey"), key)
        return .see("/settings/keys?done=retired")
    }
}
