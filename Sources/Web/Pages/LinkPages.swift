import Documents
import Marketplace
import MoneyAndTime
import Organisations
import SignIn
import Storage

/// What a link in a mail opens. To open it changes nothing, because programs that look through mail
/// open links too: the button signs in. A link that was asked for in another browser says so, and
/// works all the same: people read mail where they can.
enum LinkPages {
    static func show(_ visitor: Visitor) async throws -> PageReply {
        try await show(visitor, link(visitor.request.query), errors: FieldErrors())
    }

    private static func show(
        _ visitor: Visitor, _ link: OneTimeSecret, errors: FieldErrors
    ) async throws -> PageReply {
        let sheet = try await visitor.market.link(link, browser: visitor.request.browser)
        var fields: [String: Any] = [
            "link": link.text, "next": visitor.wantedNext,
            "lead": visitor.say("link_lead", sheet.memberName, sheet.organisationName),
        ]
        if !sheet.isThisBrowser { fields["is_other_browser"] = true }
        if sheet.wantsCode {
            // What was typed is not shown again: it is wrong, and the next one differs.
            fields["code"] = TypedField(
                id: "code", label: "factor_code", kind: .text, value: "",
                hint: "link_code_hint", autocomplete: "one-time-code"
            ).fields(visitor, errors)
        }
        var reply = try visitor.openPage(
            "link", title: visitor.say("link_title"), fields,
            status: errors.isEmpty ? 200 : 422, errors: errors)
        reply.cookies = [visitor.request.settingBrowser(visitor.browser)]
        return reply
    }

    static func use(_ visitor: Visitor) async throws -> PageReply {
        let form = visitor.request.form
        let link = try link(form)
        do {
            let token = try await visitor.market.useLink(link, code: form.text("code"))
            return try await SignInPages.enter(visitor, token, next: visitor.wantedNext)
        } catch let refusal as SignInRefusal
            where [.codeWrong, .codeLocked].contains(refusal)
        {
            var errors = FieldErrors()
            errors.add("code", "error_\(refusal.rawValue)")
            var reply = try await show(visitor, link, errors: errors)
            reply.isFailedSignIn = true
            return reply
        }
    }

    private static func link(_ fields: FormFields) throws(SignInRefusal) -> OneTimeSecret {
        guard let link = fields.text("link").flatMap(OneTimeSecret.init(presented:)) else {
            throw .linkUnknown
        }
        return link
    }

    /// The mail of a demo, which goes nowhere.
    static func showDemoMail(_ visitor: Visitor) async throws -> PageReply {
        let zone = try WallClock.finnish
        let mails = try await visitor.market.demoMail().map { mail -> [String: Any] in
            [
                "subject": mail.subject.isEmpty ? visitor.say("mail_text") : mail.subject,
                "recipient": mail.recipient,
                "made_at": visitor.language.moment(mail.madeAt, in: zone),
                "lines": mail.text.split(separator: "\n").map { line -> [String: Any] in
                    line.hasPrefix("http")
                        ? ["address": ["target": String(line)]] : ["text": String(line)]
                },
            ]
        }
        var fields: [String: Any] = ["is_demo": true]
        if !mails.isEmpty { fields["mails"] = ["rows": mails] }
        return try visitor.page("mail", title: visitor.say("mail_title"), fields)
    }
}
