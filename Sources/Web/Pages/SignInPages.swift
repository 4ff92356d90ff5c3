import Marketplace
import MoneyAndTime
import Organisations
import Storage

/// Signing in, out, and in which language. The only way in so far is the demo's own, which the
/// market has in a demo's database alone.
enum SignInPages {
    static func show(_ visitor: Visitor, errors: FieldErrors = FieldErrors()) async throws
        -> PageReply
    {
        let people = try await visitor.market.demoPeople()
        var organisations: [(name: String, people: [[String: Any]])] = []
        for person in people {
            if organisations.last?.name != person.organisationName {
                organisations.append((person.organisationName, []))
            }
            let roles = Role.allCases.filter(person.roles.contains)
            organisations[organisations.count - 1].people.append([
                "member": person.member.description,
                "name": roles.map { visitor.say("role_\($0.rawValue)") }.joined(separator: ", "),
                "what": roles.first.map { visitor.say("role_\($0.rawValue)_does") } ?? "",
                "organisation": person.organisationName,
            ])
        }
        let next = visitor.request.query.text("next") ?? visitor.request.form.text("next")
        return try visitor.page(
            "sign_in", title: visitor.say("sign_in_title"),
            [
                "is_demo": true,
                "next": next?.asOwnAddress ?? "/",
                "organisations": organisations.map { ["name": $0.name, "people": $0.people] },
            ], status: errors.isEmpty ? 200 : 422, errors: errors)
    }

    /// A login is never taken over from before: what the browser had ends.
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
        if let old = visitor.request.login {
            try await visitor.market.signOut(CredentialDigest(of: old))
        }
        let next = visitor.request.form.text("next")?.asOwnAddress
        var reply = PageReply.see(next ?? "/")
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
