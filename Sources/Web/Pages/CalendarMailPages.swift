import Contracts
import Marketplace
import MoneyAndTime
import Organisations
import Storage
import StrictJSON

/// Where an organisation and its units have calendar messages mailed to.
enum CalendarMailPages {
    static func show(_ visitor: Visitor) async throws -> PageReply {
        try visitor.require([.admin, .auditor])
        return try await show(visitor, FieldErrors())
    }

    private static func show(
        _ visitor: Visitor, _ errors: FieldErrors
    ) async throws -> PageReply {
        let login = try visitor.signedIn
        let typed = visitor.request.form
        let whole = Choice("whole", visitor.say("calendar_mail_whole"))
        let units = try await visitor.every {
            try await visitor.market.listUnits(visitor.asking("listUnits"), page: $0)
        }.map { Choice($0["id"]?.text ?? "", $0["name"]?.text ?? "") }
        let mayChange = login.roles.contains(.admin)
        let rows = try await visitor.every {
            try await visitor.market.listCalendarMailboxes(
                visitor.asking("listCalendarMailboxes"), page: $0)
        }.map { mailbox -> [String: Any] in
            let unit = mailbox["unit"]?.text
            return [
                "mailbox": mailbox["id"]?.text ?? "",
                "subject": units.first { $0.value == unit }?.text ?? whole.text,
                "email": mailbox["address"]?.text ?? "",
                "tongue": visitor.say("language_\(mailbox["language"]?.text ?? "")"),
                "to_end": mayChange,
            ]
        }
        var fields: [String: Any] = ["rows": rows]
        if rows.isEmpty { fields["none"] = true }
        if mayChange {
            fields["form_to_add"] = [
                "choices_of_form": [
                    Choice.field(
                        "unit", visitor.say("calendar_mail_whose"), [whole] + units,
                        selected: typed.text("unit")),
                    Choice.field(
                        "tongue", visitor.say("calendar_mail_language"),
                        visitor.languageChoices,
                        selected: typed.text("tongue") ?? visitor.language.rawValue),
                ],
                "typed": [
                    TypedField(
                        id: "email", label: "sign_in_email", kind: .email,
                        value: typed.text("email") ?? ""
                    ).fields(visitor, errors)
                ],
            ]
        }
        if let done = visitor.request.query.text("done"), ["set", "removed"].contains(done) {
            fields["done"] = ["text": visitor.say("calendar_mail_done_\(done)")]
        }
        return try visitor.page(
            "calendar_mail", title: visitor.say("calendar_mail_title"), fields,
            status: errors.isEmpty ? 200 : 422, errors: errors)
    }

    static func set(_ visitor: Visitor) async throws -> PageReply {
        try visitor.require([.admin])
        let form = visitor.request.form
        let unit = form.text("unit").flatMap { try? UnitID(typeID: $0) }
        guard unit != nil || form.text("unit") == "whole",
            let language = form.text("tongue").flatMap(TemplateLanguage.init(rawValue:))
        else { throw InvalidLink() }
        var errors = FieldErrors()
        let address = errors.read("email", "error_email") {
            try EmailAddress(form.text("email") ?? "")
        }
        guard let address else { return try await show(visitor, errors) }
        _ = try await visitor.market.setCalendarMailbox(
            visitor.asking("setCalendarMailbox"), of: unit, address, in: language)
        return .see("/settings/calendar-mail?done=set")
    }

    static func remove(_ visitor: Visitor) async throws -> PageReply {
        try visitor.require([.admin])
        guard
            let mailbox = visitor.request.form.text("mailbox").flatMap({
                try? CalendarMailboxID(typeID: $0)
            })
        else { throw InvalidLink() }
        _ = try await visitor.market.removeCalendarMailbox(
            visitor.asking("removeCalendarMailbox"), mailbox)
        return .see("/settings/calendar-mail?done=removed")
    }
}
