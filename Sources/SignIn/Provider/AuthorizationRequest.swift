import Crypto
import MoneyAndTime

/// The question that the browser carries to the provider (OpenID Connect Core 1.0 §3.1.2.1), with
/// what proves afterwards that the answer is to it: PKCE (RFC 7636) and the nonce. Both are made
/// from the secret in the browser's own cookie and the state, so that nobody else has them and
/// nothing keeps them.
package struct AuthorizationRequest: Sendable {
    package let state: OneTimeSecret
    package let nonce: String
    /// 43 characters (RFC 7636 §4.1).
    package let verifier: String

    package init(state: OneTimeSecret, browser: OneTimeSecret) {
        self.state = state
        nonce = browser.derived(for: "nonce", about: state)
        verifier = browser.derived(for: "code verifier", about: state)
    }

    /// S256 (RFC 7636 §4.2).
    package static func challenge(of verifier: String) -> String {
        Base64URL.encode(Array(SHA256.hash(data: Array(verifier.utf8))))
    }

    /// Where the browser goes.
    package func address(
        at provider: ProviderDescription, clientID: String, scopes: [String], returningTo: String
    ) -> String {
        let fields = [
            ("response_type", "code"), ("client_id", clientID), ("redirect_uri", returningTo),
            ("scope", (["openid", "email", "profile"] + scopes).joined(separator: " ")),
            ("state", state.text), ("nonce", nonce),
            ("code_challenge", Self.challenge(of: verifier)), ("code_challenge_method", "S256"),
        ]
        let endpoint = provider.authorizationEndpoint
        return endpoint + (endpoint.contains("?") ? "&" : "?") + FormEncoding.encode(fields)
    }
}
