import Crypto
import Foundation
import HTTPTypes
import Marketplace
import Organisations
import SignIn
import Storage

/// One request to a page, as far as pages look at it. It has no description, so that nothing of it
/// reaches a log.
struct PageRequest: Sendable {
    let method: String
    let path: Substring
    let query: FormFields
    let form: FormFields
    /// The form that came with a file; nil for every other.
    let upload: MultipartForm?
    /// Whether the body says that it is a form with a file, and is none.
    let isMalformed: Bool
    /// Whether cookies go over HTTPS only. They do everywhere but on loopback without a proxy: who
    /// reaches another address without HTTPS cannot sign in.
    let isSecure: Bool
    let host: String
    private let queryText: Substring
    private let fields: HTTPFields
    private let body: [UInt8]

    /// `isHTTPS`: a proxy that is believed says that it was asked over HTTPS.
    init(_ head: HTTPRequest, _ body: [UInt8], isHTTPS: Bool) {
        method = head.method.rawValue
        let target = head.path ?? "/"
        let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        path = parts.first ?? "/"
        queryText = parts.count > 1 ? parts[1] : ""
        query = FormFields(queryText.utf8)
        let contentType = head.headerFields[.contentType] ?? ""
        if MultipartForm.isNamed(in: contentType) {
            let upload = try? MultipartForm(body, contentType: contentType)
            self.upload = upload
            isMalformed = upload == nil
            form = upload.map { FormFields($0) } ?? FormFields([])
        } else {
            upload = nil
            isMalformed = false
            let isForm = contentType.lowercased().hasPrefix("application/x-www-form-urlencoded")
            form = FormFields(isForm ? body : [])
        }
        fields = head.headerFields
        host = head.authority ?? ""
        self.body = body
        isSecure = isHTTPS || !Self.isLoopback(host)
    }

    var segments: [Substring] {
        path.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
    }

    /// Where this page is, for coming back to it.
    var here: String { queryText.isEmpty ? String(path) : "\(path)?\(queryText)" }

    var language: Language {
        Language.of(
            chosen: cookie(Cookie.language), acceptLanguage: fields[.acceptLanguage])
    }

    /// The login that the browser sent; nil when there is none that could be one.
    var login: CredentialToken? {
        cookie(loginCookie).flatMap { try? CredentialToken(presented: $0) }
    }

    func cookie(_ name: String) -> String? {
        for line in fields[values: .cookie] {
            for pair in line.split(separator: ";") {
                let halves = pair.split(separator: "=", maxSplits: 1)
                guard halves.count == 2,
                    halves[0].trimmingCharacters(in: .whitespaces) == name
                else { continue }
                return halves[1].trimmingCharacters(in: .whitespaces)
            }
        }
        return nil
    }

    /// How far a stream's reader was told before it broke off.
    var lastEventID: String? { HTTPField.Name("Last-Event-ID").flatMap { fields[$0] } }

    /// Whether the asker says that it has what this tag stands for (RFC 9110 §13.1.2).
    func alreadyHas(_ tag: String) -> Bool {
        let given = fields[values: .ifNoneMatch].joined(separator: ",")
        return given.split(separator: ",").contains { each in
            let each = each.trimmingCharacters(in: .whitespaces)
            return each == "*" || each == tag || each == "W/\(tag)"
        }
    }

    /// Whether an open page asks by itself, and nobody clicked.
    var isRefresh: Bool {
        path == PageOperation.followChanges.path
            || HTTPField.Name("Aikatori-Refresh").flatMap { fields[$0] } == "live"
    }

    /// Whether a page of ours sent this: browsers say where a request comes from, and scripts of
    /// other sites cannot change what they say (Fetch Metadata; RFC 6454 §7).
    var isFromHere: Bool {
        if let site = HTTPField.Name("Sec-Fetch-Site").flatMap({ fields[$0] }) {
            return site == "same-origin"
        }
        guard let origin = fields[.origin] else { return true }
        return origin == "http://\(host)" || origin == "https://\(host)"
    }

    /// The change that a form asks for, once: its key and what came with it.
    var idempotency: IdempotencyKey? {
        guard let key = form.text("key"), key.utf8.count <= 64 else { return nil }
        var hash = SHA256()
        hash.update(data: Array("\(method) \(path)\n".utf8))
        if let upload {
            // Browsers draw a new boundary each time that the same form is sent.
            for part in upload.parts {
                let head = "\(part.name) \(part.isFile) \(part.content.count)\n"
                hash.update(data: Array(head.utf8) + part.content)
            }
        } else {
            hash.update(data: body)
        }
        return IdempotencyKey(key: key, bodyDigest: Array(hash.finalize()))
    }

    /// The bytes of the file in a field; nil where none was chosen.
    func file(_ name: String) -> [UInt8]? {
        guard let part = upload?.parts.first(where: { $0.isFile && $0.name == name }),
            !part.content.isEmpty
        else { return nil }
        return part.content
    }

    private static func isLoopback(_ host: String) -> Bool {
        let name = host.first == "[" ? host.prefix { $0 != "]" } + "]" : host.prefix { $0 != ":" }
        return ["localhost", "127.0.0.1", "[::1]"].contains(name)
    }
}

// MARK: - Cookies

enum Cookie {
    static let language = "aikatori_language"
    static let join = "aikatori_join"
    static let guest = "aikatori_guest"

    /// For a year: which language somebody reads is no secret.
    static func language(_ language: Language, isSecure: Bool) -> String {
        "\(Self.language)=\(language.rawValue); Path=/; Max-Age=31536000; HttpOnly; SameSite=Lax"
            + (isSecure ? "; Secure" : "")
    }
}

extension PageRequest {
    /// Browsers take a name that begins with `__Host-` only with `Secure`, for this host alone
    /// (RFC 6265bis §4.1.3). On loopback there is no TLS.
    private var loginCookie: String { isSecure ? "__Host-aikatori_login" : "aikatori_login" }

    private var browserCookie: String { isSecure ? "__Host-aikatori_browser" : "aikatori_browser" }

    /// The secret by which a browser is known that nobody is signed in on; nil where it has none.
    var browser: OneTimeSecret? { cookie(browserCookie).flatMap(OneTimeSecret.init(presented:)) }

    /// `Lax`, so that it is there when somebody comes back from a provider by a link.
    func settingBrowser(_ secret: OneTimeSecret) -> String {
        "\(browserCookie)=\(secret.text); Path=/; HttpOnly; SameSite=Lax"
            + (isSecure ? "; Secure" : "")
    }

    /// Where browsers find these pages: what the market was told, else this machine itself.
    func publicAddress(of market: Market) -> String? {
        market.surroundings.publicAddress ?? (isSecure ? nil : "http://\(host)")
    }

    /// Gone when the browser is closed, and before that by the login's own end.
    func settingLogin(_ value: String?) -> String {
        "\(loginCookie)=\(value ?? ""); Path=/; HttpOnly; SameSite=Lax"
            + (isSecure ? "; Secure" : "") + (value == nil ? "; Max-Age=0" : "")
    }
}
