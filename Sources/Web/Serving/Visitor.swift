import Foundation
import Marketplace
import MoneyAndTime
import Organisations
import SignIn
import Storage
import StrictJSON

/// Whoever looks at a page: what was asked, by whom, in which language.
struct Visitor: Sendable {
    let pages: Pages
    let request: PageRequest
    /// Nil where nobody is signed in.
    let login: Login?
    /// What the navigation shows of the organisation.
    let standing: Market.Standing?
    /// What was chosen, or what the browser asks for.
    var language: Language
    /// How far the organisation's events and alerts went before the page was made; nil where it
    /// follows none.
    var liveFrom: String?
    /// Whether more of the page than its bell is replaced while it is open.
    var hasLiveParts = false
    /// The secret in the browser's own cookie, or a new one, which a page has to give it.
    let browser: OneTimeSecret

    init(
        pages: Pages, request: PageRequest, login: Login?, standing: Market.Standing? = nil
    ) {
        self.pages = pages
        self.request = request
        self.login = login
        self.standing = standing
        language = request.language
        var random = SystemRandomNumberGenerator()
        browser = request.browser ?? OneTimeSecret(using: &random)
    }

    var market: Market { pages.market }
    var texts: [String: String] { pages.texts[language] }

    /// Only on pages that need a login.
    var signedIn: Login {
        get throws {
            guard let login else { throw Refusal(.credentialMissing) }
            return login
        }
    }

    /// What the market is asked with, as the operation of the API that does the same.
    func asking(_ operation: String) throws -> Request {
        guard let token = request.login else { throw Refusal(.credentialMissing) }
        return Request(
            credential: CredentialDigest(of: token), operation: operation,
            idempotency: request.method == "POST" ? request.idempotency : nil)
    }

    /// For what a page shows before it asks the market anything.
    func require(_ roles: Set<Role>) throws {
        guard try !signedIn.roles.isDisjoint(with: roles) else { throw Refusal(.roleNotAllowed) }
    }

    /// A text, with what is to stand in it in place of `{0}`, `{1}`, …
    func say(_ key: String, _ values: String...) -> String {
        var text = texts[key] ?? key
        for (index, value) in values.enumerated() {
            text = text.replacing("{\(index)}", with: value)
        }
        return text
    }

    // MARK: Forms

    var sealMatches: Bool {
        pages.seal.matches(request.form.text("seal"), for: sealed)
    }

    /// What forms are bound to: the login, or where there is none, the browser.
    private var sealed: String {
        login == nil ? browser.text : request.login?.text ?? browser.text
    }

    var encodedHere: String {
        request.method == "GET" || request.method == "HEAD" ? request.here.inQuery : "/"
    }

    /// The hidden fields of every form.
    var formFields: [String: Any] {
        var random = SystemRandomNumberGenerator()
        let key =
            String(UInt64.random(in: .min ... .max, using: &random), radix: 36)
            + String(UInt64.random(in: .min ... .max, using: &random), radix: 36)
        return ["seal": pages.seal.text(for: sealed), "key": key]
    }

    // MARK: Pages

    /// A page in its frame; `errors` come first, each a link to its field.
    func page(
        _ template: String, title: String, _ fields: [String: Any] = [:], status: Int = 200,
        errors: FieldErrors = FieldErrors()
    ) throws -> PageReply {
        var all = fields
        all["t"] = texts
        all["form"] = formFields
        all["title"] = title
        if !errors.isEmpty {
            all["errors"] = [
                "entries": errors.entries.map { entry -> [String: Any] in
                    var link: [String: Any] = ["text": say(entry.text)]
                    if let field = entry.field { link["target"] = ["id": field] }
                    return link
                }
            ]
        }
        // What a page has named for itself says nothing to the frame.
        let ofFrame: Set = [
            "t", "form", "title", "errors", "script", "timegrid", "guest", "refresh",
        ]
        var frame = all.filter { ofFrame.contains($0.key) }
        frame["content"] = try pages.templates.render(template, all)
        frame["language"] = language.rawValue
        let form = fields["language_form"] as? String
        frame["languages"] = languages(byFormOf: form)
        // ENTER in a field presses the first button of its form: not a language's
        if let form { frame["entered"] = ["form": form] }
        frame["has_errors"] = !errors.isEmpty
        if let liveFrom {
            // a page without parts of its own that live asks for its bell alone
            frame["live"] = ["after": liveFrom, "from": hasLiveParts ? "" : "/alerts/bell"]
        }
        if let login {
            frame["person"] = [
                "name": login.memberName, "organisation": login.organisationName,
                "roles": login.roles.sorted { $0.rawValue < $1.rawValue }
                    .map { say("role_\($0.rawValue)") }.joined(separator: ", "),
            ]
            if !login.lacksSecondFactor {
                frame["navigation"] = navigation(login)
                frame["bell"] = bell(login)
            }
            frame["zone"] = ["name": login.zone.zone]
            if login.isDemo {
                frame["demo"] = ["clock": ["now": language.moment(login.now, in: login.zone)]]
            }
        } else if fields["is_demo"] as? Bool == true {
            frame["demo"] = [String: Any]()
        }
        return .html(try pages.templates.render("frame", frame), status: status)
    }

    /// Each a link; where something may have been typed, a button of the form that sends it along.
    private func languages(byFormOf form: String?) -> [[String: Any]] {
        Language.allCases.map { other in
            var link: [String: Any] = ["tag": other.rawValue, "name": other.ownName]
            if other == language {
                link["current"] = true
            } else if let form {
                link["by_button"] = ["form": form]
            } else {
                link["address"] = "/language?to=\(other.rawValue)&next=\(encodedHere)"
            }
            return link
        }
    }

    // MARK: Refusals

    func refusal(_ refusal: Refusal) throws -> PageReply {
        switch refusal.code {
        case .notFound: try self.refusal(404)
        case .roleNotAllowed, .notYourSide: try self.refusal(403)
        case .credentialMissing, .credentialUnknown, .credentialRevoked, .credentialExpired,
            .memberInactive, .secondFactorMissing:
            .see("/sign-in")
        default:
            try page(
                "refused", title: say("refused_title"), wayBack(["reason": reason(refusal)]),
                status: 409)
        }
    }

    /// What a refused rule means, in words; a code that has none is told as it is.
    func reason(_ refusal: Refusal) -> String {
        guard let text = texts["refusal_\(refusal.code.rawValue)"] else {
            return say("refusal_other", refusal.code.rawValue)
        }
        if let name = refusal.figures["name"]?.text {
            let until = refusal.figures["until"]?.text.flatMap { try? Instant(rfc3339: $0) }
            guard let login, let until else { return text.replacing("{0}", with: name) }
            return text.replacing("{0}", with: name)
                .replacing("{1}", with: language.moment(until, in: login.zone))
        }
        guard let login, let at = refusal.figures["at"]?.text,
            let instant = try? Instant(rfc3339: at)
        else { return text }
        // where there is more to say once it is known when
        let whole = texts["refusal_\(refusal.code.rawValue)_at"] ?? text
        return whole.replacing("{0}", with: language.moment(instant, in: login.zone))
    }

    /// With the link to the page of what somebody wanted to change, as the path names it: there one
    /// sees how it stands.
    private func wayBack(_ fields: [String: Any]) -> [String: Any] {
        let parts = request.segments
        guard login != nil, parts.count > 2, parts[1] != "new",
            let words = texts["back_to_\(parts[0].replacing("-", with: "_"))"]
        else { return fields }
        var all = fields
        all["thing"] = ["address": "/\(parts[0])/\(parts[1])", "text": words]
        return all
    }

    /// A page for a status, with the request's name where somebody may have to find it in a log.
    func refusal(_ status: Int, name: String? = nil) throws -> PageReply {
        let known = [403, 404, 405, 413, 429, 503]
        let key = "status_\(known.contains(status) ? status : status < 500 ? 400 : 500)"
        var fields: [String: Any] = ["reason": say("\(key)_text")]
        if let name, status >= 500 { fields["request"] = ["name": name] }
        if status == 403 { fields = wayBack(fields) }
        return try page("refused", title: say("\(key)_title"), fields, status: status)
    }
}

extension String {
    /// As the value of a query: only what RFC 3986 §2.3 leaves unreserved stays as it is.
    var inQuery: String {
        let kept = CharacterSet(
            charactersIn: "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~")
        return addingPercentEncoding(withAllowedCharacters: kept) ?? ""
    }

    /// The address of a page of ours, and of no other site's.
    var asOwnAddress: String? {
        guard utf8.first == UInt8(ascii: "/"), utf8.count <= 2_000,
            utf8.dropFirst().first != UInt8(ascii: "/"), !utf8.contains(UInt8(ascii: "\\")),
            utf8.allSatisfy({ (0x21...0x7E).contains($0) })
        else { return nil }
        return self
    }
}
