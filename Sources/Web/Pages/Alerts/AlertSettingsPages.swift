import Marketplace
import MoneyAndTime
import Organisations
import Storage
import StrictJSON

/// How the visitor is told: by the bell or by mail, kind by kind; when before a visit; how often.
enum AlertSettingsPages {
    private static let digests: [Int64] = [5, 15, 60, 240, 1_440]

    static func show(_ visitor: Visitor) async throws -> PageReply {
        let settings = try await visitor.market.alertSettings(
            visitor.asking("getAlertSettings")
        ).body
        var rows: [[String: Any]] = []
        for item in settings["kinds"]?.elements ?? [] {
            let kind = item["kind"]?.text ?? ""
            rows.append([
                "kind": kind, "name": visitor.say("alert_name_\(kind)"),
                "bell": item["bell"]?.flag == true, "mail": item["mail"]?.flag == true,
            ])
        }
        let leads = (settings["reminders"]?.elements ?? []).compactMap(\.integer)
        let digest = settings["digest_minutes"]?.integer ?? 15
        var fields: [String: Any] = [
            "revision": "\(settings["revision"]?.integer ?? 0)",
            "digest": Choice.field(
                "digest", visitor.say("alerts_digest"),
                Set(digests + [digest]).sorted().map {
                    Choice("\($0)", visitor.say("alerts_digest_every", minutes($0, visitor)))
                }, selected: "\(digest)"),
            "mail_language": Choice.field(
                "language", visitor.say("alerts_language"),
                Language.allCases.map { Choice($0.rawValue, $0.ownName) },
                selected: settings["revision"]?.integer == 0
                    ? visitor.language.rawValue : settings["language"]?.text),
            "email": settings["email"]?.text ?? "",
        ]
        if !rows.isEmpty { fields["kinds"] = ["rows": rows] }
        if rows.contains(where: { $0["kind"] as? String == AlertKind.visitSoon.rawValue }) {
            fields["reminders"] = CheckBoxes.fields(
                "reminders", visitor.say("alerts_reminders"),
                AlertChoices.leads.map { Choice("\($0)", visitor.say("alerts_lead_\($0)")) },
                chosen: Set(leads.map { "\($0)" }))
        }
        fields[settings["email_confirmed"]?.flag == true ? "is_confirmed" : "is_unconfirmed"] = true
        if visitor.request.query.text("done") == "saved" {
            fields["done"] = ["text": visitor.say("alerts_done_saved")]
        }
        return try visitor.page(
            "alert_settings", title: visitor.say("alerts_settings_title"), fields)
    }

    private static func minutes(_ minutes: Int64, _ visitor: Visitor) -> String {
        visitor.language.number("\(minutes)")
    }

    /// All of it at once, from the revision that was read.
    static func save(_ visitor: Visitor) async throws -> PageReply {
        let form = visitor.request.form
        guard let revision = form.text("revision").flatMap({ Int64($0) }),
            let digest = form.text("digest").flatMap({ Int64($0) }),
            AlertChoices.digests.contains(digest),
            let language = form.text("language").flatMap(Language.init(rawValue:))
        else { throw InvalidLink() }
        let (bell, mail) = (Set(form.all("bell")), Set(form.all("mail")))
        // what the form did not show stays as its kind has it
        let shown = form.all("shown").compactMap(AlertKind.init(rawValue:))
        var ways: [AlertKind: AlertChoices.Ways] = [:]
        for kind in shown {
            ways[kind] = AlertChoices.Ways(
                bell: bell.contains(kind.rawValue), mail: mail.contains(kind.rawValue))
        }
        let chosen = Set(form.all("reminders"))
        _ = try await visitor.market.updateAlertSettings(
            visitor.asking("updateAlertSettings"), revision: revision,
            AlertChoices(
                ways: ways, reminders: AlertChoices.leads.filter { chosen.contains("\($0)") },
                digestMinutes: digest, language: language.rawValue))
        return .see("/alerts/settings?done=saved")
    }
}
