import StrictJSON

/// What a provider says of itself at `.well-known/openid-configuration` (OpenID Connect Discovery
/// 1.0 §3), as far as we use it.
package struct ProviderDescription: Hashable, Sendable {
    package let issuer: WebAddress
    /// These may hold a query (RFC 6749 §3.1).
    package let authorizationEndpoint: String
    package let tokenEndpoint: String
    package let userInfoEndpoint: String?
    package let keysAddress: String
    /// The signatures of identity tokens that it may make and we understand.
    package let algorithms: Set<SigningAlgorithm>
    /// Whether the client's secret goes into the body, because the header is not offered.
    package let wantsSecretInBody: Bool
    /// Whether its answers name their issuer (RFC 9207 §3).
    package let namesItselfInAnswers: Bool

    /// Where it is found.
    package static func address(of issuer: WebAddress) -> String {
        "\(issuer.withoutSlash)/.well-known/openid-configuration"
    }

    /// Refused as `providerMisconfigured`: another issuer than the one asked, no code flow, no
    /// S256, no signature that we take, or an address that is neither https nor, for a provider on
    /// this machine itself, on this machine.
    package init(reading bytes: [UInt8], of issuer: WebAddress) throws(SignInRefusal) {
        guard let json = try? JSON.parse(bytes), json["issuer"]?.text == issuer.text,
            json.listed("response_types_supported", unless: ["code"]).contains("code"),
            json.listed("code_challenge_methods_supported", unless: ["S256"]).contains("S256")
        else { throw .providerMisconfigured }
        func endpoint(_ name: String) throws(SignInRefusal) -> String? {
            guard let text = json[name]?.text else { return nil }
            let address = String(text.prefix { $0 != "?" })
            guard (try? WebAddress(address, allowingLoopback: issuer.isLoopback)) != nil,
                text.utf8.count <= 2_000, text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }),
                !text.utf8.contains(UInt8(ascii: "#"))
            else { throw .providerMisconfigured }
            return text
        }
        guard let authorization = try endpoint("authorization_endpoint"),
            let token = try endpoint("token_endpoint"), let keys = try endpoint("jwks_uri")
        else { throw .providerMisconfigured }
        self.issuer = issuer
        authorizationEndpoint = authorization
        tokenEndpoint = token
        keysAddress = keys
        userInfoEndpoint = try endpoint("userinfo_endpoint")
        algorithms = Set(
            json.listed("id_token_signing_alg_values_supported", unless: ["RS256"])
                .compactMap(SigningAlgorithm.init(rawValue:)))
        guard !algorithms.isEmpty else { throw .providerMisconfigured }
        // The header is what every provider has to know (RFC 6749 §2.3.1).
        let methods = json.listed(
            "token_endpoint_auth_methods_supported", unless: ["client_secret_basic"])
        wantsSecretInBody =
            !methods.contains("client_secret_basic") && methods.contains("client_secret_post")
        namesItselfInAnswers =
            json["authorization_response_iss_parameter_supported"]?.flag == true
    }
}

extension JSON {
    /// The texts of a list, or what holds where there is none.
    fileprivate func listed(_ name: String, unless unlisted: [String]) -> [String] {
        self[name]?.elements.map { $0.compactMap(\.text) } ?? unlisted
    }
}
