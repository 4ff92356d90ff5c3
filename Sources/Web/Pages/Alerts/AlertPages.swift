import Marketplace
import MoneyAndTime
import Organisations
import Storage
import StrictJSON

/// What the visitor is told, and the bell on top of every page that counts it.
enum AlertPages {
    private static let rows = 50

    static func list(_ visitor: Visitor) async throws -> PageReply {
        let login = try visitor.signedIn
        let cursor = visitor.request.query.text("after")
        let after = try cursor.map { text in
            guard let place = try? StoredAlert.Place(cursor: text) else { throw InvalidLink() }
            return place
        }
        let answer = try await visitor.market.listAlerts(
            visitor.asking("listAlerts"), onlyUnread: false,
            page: Page(after: after, limit: rows)
        ).body
        let words = AlertWords(visitor.pages.texts)
        let rows = try (answer["items"]?.elements ?? []).map { alert in
            try row(alert, words, visitor, zone: login.zone)
        }
        var fields: [String: Any] = ["alerts": rows, "has_none": rows.isEmpty]
        if let unread = answer["unread"]?.integer, unread > 0 {
            fields["unread"] = ["text": visitor.say("alerts_unread", "\(unread)")]
        }
        if let next = answer["next"]?.text { fields["more"] = ["address": "/alerts?after=\(next)"] }
        if cursor != nil { fields["is_later"] = true }
        if visitor.request.query.text("done") == "read" {
            fields["done"] = ["text": visitor.say("alerts_done_read")]
        }
        return try visitor.page("alerts", title: visitor.say("alerts_title"), fields)
    }

    private static func row(
        _ alert: JSON, _ words: AlertWords, _ visitor: Visitor, zone: WallClock
    ) throws -> [String: Any] {
        let about = try alert["about"]?.text.map { try Instant(rfc3339: $0) }
        let made = try Instant(rfc3339: alert["made_at"]?.text ?? "")
        guard let kind = alert["kind"]?.text.flatMap(AlertKind.init(rawValue:)) else {
            throw InvalidLink()
        }
        var fields: [String: Any] = [
            "text": words.sentence(
                kind, counterparty: alert["counterparty_name"]?.text, about: about,
                in: visitor.language, zone: zone),
            "made_at": visitor.language.moment(made, in: zone),
        ]
        if alert["read_at"]?.text == nil { fields["is_new"] = ["id": alert["id"]?.text ?? ""] }
        let (subjectKind, subject) = (alert["subject_kind"]?.text, alert["subject"]?.text)
        if let address = AlertWords.address(subjectKind ?? "", subject ?? "") {
            fields["link"] = ["address": address]
        }
        return fields
    }

    /// One, or all of them.
    static func markRead(_ visitor: Visitor) async throws -> PageReply {
        let form = visitor.request.form
        var alerts: [AlertID]?
        if form.text("all") == nil {
            guard let id = form.text("alert").flatMap({ try? AlertID(typeID: $0) }) else {
                throw InvalidLink()
            }
            alerts = [id]
        }
        _ = try await visitor.market.markAlertsRead(visitor.asking("markAlertsRead"), alerts)
        return .see("/alerts?done=read")
    }

    /// The bell alone, for an open page that asks for it when something happened.
    static func showBell(_ visitor: Visitor) throws -> PageReply {
        try visitor.page("bell_page", title: visitor.say("alerts_title"))
    }
}

extension Visitor {
    /// As the frame shows it.
    func bell(_ login: Login) -> [String: Any] {
        var bell: [String: Any] = ["title": say("alerts_title")]
        if login.unreadAlerts > 0 {
            let number = login.unreadAlerts > 99 ? "99+" : "\(login.unreadAlerts)"
            bell["count"] = ["number": number, "words": say("alerts_bell", number)]
        }
        if request.path == "/alerts" { bell["current"] = true }
        return bell
    }
}
