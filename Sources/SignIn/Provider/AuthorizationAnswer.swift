/// What the browser brings back from the provider (RFC 6749 §4.1.2).
package struct AuthorizationAnswer: Sendable {
    package let state: String?
    private let code: String?
    private let issuer: String?

    package init(state: String?, code: String?, issuer: String?) {
        self.state = state
        self.code = code
        self.issuer = issuer
    }

    /// The code, when it comes from the provider that was asked: a provider that says that it names
    /// itself must, and what is named must be it (RFC 9207 §2.4).
    package func code(from provider: ProviderDescription) throws(SignInRefusal) -> String {
        guard issuer == provider.issuer.text || issuer == nil && !provider.namesItselfInAnswers
        else { throw .issuerDiffers }
        guard let code, (1...4_096).contains(code.utf8.count) else { throw .providerRefused }
        return code
    }
}
