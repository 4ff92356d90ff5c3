import Marketplace
import MoneyAndTime
import Organisations
import SignIn
import Storage

/// A member's own account: who one is here, and the second factor.
enum AccountPages {
    static func show(_ visitor: Visitor) async throws -> PageReply {
        try await show(visitor, errors: FieldErrors())
    }

    private static func show(
        _ visitor: Visitor, errors: FieldErrors
    ) async throws -> PageReply {
        let login = try visitor.signedIn
        let account = try await visitor.market.ownAccount(visitor.loginDigest)
        var fields: [String: Any] = [
            "name": account.memberName, "email": account.email.text,
            "organisation": account.organisationName,
            "roles": Role.allCases.filter(account.roles.contains)
                .map { visitor.say("role_\($0.rawValue)") }.joined(separator: ", "),
        ]
        if !login.roles.isDisjoint(with: [.admin, .auditor]) { fields["may_see_settings"] = true }
        if !login.roles.isDisjoint(with: [.scheduler, .specialist, .admin, .auditor]) {
            fields["may_see_feeds"] = true
        }
        if !account.signsInByMail {
            fields["at_provider"] = true
        } else if let since = account.factorSince {
            fields["factor_on"] = [
                "since": visitor.say(
                    "factor_since", visitor.language.moment(since, in: login.zone)),
                "left": visitor.say("factor_codes_left", "\(account.recoveryCodesLeft)"),
                "code": TypedField(
                    id: "code", label: "factor_code", kind: .text, value: "",
                    hint: "link_code_hint", autocomplete: "one-time-code"
                ).fields(visitor, errors),
            ]
        } else {
            fields["factor_off"] = true
        }
        if visitor.request.query.text("done") == "removed" {
            fields["done"] = ["text": visitor.say("factor_done_removed")]
        }
        return try visitor.page(
            "account", title: visitor.say("account_title"), fields,
            status: errors.isEmpty ? 200 : 422, errors: errors)
    }

    static func beginSecondFactor(_ visitor: Visitor) async throws -> PageReply {
        try await visitor.market.beginSecondFactor(visitor.loginDigest)
        return .see("/account/second-factor")
    }

    static func showSecondFactor(_ visitor: Visitor) async throws -> PageReply {
        try await showSecondFactor(visitor, errors: FieldErrors())
    }

    private static func showSecondFactor(
        _ visitor: Visitor, errors: FieldErrors
    ) async throws -> PageReply {
        let account = try await visitor.market.ownAccount(visitor.loginDigest)
        if account.factorSince != nil { return .see("/account") }
        var fields: [String: Any] = [:]
        if account.mustHaveSecondFactor { fields["is_required"] = true }
        if let factor = try visitor.market.newSecondFactor(account) {
            fields["key"] = [
                "groups": factor.key.inGroups(of: 4), "address": factor.address,
                "code": TypedField(
                    id: "code", label: "factor_code", kind: .text, value: "",
                    hint: "factor_code_hint", autocomplete: "one-time-code"
                ).fields(visitor, errors),
            ]
        }
        return try visitor.page(
            "second_factor", title: visitor.say("factor_title"), fields,
            status: errors.isEmpty ? 200 : 422, errors: errors)
    }

    /// Shows the recovery codes, once: they are kept nowhere.
    static func confirmSecondFactor(_ visitor: Visitor) async throws -> PageReply {
        do {
            let codes = try await visitor.market.confirmSecondFactor(
                visitor.loginDigest, code: visitor.request.form.text("code") ?? "")
            return try visitor.page(
                "recovery_codes", title: visitor.say("recovery_title"),
                ["codes": codes.map { ["text": $0.text] }])
        } catch let refusal as SignInRefusal where refusal == .codeWrong {
            var errors = FieldErrors()
            errors.add("code", "error_code_wrong")
            return try await showSecondFactor(visitor, errors: errors)
        }
    }

    static func removeSecondFactor(_ visitor: Visitor) async throws -> PageReply {
        do {
            try await visitor.market.removeSecondFactor(
                visitor.loginDigest, code: visitor.request.form.text("code") ?? "")
            return .see("/account?done=removed")
        } catch let refusal as SignInRefusal
            where [.codeWrong, .codeLocked].contains(refusal)
        {
            var errors = FieldErrors()
            errors.add("code", "error_\(refusal.rawValue)")
            return try await show(visitor, errors: errors)
        }
    }
}

extension Visitor {
    /// By what the own account is asked for.
    fileprivate var loginDigest: CredentialDigest {
        get throws {
            guard let token = request.login else { throw Refusal(.credentialMissing) }
            return CredentialDigest(of: token)
        }
    }
}

extension String {
    /// With a blank after every so many characters, to be read aloud or typed.
    fileprivate func inGroups(of size: Int) -> String {
        let letters = Array(self)
        return stride(from: 0, to: letters.count, by: size)
            .map { String(letters[$0..<Swift.min($0 + size, letters.count)]) }
            .joined(separator: " ")
    }
}
