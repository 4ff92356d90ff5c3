import FoundationEssentials
import JWTKit
import StrictJSON

/// The keys by which a provider's signatures are checked: its JWK set (RFC 7517 §5), without those
/// that are for something else or that we do not understand.
package struct ProviderKeys: Sendable {
    struct Key: Sendable {
        let id: String?
        let algorithms: Set<SigningAlgorithm>
        /// The members that make it: `n` and `e`, or `x` and `y`.
        let members: [String: String]
    }

    /// More keys than any provider has; more bytes than a sound key has.
    private static let most = 100
    private static let longestMember = 1_400

    let keys: [Key]

    /// Refused as `providerMisconfigured` where it is no set of keys. A key that cannot be used is
    /// left out, as RFC 7517 §5 says.
    package init(reading bytes: [UInt8]) throws(SignInRefusal) {
        guard let listed = (try? JSON.parse(bytes))?["keys"]?.elements, listed.count <= Self.most
        else { throw .providerMisconfigured }
        keys = listed.compactMap(Self.key)
    }

    /// Nil for a key for encryption, of another type, or with too little or too much in it.
    private static func key(_ json: JSON) -> Key? {
        guard json["use"].map({ $0.text == "sig" }) ?? true,
            json["key_ops"].map({ $0.elements?.contains("verify") == true }) ?? true,
            let type = json["kty"]?.text
        else { return nil }
        let curve = json["crv"]?.text
        var algorithms = Set(
            SigningAlgorithm.allCases.filter {
                $0.keyType.type == type && ($0.keyType.curve == nil || $0.keyType.curve == curve)
            })
        if let alg = json["alg"] { algorithms.formIntersection(named(alg.text)) }
        guard !algorithms.isEmpty else { return nil }
        var members: [String: String] = [:]
        for name in type == "RSA" ? ["n", "e"] : type == "EC" ? ["x", "y"] : ["x"] {
            guard let text = json[name]?.text, text.utf8.count <= longestMember else { return nil }
            members[name] = text
        }
        return Key(id: json["kid"]?.text, algorithms: algorithms, members: members)
    }

    private static func named(_ name: String?) -> [SigningAlgorithm] {
        name.flatMap(SigningAlgorithm.init(rawValue:)).map { [$0] } ?? []
    }

    /// The one that `id` names; without an `id` the only one that such a signature can be of.
    func find(_ id: String?, for algorithm: SigningAlgorithm) throws(IDTokenProblem) -> Key {
        let named = id.map { id in keys.filter { $0.id == id } } ?? keys
        if id != nil, named.isEmpty { throw .keyUnknown }
        let fitting = named.filter { $0.algorithms.contains(algorithm) }
        guard fitting.count == 1 else { throw .keyDoesNotFit }
        return fitting[0]
    }
}

extension ProviderKeys.Key {
    /// Whether the key's owner signed the bytes in this way.
    func verifies(
        _ signature: [UInt8], of message: [UInt8], by algorithm: SigningAlgorithm
    ) async -> Bool {
        do {
            let name = JWKIdentifier(string: "key")
            let collection = try await JWTKeyCollection().add(jwk: jwk(algorithm, name))
            return try await collection.getKey(for: name, alg: algorithm.rawValue)
                .verify(signature, signs: message)
        } catch {
            return false
        }
    }

    private func jwk(_ algorithm: SigningAlgorithm, _ name: JWKIdentifier) -> JWK {
        let jwtAlgorithm = JWK.Algorithm(rawValue: algorithm.rawValue)
        return switch algorithm {
        case .rs256, .rs384, .rs512, .ps256, .ps384, .ps512:
            .rsa(jwtAlgorithm, identifier: name, modulus: members["n"], exponent: members["e"])
        case .es256: ecdsa(jwtAlgorithm, name, .p256)
        case .es384: ecdsa(jwtAlgorithm, name, .p384)
        case .es512: ecdsa(jwtAlgorithm, name, .p521)
        case .edDSA:
            .octetKeyPair(
                jwtAlgorithm, identifier: name, x: members["x"], y: nil, curve: .ed25519)
        }
    }

    private func ecdsa(
        _ algorithm: JWK.Algorithm?, _ name: JWKIdentifier, _ curve: ECDSACurve
    ) -> JWK {
        .ecdsa(algorithm, identifier: name, x: members["x"], y: members["y"], curve: curve)
    }
}
