/// Why something is not a signature, or not one to be trusted.
package enum SignatureRefusal: Error, Hashable {
    /// Not a JWS in general JSON form with one signature or two.
    case malformed(String)
    /// Not a JWK set of Ed25519 keys.
    case malformedKeys(String)
    /// Another algorithm than EdDSA over Ed25519.
    case unknownAlgorithm
    /// No key of this thumbprint is among the trusted ones.
    case unknownKey(String)
    /// The signature was not made by the key that it names, or not over these bytes.
    case wrongSignature(String)
    /// One key, or one party, signed twice.
    case signedTwice(String)
    /// The key is of an organisation that is no party of the contract.
    case keyOfAnother(String)
    /// The key says that it signed when it had been retired already.
    case keyRetired(String)
    /// What was signed are not the bytes that were expected.
    case payloadDiffers
    /// A key that is not 32 bytes, or not a point of the curve.
    case unusableKey
    /// The sealed key was changed, is of another owner, or was sealed under another master key.
    case sealBroken
}

extension SignatureRefusal: CustomStringConvertible {
    package var description: String {
        switch self {
        case .malformed(let what): "not a signed contract: \(what)"
        case .malformedKeys(let what): "not a set of keys: \(what)"
        case .unknownAlgorithm: "the signature's algorithm is not EdDSA"
        case .unknownKey(let thumbprint): "the key \(thumbprint) is not a trusted one"
        case .wrongSignature(let thumbprint): "the signature of the key \(thumbprint) is wrong"
        case .signedTwice(let thumbprint): "the key \(thumbprint) signed twice"
        case .keyOfAnother(let thumbprint): "the key \(thumbprint) is of neither party"
        case .keyRetired(let thumbprint): "the key \(thumbprint) was retired before it signed"
        case .payloadDiffers: "another document was signed"
        case .unusableKey: "not an Ed25519 key"
        case .sealBroken: "the sealed key cannot be opened"
        }
    }
}
