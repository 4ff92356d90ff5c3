import Logging
import MoneyAndTime
import Organisations
import Outgoing
import Postgres
import SignIn
import Storage

// Signing in at an organisation's own provider: to it with a question, back with the answer.

/// Somebody is signed in.
package struct SignedIn: Sendable {
    /// For the browser's cookie.
    package let token: CredentialToken
    /// Where the browser goes.
    package let next: String
}

extension Market {
    /// The organisation whose members with addresses of this domain sign in at its provider; nil
    /// where there is none.
    package func provider(of domain: EmailDomain) async throws -> FoundProvider? {
        try await asRefusals {
            try await database.read([FoundProvider.of(domain)]).atMostOne()
                .map(FoundProvider.init(row:))
        }
    }

    /// Where the browser goes to sign in. Throws `SignInRefusal`.
    package func startAtProvider(
        of domain: EmailDomain, browser: OneTimeSecret, returningTo address: String, next: String
    ) async throws -> String {
        guard let provider = try await provider(of: domain) else {
            throw SignInRefusal.domainUnknown
        }
        let description = try await reporting(provider) {
            try await surroundings.providers.description(of: provider.settings.issuer)
        }
        var random = SystemRandomNumberGenerator()
        let request = AuthorizationRequest(
            state: OneTimeSecret(using: &random), browser: browser)
        _ = try await asRefusals {
            try await database.write([
                TakenAttempt.begin(
                    request.state, at: provider.organisation, by: browser, next: next)
            ])
        }
        return request.address(
            at: description, clientID: provider.settings.clientID,
            scopes: provider.settings.scopes, returningTo: address)
    }

    /// Lets in whom the provider's answer proves. The attempt is used up, whatever the answer is.
    /// Throws `SignInRefusal`.
    package func returnFromProvider(
        _ answer: AuthorizationAnswer, browser: OneTimeSecret?, returningTo address: String
    ) async throws -> SignedIn {
        guard let state = answer.state.flatMap(OneTimeSecret.init(presented:)) else {
            throw SignInRefusal.attemptUnknown
        }
        let taken = try await asRefusals {
            try await database.write([TakenAttempt.take(state)]).atMostOne()
                .map(TakenAttempt.init(row:))
        }
        guard let taken, let browser, browser.digest == taken.browserDigest else {
            throw SignInRefusal.attemptUnknown
        }
        let provider = try await asRefusals {
            try await database.read([FoundProvider.of(taken.organisation)]).atMostOne()
                .map(FoundProvider.init(row:))
        }
        guard let provider else { throw SignInRefusal.domainUnknown }
        let member = try await reporting(provider) {
            let claims = try await proof(
                answer, provider, AuthorizationRequest(state: state, browser: browser),
                returningTo: address, now: taken.now)
            return try provider.member(claims)
        }
        let token = try Self.newToken()
        do {
            _ = try await asRefusals {
                try await database.write([
                    member.signIn(orAs: newID(), newID(), CredentialDigest(of: token))
                ])
            }
        } catch let refusal as Refusal where refusal.code == .notFound {
            throw SignInRefusal.memberUnknown
        }
        return SignedIn(token: token, next: taken.next)
    }

    /// Tells the log why a provider's answer does not count: of whom, only the organisation.
    private func reporting<Result>(
        _ provider: FoundProvider, _ body: () async throws -> Result
    ) async throws -> Result {
        func report(_ reason: String) {
            logger.warning(
                "nobody was signed in",
                metadata: ["organisation": "\(provider.organisation)", "reason": "\(reason)"])
        }
        do {
            return try await body()
        } catch let refusal as SignInRefusal {
            report(refusal.rawValue)
            throw refusal
        } catch let problem as IDTokenProblem {
            report(problem.rawValue)
            throw SignInRefusal.identityNotProven
        }
    }

    // MARK: The proof

    /// What the provider says of the person, once it is proven that it does. Throws
    /// `SignInRefusal` and `IDTokenProblem`.
    private func proof(
        _ answer: AuthorizationAnswer, _ provider: FoundProvider, _ asked: AuthorizationRequest,
        returningTo address: String, now: Instant
    ) async throws -> Claims {
        let settings = provider.settings
        let description = try await surroundings.providers.description(of: settings.issuer)
        let code = try answer.code(from: description)
        let secret = try settings.sealedClientSecret.map {
            try seals.open($0, for: .clientSecret, of: provider.organisation)
        }
        let request = TokenRequest(
            code: code, verifier: asked.verifier, returningTo: address,
            clientID: settings.clientID,
            clientSecret: secret.map { String(decoding: $0, as: UTF8.self) },
            secretInBody: description.wantsSecretInBody)
        let exchanged = try await exchange(request, at: description)
        let token = try IDToken(exchanged.idToken)
        let expected = IDToken.Expectation(
            issuer: settings.issuer, clientID: settings.clientID, nonce: asked.nonce,
            algorithms: description.algorithms, now: now)
        let claims = try await claims(of: token, from: description, expected)
        guard claims.lacks(rolesClaim: settings.roles?.claim),
            let endpoint = description.userInfoEndpoint, let access = exchanged.accessToken
        else { return claims }
        do {
            return try claims.adding(
                userInfo: await surroundings.http.get(
                    endpoint, authorization: "Bearer \(access)"))
        } catch let refusal as SignInRefusal {
            throw refusal
        } catch {
            throw SignInRefusal.providerUnreachable
        }
    }

    private func exchange(
        _ request: TokenRequest, at provider: ProviderDescription
    ) async throws(SignInRefusal) -> TokenAnswer {
        let bytes: [UInt8]
        do {
            bytes = try await surroundings.http.post(
                provider.tokenEndpoint, form: request.body, authorization: request.authorization)
        } catch {
            // A code that is used, or ours that is not known: 400 or 401 (RFC 6749 §5.2).
            if case .status(let status) = error, (400...401).contains(status) {
                throw .providerRefused
            }
            throw .providerUnreachable
        }
        return try TokenAnswer(reading: bytes)
    }

    /// Asks for the provider's keys again where the token's is not among those that we have.
    private func claims(
        of token: IDToken, from provider: ProviderDescription, _ expected: IDToken.Expectation
    ) async throws -> Claims {
        let library = surroundings.providers
        do {
            return try await token.proven(by: library.keys(of: provider), expected)
        } catch IDTokenProblem.keyUnknown {
            guard let changed = try await library.changedKeys(of: provider) else {
                throw IDTokenProblem.keyUnknown
            }
            return try await token.proven(by: changed, expected)
        }
    }
}

extension FoundProvider {
    /// Whom the claims are of, as far as the organisation's settings believe them.
    fileprivate func member(_ claims: Claims) throws -> ProvenMember {
        let email = try claims.email(in: domains)
        let own = String(email.text.prefix { $0 != "@" })
        // A name that cannot be one is left out.
        let named = claims.name.flatMap { name in
            try? Member(
                id: MemberID(bits: 0), organisation: organisation, name: name, email: email,
                roles: [.auditor])
        }
        return ProvenMember(
            organisation: organisation, email: email, name: named?.name ?? own,
            roles: try settings.roles.map { try claims.roles($0) })
    }
}
