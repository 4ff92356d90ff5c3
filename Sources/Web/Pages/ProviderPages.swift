import Marketplace
import MoneyAndTime
import Organisations
import SignIn
import Storage

/// To an organisation's own provider and back. The way there is a link and no form: what a form
/// leads to must be ours (the policy's `form-action`).
enum ProviderPages {
    /// Where the provider sends the browser back to.
    static let returnPath = "/sign-in/return"

    static func show(_ visitor: Visitor) async throws -> PageReply {
        let domain = try domain(visitor)
        guard let provider = try await visitor.market.provider(of: domain) else {
            throw SignInRefusal.domainUnknown
        }
        let next = visitor.wantedNext
        var reply = try visitor.openPage(
            "sign_in_provider",
            title: visitor.say("sign_in_provider_title", provider.organisationName),
            [
                "start": "/sign-in/provider/start?domain=\(domain.text)&next=\(next.inQuery)",
                "next": next,
                "email": TypedField(
                    id: "email", label: "sign_in_email", kind: .email, value: "",
                    autocomplete: "username"
                ).fields(visitor, FieldErrors()),
            ])
        reply.cookies = [visitor.request.settingBrowser(visitor.browser)]
        return reply
    }

    static func start(_ visitor: Visitor) async throws -> PageReply {
        let address = try await visitor.market.startAtProvider(
            of: domain(visitor), browser: visitor.browser, returningTo: returnAddress(visitor),
            next: visitor.wantedNext)
        var reply = PageReply.see(address)
        reply.cookies = [visitor.request.settingBrowser(visitor.browser)]
        return reply
    }

    static func finish(_ visitor: Visitor) async throws -> PageReply {
        let query = visitor.request.query
        let signedIn = try await visitor.market.returnFromProvider(
            AuthorizationAnswer(
                state: query.text("state"), code: query.text("code"), issuer: query.text("iss")),
            browser: visitor.request.browser, returningTo: returnAddress(visitor))
        return try await SignInPages.enter(visitor, signedIn.token, next: signedIn.next)
    }

    private static func domain(_ visitor: Visitor) throws(SignInRefusal) -> EmailDomain {
        guard let text = visitor.request.query.text("domain"),
            let domain = try? EmailDomain(text)
        else { throw .domainUnknown }
        return domain
    }

    /// Fixed by what the server was told, never by what a browser says.
    private static func returnAddress(_ visitor: Visitor) throws(SignInRefusal) -> String {
        guard let address = visitor.request.publicAddress(of: visitor.market) else {
            throw .notSetUp
        }
        return address + returnPath
    }
}
