import Crypto
import Foundation
import Marketplace
import MoneyAndTime
import Organisations
import Storage
import StrictJSON

/// A demo organisation that asks something of the market.
struct DemoCaller: Sendable {
    let organisation: DemoOrganisation
    let id: OrganisationID
    let unit: UnitID
    private let tokens: [Role: CredentialToken]

    init(
        _ organisation: DemoOrganisation, _ added: AddedOrganisation,
        _ tokens: [Role: CredentialToken]
    ) {
        self.organisation = organisation
        self.tokens = tokens
        (id, unit) = (added.id, added.unit)
    }

    /// `key` is for the operations that want one.
    func request(_ operation: String, as role: Role, key: String? = nil) throws -> Request {
        guard let token = tokens[role] else { throw DemoTokens.Unreadable() }
        return Request(
            credential: CredentialDigest(of: token), operation: operation,
            idempotency: key.map {
                IdempotencyKey(key: $0, bodyDigest: Array(SHA256.hash(data: Data($0.utf8))))
            })
    }

    var entry: DemoTokens.Entry {
        DemoTokens.Entry(name: organisation.name, id: id, tokens: tokens)
    }
}

extension Answer {
    /// A text of the body; throws where the answer has another shape.
    func text(_ key: String) throws -> String {
        guard let text = body[key]?.text else { throw Missing(key: key) }
        return text
    }

    struct Missing: Error {
        let key: String
    }
}
