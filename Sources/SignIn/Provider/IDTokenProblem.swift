/// What is wrong with an identity token; for the log, which a person who was refused can be helped
/// with. OpenID Connect Core 1.0 §3.1.3.7 says what must hold.
package enum IDTokenProblem: String, Error, Hashable, Sendable, CaseIterable {
    case malformed
    /// `none`, a code that both sides can make, or what the provider does not say it uses.
    case algorithmRefused = "algorithm_refused"
    /// The provider's keys do not have it: they may have changed.
    case keyUnknown = "key_unknown"
    /// It is for something else.
    case keyDoesNotFit = "key_does_not_fit"
    case signatureWrong = "signature_wrong"
    case issuerWrong = "issuer_wrong"
    case audienceWrong = "audience_wrong"
    case authorizedPartyWrong = "authorized_party_wrong"
    case expired
    case notYetValid = "not_yet_valid"
    case issuedAtWrong = "issued_at_wrong"
    case nonceWrong = "nonce_wrong"
}
