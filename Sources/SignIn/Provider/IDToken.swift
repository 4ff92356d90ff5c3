import MoneyAndTime
import StrictJSON

/// An identity token in the compact form (RFC 7515 §3.1), taken apart and not yet believed.
package struct IDToken: Sendable {
    /// How far two clocks may be apart, in seconds.
    package static let leeway: Int64 = 60
    /// How old a token may be that was just asked for, in seconds.
    package static let oldest: Int64 = 600
    /// More than any has.
    package static let longest = 65_536

    let algorithm: SigningAlgorithm
    let keyID: String?
    private let signed: [UInt8]
    private let signature: [UInt8]
    private let claims: JSON

    package init(_ text: String) throws(IDTokenProblem) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard text.utf8.count <= Self.longest, parts.count == 3,
            let head = Base64URL.decode(parts[0]), let header = try? JSON.parse(head),
            let body = Base64URL.decode(parts[1]), let claims = try? JSON.parse(body),
            let signature = Base64URL.decode(parts[2]), claims.members != nil
        else { throw .malformed }
        // Extensions that must be understood: none is (RFC 7515 §4.1.11).
        guard header["crit"] == nil, header["typ"]?.text?.uppercased() ?? "JWT" == "JWT" else {
            throw .malformed
        }
        guard let algorithm = header["alg"]?.text.flatMap(SigningAlgorithm.init(rawValue:)) else {
            throw .algorithmRefused
        }
        self.algorithm = algorithm
        keyID = header["kid"]?.text
        signed = Array("\(parts[0]).\(parts[1])".utf8)
        self.signature = signature
        self.claims = claims
    }

    /// What a token must say, and when.
    package struct Expectation: Sendable {
        package let issuer: WebAddress
        package let clientID: String
        package let nonce: String
        package let algorithms: Set<SigningAlgorithm>
        package let now: Instant

        package init(
            issuer: WebAddress, clientID: String, nonce: String,
            algorithms: Set<SigningAlgorithm>, now: Instant
        ) {
            self.issuer = issuer
            self.clientID = clientID
            self.nonce = nonce
            self.algorithms = algorithms
            self.now = now
        }
    }

    /// Its claims, once all of OpenID Connect Core 1.0 §3.1.3.7 holds. Throws `IDTokenProblem`.
    package func proven(by keys: ProviderKeys, _ expected: Expectation) async throws -> Claims {
        guard expected.algorithms.contains(algorithm) else {
            throw IDTokenProblem.algorithmRefused
        }
        let key = try keys.find(keyID, for: algorithm)
        guard await key.verifies(signature, of: signed, by: algorithm) else {
            throw IDTokenProblem.signatureWrong
        }
        try check(expected)
        guard let subject = claims["sub"]?.text, (1...255).contains(subject.utf8.count) else {
            throw IDTokenProblem.malformed
        }
        return Claims(subject: subject, json: claims)
    }

    private func check(_ expected: Expectation) throws(IDTokenProblem) {
        guard claims["iss"]?.text == expected.issuer.text else { throw .issuerWrong }
        let audience =
            claims["aud"]?.text.map { [$0] } ?? claims["aud"]?.elements?.map { $0.text ?? "" } ?? []
        // For us, and for nobody else: we trust no other audience.
        guard !audience.isEmpty, audience.allSatisfy({ $0 == expected.clientID }) else {
            throw .audienceWrong
        }
        if let party = claims["azp"], party.text != expected.clientID {
            throw .authorizedPartyWrong
        }
        let now = expected.now.secondsSince1970
        guard let expiry = claims["exp"]?.seconds, let issued = claims["iat"]?.seconds else {
            throw .malformed
        }
        guard now < expiry + Self.leeway else { throw .expired }
        if let start = claims["nbf"] {
            guard let start = start.seconds else { throw .malformed }
            guard start <= now + Self.leeway else { throw .notYetValid }
        }
        guard issued <= now + Self.leeway, now - Self.oldest - Self.leeway <= issued else {
            throw .issuedAtWrong
        }
        guard claims["nonce"]?.text == expected.nonce else { throw .nonceWrong }
    }
}

extension JSON {
    /// A NumericDate (RFC 7519 §2) in whole seconds; nil for what is none, or lies beyond all
    /// calendars.
    fileprivate var seconds: Int64? {
        guard case .number(let number) = self, !number.text.lowercased().contains("e") else {
            return nil
        }
        return Int64(number.text.prefix { $0 != "." }).flatMap {
            (0...253_402_300_799).contains($0) ? $0 : nil
        }
    }
}
