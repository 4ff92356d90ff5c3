/// Why nobody was signed in. Each has a page's text of its own; none carries what was sent, which
/// may be a secret or personal.
package enum SignInRefusal: String, Error, Hashable, Sendable, CaseIterable {
    // the organisation's provider, and the way to it
    /// No organisation signs in at a provider with addresses of this domain.
    case domainUnknown = "domain_unknown"
    /// It does not answer, or not as a provider does.
    case providerUnreachable = "provider_unreachable"
    /// What it says of itself cannot be, or is another provider's.
    case providerMisconfigured = "provider_misconfigured"
    /// It would not let the person in, or was not asked to.
    case providerRefused = "provider_refused"
    /// The way back was not begun here, not in this browser, was used already, or took too long.
    case attemptUnknown = "attempt_unknown"
    /// The answer comes from another provider than the one that was asked (RFC 9207).
    case issuerDiffers = "issuer_differs"
    /// The identity token does not hold: see `IDTokenProblem`.
    case identityNotProven = "identity_not_proven"
    /// The provider does not vouch for the person's e-mail address.
    case emailNotVerified = "email_not_verified"
    /// The address is not in a domain of the organisation.
    case emailElsewhere = "email_elsewhere"
    /// The organisation has no active member with this address.
    case memberUnknown = "member_unknown"
    /// The provider names no role that the organisation knows.
    case rolesUnknown = "roles_unknown"

    // the link by mail
    /// Used, too old, or never there.
    case linkUnknown = "link_unknown"

    // the second factor
    case codeWrong = "code_wrong"
    /// Too many wrong codes: wait.
    case codeLocked = "code_locked"

    /// The server is not told where it is, or how to send mail.
    case notSetUp = "not_set_up"
}
