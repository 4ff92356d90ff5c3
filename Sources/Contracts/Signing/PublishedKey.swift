import MoneyAndTime
import StrictJSON

/// A public key as a JWK set tells it: whose it is, and in which time it signs. Retired keys stay
/// in the set, so that old signatures can be checked.
package struct PublishedKey: Hashable, Sendable {
    package let key: VerifyingKey
    /// Nil in a set from elsewhere that does not say it.
    package let organisation: OrganisationID?
    package let createdAt: Instant?
    /// From then on it signs nothing.
    package let retiredAt: Instant?

    package init(
        _ key: VerifyingKey, of organisation: OrganisationID? = nil, createdAt: Instant? = nil,
        retiredAt: Instant? = nil
    ) {
        self.key = key
        self.organisation = organisation
        self.createdAt = createdAt
        self.retiredAt = retiredAt
    }

    /// Reads a JWK (RFC 8037 §2) with the members of ours where they are. Other members are
    /// allowed (RFC 7517 §4) and not believed.
    package init(jwk: JSON) throws(SignatureRefusal) {
        func optional<Value>(
            _ name: String, _ read: (String) throws -> Value
        ) throws(SignatureRefusal) -> Value? {
            guard let member = jwk[name], !member.isNull else { return nil }
            guard let text = member.text, let value = try? read(text) else {
                throw .malformedKeys("\(name) of a key cannot be read")
            }
            return value
        }
        try self.init(
            VerifyingKey(jwk: jwk),
            of: optional("organisation") { try OrganisationID(typeID: $0) },
            createdAt: optional("created_at") { try Instant(rfc3339: $0) },
            retiredAt: optional("retired_at") { try Instant(rfc3339: $0) })
    }

    package var jwk: JSON {
        var members = key.jwk.members ?? [:]
        members["organisation"] = JSON(organisation?.description)
        members["created_at"] = JSON(createdAt?.rfc3339)
        members["retired_at"] = JSON(retiredAt?.rfc3339)
        return .object(members)
    }

    /// Reads a JWK set (RFC 7517 §5). Keys of other kinds are passed over; one of ours that
    /// cannot be read is an error, and so are two that are one.
    package static func set(_ json: JSON) throws(SignatureRefusal) -> [PublishedKey] {
        guard let elements = json["keys"]?.elements else {
            throw .malformedKeys("a JWK set has a member keys, which is an array")
        }
        var keys: [PublishedKey] = []
        for element in elements where element["crv"]?.text == "Ed25519" {
            let key = try PublishedKey(jwk: element)
            guard !keys.contains(where: { $0.key == key.key }) else {
                throw .malformedKeys("the key \(key.key.thumbprint) is there twice")
            }
            keys.append(key)
        }
        return keys
    }

    package static func set(_ keys: [PublishedKey]) -> JSON {
        ["keys": .array(keys.map(\.jwk))]
    }
}
