import Marketplace
import MoneyAndTime
import Storage
import StrictJSON

/// What went out to people, for those who administer: never what it says.
enum MessagePages {
    static func list(_ visitor: Visitor) async throws -> PageReply {
        let zone = try visitor.signedIn.zone
        let after = try visitor.request.query.text("after").map { text in
            guard let id = try? MessageID(typeID: text) else { throw InvalidLink() }
            return id
        }
        let answer = try await visitor.market.listMessages(
            visitor.asking("listMessages"), state: nil, page: Page(after: after, limit: 100)
        ).body
        let rows = try (answer["items"]?.elements ?? []).map { message -> [String: Any] in
            let state = message["state"]?.text ?? ""
            var row: [String: Any] = [
                "made_at": visitor.language.moment(
                    try Instant(rfc3339: message["made_at"]?.text ?? ""), in: zone),
                "recipient": message["recipient"]?.text ?? visitor.say("messages_telephone"),
                "subject": message["subject"]?.text ?? "",
                "state": visitor.say("message_\(state)"),
            ]
            if let problem = message["problem"]?.text, state != "sent" {
                row["problem"] = ["text": problem]
            }
            if state == "given_up" { row["is_late"] = true }
            return row
        }
        var fields: [String: Any] = rows.isEmpty ? ["has_none": true] : ["messages": ["rows": rows]]
        if let next = answer["next"]?.text {
            fields["more"] = ["address": "/settings/messages?after=\(next)"]
        }
        return try visitor.page("messages", title: visitor.say("messages_title"), fields)
    }
}
