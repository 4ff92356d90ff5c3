import Foundation
import Marketplace
import MoneyAndTime
import Organisations
import SignIn
import Storage
import StrictJSON

/// How an organisation's members sign in: at its own provider, or by a link by mail.
enum SignInSettingsPages {
    static func show(_ visitor: Visitor) async throws -> PageReply {
        let settings = try await visitor.market.signInSettings(
            visitor.asking("getSignInSettings")
        ).body
        return try show(visitor, SignInForm(stored: settings), errors: FieldErrors(), status: 200)
    }

    private static func show(
        _ visitor: Visitor, _ form: SignInForm, errors: FieldErrors, status: Int
    ) throws -> PageReply {
        var fields = form.fields(visitor, errors)
        if let address = visitor.request.publicAddress(of: visitor.market) {
            fields["return_address"] = ["text": address + ProviderPages.returnPath]
        }
        if try visitor.signedIn.roles.contains(.admin) { fields["may_save"] = true }
        if visitor.request.query.text("done") == "saved" {
            fields["done"] = ["text": visitor.say("settings_done_saved")]
        }
        return try visitor.page(
            "sign_in_settings", title: visitor.say("settings_title"), fields, status: status,
            errors: errors)
    }

    static func save(_ visitor: Visitor) async throws -> PageReply {
        let form = SignInForm(typed: visitor.request.form)
        var errors = FieldErrors()
        guard let revision = form.revision.flatMap({ Int64($0) }) else { throw InvalidLink() }
        if let settings = form.settings(&errors) {
            do {
                _ = try await visitor.market.updateSignInSettings(
                    visitor.asking("updateSignInSettings"), revision: revision, settings)
                return .see("/settings/sign-in?done=saved")
            } catch let refusal as Refusal where refusal.code == .domainTaken {
                errors.add("domains", "refusal_domain_taken")
            } catch let refusal as Refusal where refusal.code == .revisionDiffers {
                errors.add(nil, "refusal_revision_differs")
            } catch let input as InvalidInput
                where input.problems.first?.pointer == "/provider/issuer"
            {
                errors.add("issuer", "error_issuer")
            }
        }
        return try show(visitor, form, errors: errors, status: 422)
    }
}

/// What is typed into the page, as text.
private struct SignInForm {
    let revision: String?
    private let isAtProvider: Bool
    private let texts: [String: String]
    private let hasSecret: Bool
    private let rolesFromClaim: Bool
    private let requiresSecondFactor: Bool

    private static let names =
        ["issuer", "client_id", "client_secret", "domains", "scopes", "claim"]
        + Role.allCases.map { "values_\($0.rawValue)" }

    init(typed form: FormFields) {
        revision = form.text("revision")
        isAtProvider = form.text("by") == "provider"
        texts = Dictionary(
            uniqueKeysWithValues: Self.names.map { ($0, form.text($0) ?? "") })
        hasSecret = form.text("has_secret") == "yes"
        rolesFromClaim = form.text("roles_from") == "claim"
        requiresSecondFactor = form.text("requires_second_factor") == "yes"
    }

    init(stored settings: JSON) {
        let provider = settings["provider"]
        let roles = provider?["roles"]
        func lines(_ list: JSON?) -> String {
            (list?.elements ?? []).compactMap(\.text).joined(separator: ", ")
        }
        var texts = [
            "issuer": provider?["issuer"]?.text ?? "",
            "client_id": provider?["client_id"]?.text ?? "",
            "domains": lines(settings["domains"]), "scopes": lines(provider?["scopes"]),
            "claim": roles?["claim"]?.text ?? "",
        ]
        for role in Role.allCases {
            texts["values_\(role.rawValue)"] = lines(roles?["values"]?[role.rawValue])
        }
        self.texts = texts
        revision = settings["revision"]?.integer.map { "\($0)" }
        isAtProvider = provider?.members != nil
        hasSecret = provider?["has_client_secret"]?.flag == true
        rolesFromClaim = roles?.members != nil
        requiresSecondFactor = settings["requires_second_factor"]?.flag == true
    }

    // MARK: What it means

    /// Nil where something has to be corrected.
    func settings(_ errors: inout FieldErrors) -> NewSignInSettings? {
        let domains = list("domains").compactMap { text in
            errors.read("domains", "error_domains") { try EmailDomain(text.lowercased()) }
        }
        guard isAtProvider else {
            return NewSignInSettings(
                provider: nil, domains: [], requiresSecondFactor: requiresSecondFactor)
        }
        for name in ["issuer", "client_id", "domains"] where text(name).isEmpty {
            errors.add(name, "error_\(name)")
        }
        if text("client_id").count > 200 || !isVisible("client_id") {
            errors.add("client_id", "error_client_id")
        }
        if domains.count > 50 { errors.add("domains", "error_domains") }
        if text("client_secret").count > 1_000 || !isVisible("client_secret") {
            errors.add("client_secret", "error_client_secret")
        }
        let scopes = list("scopes")
        if scopes.count > 20 || !scopes.allSatisfy(Self.isScope) {
            errors.add("scopes", "error_scopes")
        }
        let roles = roles(&errors)
        guard errors.isEmpty else { return nil }
        return NewSignInSettings(
            provider: .init(
                issuer: text("issuer"), clientID: text("client_id"),
                clientSecret: text("client_secret").isEmpty ? nil : text("client_secret"),
                scopes: scopes, roles: roles),
            domains: Set(domains), requiresSecondFactor: requiresSecondFactor)
    }

    private func roles(_ errors: inout FieldErrors) -> RoleMapping? {
        guard rolesFromClaim else { return nil }
        let values = Role.allCases.map { ($0, Set(list("values_\($0.rawValue)"))) }
        do {
            return try RoleMapping(
                claim: text("claim"), values: Dictionary(uniqueKeysWithValues: values))
        } catch {
            let field = error == .claim ? "claim" : "values_\(Role.allCases[0].rawValue)"
            errors.add(field, error == .claim ? "error_claim" : "error_values")
            return nil
        }
    }

    private func text(_ name: String) -> String { texts[name] ?? "" }

    private func isVisible(_ name: String) -> Bool {
        text(name).utf8.allSatisfy { (0x20...0x7E).contains($0) }
    }

    /// What stands between commas and line ends.
    private func list(_ name: String) -> [String] {
        text(name).split { $0 == "," || $0.isNewline }
            .map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
    }

    private static func isScope(_ text: String) -> Bool {
        text.utf8.count <= 100
            && text.utf8.allSatisfy { (0x21...0x7E).contains($0) && !"\"\\".utf8.contains($0) }
    }

    // MARK: As the page reads it

    func fields(_ visitor: Visitor, _ errors: FieldErrors) -> [String: Any] {
        func typed(_ id: String, hint: Bool = true) -> [String: Any] {
            TypedField(
                id: id, label: "settings_\(id)", kind: .text, value: text(id),
                hint: hint ? "settings_\(id)_hint" : nil
            ).fields(visitor, errors)
        }
        var fields: [String: Any] = [
            "revision": revision ?? "",
            "by": Choice.field(
                "by", visitor.say("settings_by"),
                [
                    Choice("mail", visitor.say("settings_by_mail")),
                    Choice("provider", visitor.say("settings_by_provider")),
                ], selected: isAtProvider ? "provider" : "mail"),
            "issuer": typed("issuer"),
            "client_id": typed("client_id", hint: false),
            "client_secret": typed("client_secret"),
            "domains": typed("domains"),
            "scopes": typed("scopes"),
            "roles_from": Choice.field(
                "roles_from", visitor.say("settings_roles_from"),
                [
                    Choice("members", visitor.say("settings_roles_from_members")),
                    Choice("claim", visitor.say("settings_roles_from_claim")),
                ], selected: rolesFromClaim ? "claim" : "members"),
            "claim": typed("claim"),
            "values": Role.allCases.map { role -> [String: Any] in
                TypedField(
                    id: "values_\(role.rawValue)", label: "role_\(role.rawValue)", kind: .text,
                    value: text("values_\(role.rawValue)")
                ).fields(visitor, errors)
            },
        ]
        if isAtProvider || !errors.isEmpty { fields["provider_open"] = true }
        if hasSecret { fields["has_secret"] = true }
        if requiresSecondFactor { fields["requires_second_factor"] = true }
        return fields
    }
}
