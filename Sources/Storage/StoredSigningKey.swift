import Contracts
import MoneyAndTime
import Postgres

/// A row of `organisation_key` as everyone may see it, or one of the market's own keys.
package struct StoredSigningKey: Sendable {
    package let published: PublishedKey
    /// Whether the market keeps the private half, and signs with it when it is asked to.
    package let isHeld: Bool

    package init(row: Row) throws {
        published = try PublishedKey(
            VerifyingKey(bytes: row["public_key", [UInt8].self]), of: row.decode("organisation"),
            createdAt: row.decode("created_at"), retiredAt: row.decode("retired_at"))
        isHeld = try row.decode("is_held")
    }

    /// A key of the market itself: a row of `StoredAuditCheckpoint.keys`.
    package init(ofMarket row: Row) throws {
        published = try PublishedKey(
            VerifyingKey(bytes: row["public_key", [UInt8].self]),
            createdAt: row.decode("created_at"), retiredAt: row.decode("retired_at"))
        isHeld = true
    }

    /// Of one organisation, or of all; oldest first.
    package static func all(of organisation: OrganisationID?) -> Query {
        "select * from public_keys(\(organisation)::uuid)"
    }

    /// The one that signs now; the private half is null where the organisation signs elsewhere.
    package static func current(of organisation: OrganisationID) -> Query {
        """
        select key_id, public_key, sealed_private_key from organisation_key
        where organisation = \(organisation) and retired_at is null
        """
    }

    /// Keys of an organisation are made one after the other.
    package static func lock(_ organisation: OrganisationID) -> Query {
        "select id from organisation where id = \(organisation) for no key update"
    }

    package static func insert(
        _ key: VerifyingKey, sealed: [UInt8]?, of organisation: OrganisationID
    ) -> Query {
        """
        insert into organisation_key (organisation, key_id, public_key, sealed_private_key)
        values (\(organisation), \(key.thumbprint), \(key.bytes), \(sealed))
        """
    }

    /// The key in use, if it is still there; `keyID` names it, or nil takes whichever it is.
    package static func retire(
        _ keyID: String?, of organisation: OrganisationID
    ) -> Query {
        """
        update organisation_key set retired_at = greatest(market_now(), created_at)
        where organisation = \(organisation) and retired_at is null
            and (\(keyID)::text is null or key_id = \(keyID)::text)
        returning key_id
        """
    }
}
