import Marketplace
import MoneyAndTime
import Organisations
import SignIn
import Storage

/// Signing in by an address, out again, and in which language. In a demo one may be anybody, too.
enum SignInPages {
    static func show(_ visitor: Visitor, errors: FieldErrors = FieldErrors()) async throws
        -> PageReply
    {
        let form = visitor.request.form
        var fields: [String: Any] = [
            "next": visitor.wantedNext,
            "email": TypedField(
                id: "email", label: "sign_in_email", kind: .email,
                value: form.text("email") ?? "", hint: "sign_in_email_hint",
                autocomplete: "username"
            ).fields(visitor, errors),
        ]
        if let organisations = try await demoOrganisations(visitor) {
            fields["is_demo"] = true
            fields["demo_people"] = [
                "organisations": organisations,
                "roles": Role.allCases.map { role in
                    [
                        "name": visitor.say("role_\(role.rawValue)"),
                        "what": visitor.say("role_\(role.rawValue)_does"),
                    ]
                },
            ]
        }
        let title = fields["demo_people"] == nil ? "sign_in_title_real" : "sign_in_title"
        var reply = try visitor.page(
            "sign_in", title: visitor.say(title), fields, status: errors.isEmpty ? 200 : 422,
            errors: errors)
        reply.cookies = [visitor.request.settingBrowser(visitor.browser)]
        return reply
    }

    /// Whom a visitor of a demo may be; nil elsewhere.
    private static func demoOrganisations(_ visitor: Visitor) async throws -> [[String: Any]]? {
        let people: [DemoPerson]
        do {
            people = try await visitor.market.demoPeople()
        } catch let refusal as Refusal where refusal.code == .notFound {
            return nil
        }
        var organisations: [(name: String, people: [[String: Any]])] = []
        for person in people {
            if organisations.last?.name != person.organisationName {
                organisations.append((person.organisationName, []))
            }
            let roles = Role.allCases.filter(person.roles.contains)
            organisations[organisations.count - 1].people.append([
                "member": person.member.description,
                "name": roles.map { visitor.say("role_\($0.rawValue)") }.joined(separator: ", "),
                "organisation": person.organisationName,
            ])
        }
        return organisations.map { ["name": $0.name, "people": $0.people] }
    }

    /// To the provider of the address's organisation, or to the page that says that a link is on
    /// its way.
    static func giveAddress(_ visitor: Visitor) async throws -> PageReply {
        let form = visitor.request.form
        guard let email = form.text("email").flatMap({ try? EmailAddress($0) }) else {
            var errors = FieldErrors()
            errors.add("email", "error_email")
            return try await show(visitor, errors: errors)
        }
        let next = visitor.wantedNext
        let domain = EmailDomain(of: email)
        if form.text("by") != "mail", try await visitor.market.provider(of: domain) != nil {
            return .see("/sign-in/provider?domain=\(domain.text)&next=\(next.inQuery)")
        }
        guard let address = visitor.request.publicAddress(of: visitor.market) else {
            throw SignInRefusal.notSetUp
        }
        try await visitor.market.askForLink(to: email, browser: visitor.browser) { name, link in
            MailWords(
                subject: visitor.say("mail_link_subject", name),
                text: [
                    visitor.say("mail_link_asked", name), visitor.say("mail_link_open"),
                    "\(address)/sign-in/link?link=\(link.text)&next=\(next.inQuery)",
                    visitor.say("mail_link_ignore"),
                ].joined(separator: "\n\n") + "\n")
        }
        return .see("/sign-in/sent")
    }

    /// The same for every address, known or not.
    static func showMailSent(_ visitor: Visitor) throws -> PageReply {
        try visitor.openPage("mail_sent", title: visitor.say("mail_sent_title"))
    }

    /// As a member of a demo's example organisation.
    static func signIn(_ visitor: Visitor) async throws -> PageReply {
        guard let member = visitor.request.form.text("member"),
            let id = try? MemberID(typeID: member)
        else {
            var errors = FieldErrors()
            errors.add("people", "sign_in_choose")
            var reply = try await show(visitor, errors: errors)
            reply.isFailedSignIn = true
            return reply
        }
        let token = try await visitor.market.signInToDemo(as: id)
        return try await enter(visitor, token, next: visitor.wantedNext)
    }

    /// The browser gets the login, and what it had before ends.
    static func enter(
        _ visitor: Visitor, _ token: CredentialToken, next: String
    ) async throws -> PageReply {
        if let old = visitor.request.login {
            try await visitor.market.signOut(CredentialDigest(of: old))
        }
        var reply = PageReply.see(next)
        reply.cookies = [visitor.request.settingLogin(token.text)]
        return reply
    }

    static func signOut(_ visitor: Visitor) async throws -> PageReply {
        if let token = visitor.request.login {
            try await visitor.market.signOut(CredentialDigest(of: token))
        }
        var reply = PageReply.see("/sign-in")
        reply.cookies = [visitor.request.settingLogin(nil)]
        return reply
    }

    static func chooseLanguage(_ visitor: Visitor) -> PageReply {
        var reply = PageReply.see(visitor.request.query.text("next")?.asOwnAddress ?? "/")
        if let language = visitor.request.query.text("to").flatMap(Language.init(rawValue:)) {
            reply.cookies = [Cookie.language(language, isSecure: visitor.request.isSecure)]
        }
        return reply
    }
}

extension Visitor {
    /// Where to go after signing in: a page of ours.
    var wantedNext: String {
        (request.query.text("next") ?? request.form.text("next"))?.asOwnAddress ?? "/"
    }

    /// A page for who is not signed in; it says where that is so that all of it is a demo.
    func openPage(
        _ template: String, title: String, _ fields: [String: Any] = [:], status: Int = 200,
        errors: FieldErrors = FieldErrors()
    ) throws -> PageReply {
        var fields = fields
        if market.surroundings.isDemo { fields["is_demo"] = true }
        return try page(template, title: title, fields, status: status, errors: errors)
    }

    /// Why nobody was signed in, and the way to try again.
    func refusal(_ refusal: SignInRefusal) throws -> PageReply {
        let status =
            switch refusal {
            case .providerUnreachable, .providerMisconfigured: 502
            case .notSetUp: 503
            default: 403
            }
        var reply = try openPage(
            "sign_in_refused", title: say("sign_in_refused_title"),
            ["reason": say("sign_in_refused_\(refusal.rawValue)")], status: status)
        reply.isFailedSignIn = status == 403
        return reply
    }
}
